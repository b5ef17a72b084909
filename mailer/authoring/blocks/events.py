"""The block of what is coming up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Item, TextPart
from mailer.authoring.blocks.fields import date, items, line, url
from mailer.authoring.text import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Item):
    """One entry of an event list. Times without an offset are UK time."""

    named_by: ClassVar[str] = "title"

    title: str = line("Title", required=True, soft_limit=80)
    start: str = date("Starts", required=True, help="2026-12-09, or 2026-12-09T10:00.")
    end: str = date("Ends")
    place: str = line("Place", help="Or: online.")
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Book: CWB webinar.")

    @property
    def words_of_link(self) -> str:
        """What the link says, also when its author said nothing."""
        return self.link_words or f"Find out more: {self.title}"

    @property
    def span(self) -> str:
        """From when to when, in words; as typed where that is no date, as in a draft."""
        start, end = dates.read(self.start), dates.read(self.end)
        return dates.span_words(start, end) if start else self.start

    def problems(self) -> Iterator[tuple[str, str]]:
        start, end = dates.read(self.start), dates.read(self.end)
        if start and end and dates.is_before(end, start):
            yield "end", "Let it end after it starts."

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        view = {"link_words": part.line(self.words_of_link)}
        start = dates.read(self.start)
        if start is None:
            unknown = {"weekday": "", "day": "?", "month": "", "when": part.line(self.span)}
            return view | unknown
        return view | {
            "weekday": dates.short_day(start.day),
            "day": start.day.day,
            "month": dates.short_month(start.day),
            "when": part.words(self.span),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList(Block):
    """What is coming up."""

    type: ClassVar[str] = "event_list"
    type_title: ClassVar[str] = "Event list"
    position: ClassVar[int] = 60
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", required=True, soft_limit=70)
    events: tuple[Event, ...] = items("Events", of=Event, noun="event", most=50, required=True)

    def links(self) -> Iterator[tuple[str, str]]:
        for event in self.events:
            yield event.link, event.words_of_link

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for event in self.events:
            part.paragraph(
                event.title, event.span, event.place, link_text=event.words_of_link, url=event.link
            )
