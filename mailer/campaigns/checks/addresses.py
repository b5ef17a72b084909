"""Rules about addresses that were asked in the background: those that don’t work, and those that
nobody could ask. One that was not asked yet has not passed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule
from mailer.fetching.asking import Answered

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class BrokenAddress(IssueRule):
    """A link or a picture that leads nowhere any more."""

    code, level = "LNK2", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        waiting: set[str] = set()
        for spot, url in facts.reading.web_addresses:
            kept = facts.addresses.get(url)
            if kept is None or kept.answered == Answered.NOT_ASKED:
                waiting.add(url)
            elif kept.answered == Answered.BROKEN:
                ago = ago_words(facts.now - kept.checked_at)
                message = f"This address doesn’t work: {kept.sentence} (checked {ago})"
                yield self.at(spot, message, about=url)
        if waiting:
            number, verb = len(waiting), "wasn’t" if len(waiting) == 1 else "weren’t"
            noun = "address" if number == 1 else "addresses"
            yield self.unchecked(f"{number} {noun} of links and pictures {verb} checked yet.")


class UncheckableAddresses(IssueRule):
    """Sites that keep programs out say nothing of what people would see."""

    code, level = "LNK7", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        blocked = sorted(
            {
                url
                for _, url in facts.reading.web_addresses
                if (kept := facts.addresses.get(url)) and kept.answered == Answered.BLOCKED
            }
        )
        if blocked:
            one = len(blocked) == 1
            links = (
                "1 link because the site blocks"
                if one
                else f"{len(blocked)} links because the sites block"
            )
            rest = (
                "Click it in your test and it’ll be ticked."
                if one
                else "Click them in your test and they’ll be ticked."
            )
            message = f"We couldn’t check {links} checkers. {rest}"
            yield self.of("", message, about=" ".join(blocked))


def ago_words(passed: timedelta) -> str:
    """How long ago, roughly: 3 min ago."""
    if passed < _HOUR:
        return f"{max(0, int(passed.total_seconds() // 60))} min ago"
    if passed < _DAY:
        hours = passed // _HOUR
        return f"{hours} hour{'' if hours == 1 else 's'} ago"
    days = passed // _DAY
    return f"{days} day{'' if days == 1 else 's'} ago"
