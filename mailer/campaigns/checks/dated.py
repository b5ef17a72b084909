"""Rules about dates: what is over, or from another month, by the time an issue goes out."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Final

from mailer.authoring.blocks.chair import ChairsMessage
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.quote import Quote
from mailer.authoring.blocks.structure import Footer, Masthead
from mailer.authoring.checks import where
from mailer.authoring.text import dates
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.reading import Spot
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule
from mailer.domains.findings import listed

_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_EARLY: Final = timedelta(days=7)  # an issue of the month that begins within a week
_DAY: Final = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|\d{1,2}\s+(?:ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd"
    r"|rhagfyr)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:last|next|this)\s+(?:week|month)|yesterday|tomorrow)\b",
    re.IGNORECASE,
)
_ALIKE: Final = ("en-GB", "cy")


class MastheadOfAnotherMonth(IssueRule):
    """Last month’s masthead on this month’s issue.

    One of a month to come is only wrong once there is a time, which is more than a week before it.
    """

    code, level = "DATE1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        out = dates.seen(facts.goes_out_at).day
        for each in facts.reading.words:
            masthead = each.spot.field == "date" and facts.reading.block(each.spot.block)
            if not masthead or masthead.type != "masthead" or not (first := month_in(each.text)):
                continue
            past = (first.year, first.month) < (out.year, out.month)
            ahead = facts.campaign.send_wall is not None and out < first - _EARLY
            if past or ahead:
                message = (
                    f"The masthead says {each.text[:40]}; this goes out on {dates.date_words(out)}."
                )
                yield self.at(each.spot, message, about=each.text)


class DeadlineBefore(IssueRule):
    """A call that nobody can answer any more."""

    code, level = "DATE2", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        blocks = facts.reading.document.blocks
        for place, block in enumerate(blocks, start=1):
            named = where(block, place)
            for name, _ in block.problems_at(facts.goes_out_at):
                written = getattr(block, name)
                end = dates.read(written)
                day = f"{end.day.day} {end.day:%B}" if end else written
                message = f"The deadline in {named} ({day}) is before this goes out."
                yield self.at(Spot(block.id, named, name), message, about=written)


class EventOver(IssueRule):
    """An event that nobody can come to."""

    code, level = "EVT1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        out = facts.goes_out_at
        for place, block in enumerate(facts.reading.document.blocks, start=1):
            if not isinstance(block, EventList):
                continue
            named = where(block, place)
            for number, event in enumerate(block.events):
                if event.is_over(out):
                    message = f"“{event.title[:60]}” will be over before this goes out."
                    spot = Spot(block.id, named, f"events.{number}.start")
                    yield self.at(spot, message, about=event.end or event.start)


class DatedTextOfLastIssue(IssueRule):
    """Words with a day in them that nobody has touched since the last issue."""

    code, level = "DATE3", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.last is None:
            return
        for each in facts.reading.words:
            if each.text in facts.last.texts and (day := names_a_day(each.text)):
                message = f"“{day}” is from {facts.last.month}’s issue. Still right?"
                yield self.at(each.spot, message, about=each.text)


class BeforeAnElection(IssueRule):
    """Councils publish with special care in the weeks before an election."""

    code, level = "CAL1", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        out = dates.seen(facts.goes_out_at).day
        for each in facts.periods:
            if each.first_day <= out <= each.last_day:
                blocks = self._blocks(facts)
                named = f" They may be in {listed(list(blocks.values()))}." if blocks else ""
                message = (
                    f"Sending during a pre-election period in {each.words}: check quotes and "
                    f"photos of candidates.{named}"
                )
                about = " ".join((str(each.id), str(each.last_day), *blocks))
                yield self.of("send_wall", message, about=about)

    def _blocks(self, facts: IssueFacts) -> dict[str, str]:
        """The blocks that quote or picture somebody: what they show, and how people know them."""
        shown: dict[str, str] = {}
        for each in facts.reading.pictures:
            shown[each.spot.block] = shown.get(each.spot.block, "") + each.url
        found = {}
        for place, block in enumerate(facts.reading.document.blocks, start=1):
            if isinstance(block, Masthead | Footer):
                continue
            said = block.quote if isinstance(block, Quote) else ""
            said = block.text if isinstance(block, ChairsMessage) else said
            if said or block.id in shown:
                found[f"{block.id} {said} {shown.get(block.id, '')}"] = where(block, place)
        return found


def month_in(text: str) -> date | None:
    """The month and year that a line names, in English or Welsh; None where it names none."""
    year = _YEAR.search(text)
    if year is None:
        return None
    words = re.findall(r"[^\W\d_]+", text.casefold())
    number = next((_months()[word] for word in words if word in _months()), None)
    return date(int(year[0]), number, 1) if number else None


def names_a_day(text: str) -> str:
    """The first words in a text that name a day or a month beside another, in English or Welsh; ""
    where there are none."""
    found = _DAY.search(text)
    return found[0] if found else ""


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in _ALIKE:
        for number in range(1, 13):
            day = date(2026, number, 1)
            whole = dates.date_words(day, language).split()[1].casefold()
            found[whole] = found[dates.short_month(day, language).casefold()] = number
    return found
