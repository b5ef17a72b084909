"""The blocks of the network's shared work: how a Policy Lab stands, and a call to take part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, date, line, markdown, url
from mailer.authoring.blocks.structure import mail_link
from mailer.authoring.text import dates
from mailer.authoring.text.markdown import links

_STAGES: Final = (
    ("call", "Call"),
    ("under_way", "Under way"),
    ("reporting", "Reporting"),
    ("published", "Published"),
)
_NAMED: Final = 4  # of those who take part; the others are a number
_PASSED: Final = "Choose a later deadline, or remove the block: this one has passed."


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLab(Block):
    """How far a Lab or a Prototype has come."""

    type: ClassVar[str] = "policy_lab"
    type_title: ClassVar[str] = "Policy Lab update"
    position: ClassVar[int] = 62
    shelf: ClassVar[Shelf] = Shelf.LIBRARY
    drawing: ClassVar[str] = "lab"
    about: ClassVar[str] = "stage, lead, partners"
    named_by: ClassVar[str] = "headline"

    kind: str = choice("Kind", ("lab", "Policy Lab"), ("prototype", "Prototype"))
    headline: str = line("Title", required=True, soft_limit=70)
    lead: str = line("Lead organisation", required=True, soft_limit=60)
    stage: str = choice("Stage", *_STAGES)
    text: str = markdown("Update", required=True, soft_limit=480, help="About 80 words.")
    taking_part: str = line("Taking part", help="With commas: Aldmor, Wyeham, Millbridge.")
    deadline: str = date("Deadline", help="Of a call: 18 Dec noon.")
    link: str = url("Link", required=True)
    link_words: str = line("Link words", required=True, soft_limit=40)

    def listed_as(self) -> str:
        return self.headline

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.stage == "call" and not self.deadline:
            yield "deadline", "Say until when the call is open."

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        end = dates.read(self.deadline, at.tzinfo or UTC)
        if self.stage == "call" and end and dates.is_before(end, dates.seen(at)):
            yield "deadline", _PASSED

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)
        yield self.link, self.link_words

    def write(self, part: TextPart) -> None:
        number = self._number
        part.heading(f"{self._kicker(part)}: {self.headline}")
        bars = "#" * number + "." * (len(_STAGES) - number)
        part.paragraph(f"{self._standing(part)}   [{bars}]", self._closing(part))
        part.rich(self.text)
        part.paragraph(self._members(part))
        part.paragraph(link_text=self.link_words, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        stages = [(part.say(words), place) for place, (_, words) in enumerate(_STAGES, start=1)]
        return {
            "kicker": part.line(self._kicker(part)),
            "standing": part.line(self._standing(part)),
            "stages": stages,
            "number": self._number,
            "closing": part.line(self._closing(part)),
            "members": part.line(self._members(part)),
        }

    @property
    def _number(self) -> int:
        return [value for value, _ in _STAGES].index(self.stage) + 1

    def _kicker(self, part: TextPart | HtmlPart) -> str:
        kind = part.say("Policy Lab" if self.kind == "lab" else "Prototype")
        return part.say("{kind}, led by {lead}", kind=kind, lead=self.lead)

    def _standing(self, part: TextPart | HtmlPart) -> str:
        stage = part.say(dict(_STAGES)[self.stage])
        stage = stage[:1].lower() + stage[1:]
        number, all_ = self._number, len(_STAGES)
        return part.say("Stage {number} of {all}: {stage}", number=number, all=all_, stage=stage)

    def _closing(self, part: TextPart | HtmlPart) -> str:
        end = dates.read(self.deadline, part.zone)
        if self.stage != "call" or end is None:
            return ""
        return part.say(
            "Closes: {date}", date=dates.span_words(end, None, part.language, part.zone)
        )

    def _members(self, part: TextPart | HtmlPart) -> str:
        names = [each.strip() for each in self.taking_part.split(",") if each.strip()]
        if not names:
            return ""
        shown = ", ".join(names[:_NAMED])
        if (more := len(names) - _NAMED) > 0:
            shown = part.say("{names} and {number} more", names=shown, number=more)
        return part.say("Taking part: {names}", names=shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Block):
    """A call or an expression of interest, with a deadline."""

    type: ClassVar[str] = "call"
    type_title: ClassVar[str] = "Call"
    position: ClassVar[int] = 64
    shelf: ClassVar[Shelf] = Shelf.LIBRARY
    drawing: ClassVar[str] = "call"
    about: ClassVar[str] = "with its deadline"
    named_by: ClassVar[str] = "what"

    what: str = line("What", required=True, soft_limit=70)
    text: str = markdown("Text", soft_limit=480)
    who: str = line("Who can apply", soft_limit=120)
    deadline: str = date("Deadline", required=True, help="18 Dec noon: a date and a time.")
    contact: str = line("Contact", required=True, help="An e-mail address or other words.")
    link: str = url("Link", required=True)
    link_words: str = line("Link words", required=True, soft_limit=40)

    def listed_as(self) -> str:
        return self.what

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        end = dates.read(self.deadline, at.tzinfo or UTC)
        if end and dates.is_before(end, dates.seen(at)):
            yield "deadline", _PASSED

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)
        yield mail_link(self.contact), self.contact
        yield self.link, self.link_words

    def write(self, part: TextPart) -> None:
        part.heading(self.what)
        part.paragraph(f"{self._left(part)}: {self._end(part)}")
        part.rich(self.text)
        part.paragraph(
            f"{part.say('Who can apply')}: {self.who}" if self.who else "",
            f"{part.say('Ask')}: {self.contact}",
            link_text=self.link_words,
            url=self.link,
        )

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {
            "left": part.words(self._left(part)),
            "end": part.words(self._end(part)),
            "contact_link": part.link(mail_link(self.contact)),
        }

    def _end(self, part: TextPart | HtmlPart) -> str:
        end = dates.read(self.deadline, part.zone)
        return dates.span_words(end, None, part.language, part.zone) if end else self.deadline

    def _left(self, part: TextPart | HtmlPart) -> str:
        end = dates.read(self.deadline, part.zone)
        if end is None:
            return part.say("Closes")
        now = dates.seen(part.at)
        days = (end.day - now.day).days
        if dates.is_before(end, now):
            return part.say("Closed")
        if days == 0:
            return part.say("Closes today")
        if days == 1:
            return part.say("Closes tomorrow")
        return part.say("Closes in {days} days", days=days)
