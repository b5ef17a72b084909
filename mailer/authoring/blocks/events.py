"""The block of what is coming up."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import date, events, line, url


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of an event list. Times without an offset are UK time."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventList(Block):
    """What is coming up."""

    type: ClassVar[str] = "event_list"
    type_title: ClassVar[str] = "Event list"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", required=True, soft_limit=70)
    events: tuple[Event, ...] = events("Events", of=Event, required=True)
