"""Rules about who gets an issue, and what each of them sees of it."""

import re
from collections.abc import Iterator
from typing import Final

from mailer.authoring.text.merging import NAMES
from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.reading import IssueReading, Spot
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule

_WITHOUT: Final = re.compile(r"\{\{ *(" + "|".join(NAMES) + r") *(?:\| *)?\}\}")
_FEW_BLOCKS: Final = 3
_MUCH: Final = 20  # per cent more


def without_fallback(text: str) -> set[str]:
    """The names of the merge fields in a text that have no fallback words."""
    return set(_WITHOUT.findall(text))


class MergeFieldWithoutFallback(IssueRule):
    """“Dear ,” is what people without a name would read."""

    code, level = "MRG1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        around = (
            (Spot("", "Subject", "subject"), facts.campaign.subject),
            (Spot("", "Preview text", "preview_text"), facts.campaign.preview_text),
        )
        for spot, text in (*around, *((each.spot, each.text) for each in facts.reading.words)):
            for name in sorted(without_fallback(text)):
                message = f"{{{NAMES[name]}}} has no fallback words."
                lacking = facts.measured.lacking if facts.measured else {}
                if (number := lacking.get(name)) is not None:
                    people = "person has" if number == 1 else "people have"
                    message = f"{message} {number:,} {people} no {NAMES[name].lower()}."
                yield self.at(spot, message, about=text)


class NobodyToReceiveIt(IssueRule):
    """An audience without people."""

    code, level = "AUD1", FIX
    measures = True

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.measured is None:
            yield self.unchecked("Whether anybody will receive this.", field="segment")
        elif not facts.measured.anybody:
            yield self.of("segment", "Nobody will receive this.")


class MuchLargerAudience(IssueRule):
    """An audience that grew by more than people who join."""

    code, level = "AUD2", LOOK
    measures = True

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        if facts.last is None:
            return
        if facts.measured is None or facts.measured.will is None:
            yield self.unchecked("How much larger its audience is.", field="segment")
            return
        will, before = facts.measured.will, facts.measured.will_before or 0
        more = round((will - before) * 100 / before) if before else 0
        if more > _MUCH:
            message = f"Audience is {more} % bigger than {facts.last.month}’s."
            yield self.of("segment", message, about=f"{facts.campaign.segment_id} {facts.last.id}")


class LittleToSee(IssueRule):
    """A category that most of an issue is hidden from."""

    code, level = "VIS1", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        blocks = [each for each in facts.reading.document.blocks if not each.is_frame]
        if all(each.visible_to is None for each in blocks):
            return
        for slug, name in facts.categories.items():
            number = sum(each.is_for(slug) for each in blocks)
            if number < min(_FEW_BLOCKS, len(blocks)):
                shown = f"{number} block{'' if number == 1 else 's'}"
                what = f"only {shown}" if number else "no blocks"
                message = f"{_plural(name)} see {what}."
                yield self.of("blocks", message, about=f"{slug} {_seen(facts.reading, slug)}")


def _plural(name: str) -> str:
    return f"{name}s" if name.endswith(("er", "ate")) else f"{name} members"


def _seen(reading: IssueReading, slug: str) -> str:
    return " ".join(each.id for each in reading.document.blocks if each.is_for(slug))
