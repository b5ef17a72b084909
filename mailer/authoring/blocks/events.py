"""The block of what is coming up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from typing import ClassVar, Self

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import date, items, line, url
from mailer.authoring.text import dates
from mailer.authoring.text.calendar import CalendarEvent
from mailer.authoring.text.languages import say
from mailer.authoring.text.merging import for_everybody
from mailer.authoring.text.urls import countable, wrong_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Item):
    """One entry of an event list. Times without an offset are those of the network's zone."""

    named_by: ClassVar[str] = "title"

    title: str = line("Title", required=True, soft_limit=80)
    start: str = date("Starts", required=True, help="9 Dec 10am, or Tue 9 December.")
    end: str = date("Ends")
    place: str = line("Place", help="Or: online.")
    organiser: str = line("Organiser", soft_limit=60, help="Who invites, if it is not you.")
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Book: CWB webinar.")

    @property
    def words_of_link(self) -> str:
        """What the link says, also when its author said nothing."""
        return self.link_words or f"Find out more: {self.title}"

    @property
    def key(self) -> str:
        """What it is known by wherever it stands: events that are over are left out of a list."""
        said = "\n".join((self.title, self.start, self.end, self.place))
        return blake2b(said.encode(), digest_size=5).hexdigest()

    def for_a_calendar(
        self, language: str, *, said_at: datetime, zone: tzinfo
    ) -> CalendarEvent | None:
        """What a calendar is told of it; None while nobody has said when it is."""
        start, end = dates.read(self.start, zone), dates.read(self.end, zone)
        if start is None:
            return None
        link = self.link if countable(self.link) and wrong_with(self.link) is None else ""
        host = self.organiser and say(language, "With {host}", host=for_everybody(self.organiser))
        said = for_everybody(self.words_of_link)
        timed = start.at is not None
        return CalendarEvent(
            uid=f"{self.key}@circular",
            said_at=said_at,
            summary=for_everybody(self.title),
            start=dates.instant(start, zone) if timed else start.day,
            end=dates.end_of(end, zone, timed=timed) if end else None,
            location=for_everybody(self.place),
            description="\n".join(filter(None, (host, f"{said}: {link}" if link else ""))),
            url=link,
        )

    def is_over(self, at: datetime) -> bool:
        """Whether it has certainly ended, or begun if nobody said when it ends."""
        zone = at.tzinfo or UTC
        last = dates.read(self.end, zone) or dates.read(self.start, zone)
        return last is not None and dates.is_before(last, dates.seen(at))

    def problems(self) -> Iterator[tuple[str, str]]:
        start, end = dates.read(self.start), dates.read(self.end)
        if start and end and dates.is_before(end, start):
            yield "end", "Let it end after it starts."

    def write(self, part: TextPart) -> None:
        """Its text form."""
        part.paragraph(
            self.title,
            self._span(part),
            self._where(part),
            link_text=self._said(part),
            url=self.link,
            also=(part.say("Add to your calendar"), self._file(part)),
        )

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        view = {"link_words": part.line(self._said(part)), "where": part.line(self._where(part))}
        start = dates.read(self.start, part.zone)
        if start is None:
            unknown = {
                "weekday": "",
                "day": "?",
                "month": "",
                "when": part.line(self.start),
                "file": "",
            }
            return view | unknown
        return view | {
            "weekday": dates.short_day(start.day, part.language),
            "day": start.day.day,
            "month": dates.short_month(start.day, part.language),
            "when": part.words(self._span(part)),
            "file": part.link(self._file(part)),
            "add": part.line(part.say("Add {title} to your calendar", title=self.title)),
        }

    def _file(self, part: TextPart | HtmlPart) -> str:
        """The address of its calendar file; "" while nobody has said when it is."""
        if not part.calendar or dates.read(self.start, part.zone) is None:
            return ""
        return f"{part.calendar}/{self.key}.ics"

    def _span(self, part: TextPart | HtmlPart) -> str:
        """From when to when, in words; as typed where that is no date, as in a draft."""
        start, end = dates.read(self.start, part.zone), dates.read(self.end, part.zone)
        return dates.span_words(start, end, part.language, part.zone) if start else self.start

    def _where(self, part: TextPart | HtmlPart) -> str:
        if self.place and self.organiser:
            return part.say("{place}, with {host}", place=self.place, host=self.organiser)
        return self.place or (self.organiser and part.say("With {host}", host=self.organiser))

    def _said(self, part: TextPart | HtmlPart) -> str:
        return self.link_words or part.say("Find out more: {title}", title=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList(Block):
    """What is coming up. What is over when the issue goes out is left out."""

    type: ClassVar[str] = "event_list"
    type_title: ClassVar[str] = "Event list"
    position: ClassVar[int] = 60
    shelf: ClassVar[Shelf] = Shelf.LIBRARY
    drawing: ClassVar[str] = "events"
    about: ClassVar[str] = "dates to put in a diary"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", required=True, soft_limit=70, starts_as="Coming up")
    events: tuple[Event, ...] = items("Events", of=Event, noun="event", most=50, required=True)
    more_words: str = line("Words for more", soft_limit=40, help="And 3 more events.")
    more_link: str = url("Link to more", help="The page of all events.")

    def as_of(self, at: datetime) -> Self | None:
        left = tuple(event for event in self.events if not event.is_over(at))
        if self.events and not left:
            return None
        return self if len(left) == len(self.events) else replace(self, events=left)

    def height(self) -> int:
        return 1 + len(self.events) // 4

    def listed_as(self) -> str:
        return self.heading

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.more_words and not self.more_link:
            yield "more_link", "Add the address of the page of all events, or take out its words."

    def links(self) -> Iterator[tuple[str, str]]:
        for event in self.events:
            yield event.link, event.words_of_link
        yield self.more_link, self.more_words or "See all events"

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for event in self.events:
            event.write(part)
        part.paragraph(link_text=self.more_words or part.say("See all events"), url=self.more_link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"more_words": part.line(self.more_words or part.say("See all events"))}
