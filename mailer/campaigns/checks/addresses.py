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
    """Sites that keep programs out say nothing of what people would see: a person has to look, and
    says so with name and time. A click in a test says less, since mail filters follow links too."""

    code, level = "LNK7", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        said: set[str] = set()
        for spot, url in facts.reading.web_addresses:
            kept = facts.addresses.get(url)
            if kept and kept.answered == Answered.BLOCKED and url not in said:
                said.add(url)
                message = (
                    f"We couldn’t check {url}: its site blocks checkers. "
                    "Open it from your test, and say here that it’s fine if it works."
                )
                yield self.at(spot, message, about=url)


def ago_words(passed: timedelta) -> str:
    """How long ago, roughly: 3 min ago."""
    if passed < _HOUR:
        return f"{max(0, int(passed.total_seconds() // 60))} min ago"
    if passed < _DAY:
        hours = passed // _HOUR
        return f"{hours} hour{'' if hours == 1 else 's'} ago"
    days = passed // _DAY
    return f"{days} day{'' if days == 1 else 's'} ago"
