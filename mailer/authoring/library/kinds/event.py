"""An event: when, where, who invites, and how to book."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.events import Event, EventList
from mailer.authoring.blocks.fields import line
from mailer.authoring.library.kinds.base import KeptItem, borrowed
from mailer.authoring.text import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent(KeptItem):
    """It becomes an entry of a list of events. A day without a time is a whole day."""

    key: ClassVar[str] = "event"
    type_title: ClassVar[str] = "Event"
    type_plural: ClassVar[str] = "Events"
    about: ClassVar[str] = "when, where, and how to book"
    drawing: ClassVar[str] = "calendar"
    position: ClassVar[int] = 30
    block: ClassVar[type[Block]] = EventList
    listed_in: ClassVar[str] = "events"
    named_by: ClassVar[str] = "title"
    whose: ClassVar[str] = "organiser"
    dated_by: ClassVar[str] = "start"

    title: str = borrowed(Event, "title")
    start: str = borrowed(Event, "start")
    end: str = borrowed(Event, "end")
    place: str = borrowed(Event, "place")
    organiser: str = borrowed(Event, "organiser")
    region: str = line("Region", soft_limit=60, help="North, or: the whole network.")
    audience: str = line(
        "Who it is for", soft_limit=120, help="Readers of an issue don’t see this."
    )
    link: str = borrowed(Event, "link", label="Booking link")
    link_words: str = borrowed(Event, "link_words")

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        piece = self.piece()
        assert isinstance(piece, Event)
        if piece.is_over(at):
            yield "start", "It is over."

    @classmethod
    def place_among(cls, there: Sequence[Item], new: Item) -> int:
        """Before the first event that is later."""
        start = dates.read(getattr(new, "start", ""))
        for place, each in enumerate(there):
            other = dates.read(getattr(each, "start", ""))
            if start and other and dates.is_before(start, other):
                return place
        return len(there)
