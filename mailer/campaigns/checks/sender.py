"""Rules about what surrounds the words: sender, footer, size, colours, headings, the test."""

from collections.abc import Iterator
from typing import Final

from mailer.authoring.blocks.columns import TwoColumns
from mailer.authoring.brand import contrast_of
from mailer.authoring.text.markdown import Open, events
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule
from mailer.composition import sizing
from mailer.models import Campaign
from mailer.settings.environment import Gate

_READABLE: Final = 4.5  # WCAG 2.2, 1.4.3


def tested(campaign: Campaign) -> bool:
    """Whether a test of this version was sent."""
    return campaign.tested_version == campaign.version


class UnverifiedSender(IssueRule):
    """A sender whom receivers can’t tell from a forger. Where that only warns, it is to look at."""

    code, level = "SND1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.gate is Gate.OPEN or facts.obstacle is None:
            return
        if not facts.domain_checked:
            yield self.unchecked(f"Whether emails from @{facts.domain} can be verified.")
            return
        message = f"Emails from @{facts.domain} can’t be verified (SPF/DKIM). Ask an admin."
        level = FIX if facts.gate is Gate.ENFORCE else LOOK
        yield CheckFinding(self.code, level, message, where="Sender", about=facts.domain)


class NoPostalAddress(IssueRule):
    """The law of most places wants one in every mail."""

    code, level = "FTR1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if not facts.has_postal_address:
            yield self.of("", "The postal address is missing in Settings.")


class TooLarge(IssueRule):
    """Gmail cuts a mail off, and the way to unsubscribe with it."""

    code, level = "SIZ1", FIX
    measures = True

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.measured is None:
            yield self.unchecked("How large the email is.", field="blocks")
        elif facts.measured.octets >= sizing.REFUSE_FROM:
            yield self.of("blocks", sizing.sentence(facts.measured.octets))


class FaintColours(IssueRule):
    """An accent that can’t be read; none can be chosen, but one may have been kept."""

    code, level = "CON1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        worst = contrast_of(facts.accent)
        if worst < _READABLE:
            shown = int(worst * 10) / 10  # never rounded up to what would be enough
            message = (
                f"This text would be hard to read on this background ({shown} : 1, needs 4.5 : 1)."
            )
            yield self.of("accent", message, where="Brand", about=facts.accent)


class SkippedHeading(IssueRule):
    """Headings are how people who can’t see a mail find their way in it."""

    code, level = "HDG1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        last, after = 1, "Masthead"
        for block in facts.reading.document.blocks:
            level, title = block.markdown_heading(), block.listed_as()
            if isinstance(block, TwoColumns) and not title:
                title = next((each.heading for each in block.columns if each.heading), "")
            if title:  # whatever has a heading of its own has the small ones right below it
                last, after = level - 1, title
            for each in facts.reading.words:
                if each.spot.block == block.id and each.rich and _has_small_heading(each.text):
                    if level > last + 1:
                        yield self.at(each.spot, f"Headings skip a level after “{after[:60]}”.")
                    last = level


def _has_small_heading(text: str) -> bool:
    return any(isinstance(each, Open) and each.tag == "h" for each in events(text))


class NotTested(IssueRule):
    """Nobody has seen this version in an inbox."""

    code, level = "TST1", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if not tested(facts.campaign):
            about = str(facts.campaign.version)
            yield self.of("", "You haven’t sent a test of this version.", about=about)
