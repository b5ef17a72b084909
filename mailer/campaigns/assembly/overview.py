"""What an issue was filled with, what is left to write, and what the library had nothing of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.authoring import document as documents
from mailer.authoring.document import Document
from mailer.campaigns.assembly.choice import FIGURES, MEMBER
from mailer.campaigns.assembly.choosing import kinds_of
from mailer.campaigns.checks.validity import is_empty
from mailer.models import AssembledPart, Campaign, PartState, Schedule

_LACKS: Final[Mapping[str, str]] = {
    "story": "no story that is ready",
    "event": "no event before the next issue",
    MEMBER: "no new member",
    "post": "no new blog post",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """``parts`` are those that came in, in the order in which they were; ``lacks`` are words."""

    parts: tuple[AssembledPart, ...]
    to_write: int
    lacks: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """ "11 things pulled in, 3 to write"."""
        number = len(self.parts)
        pulled = f"{number} thing{'s' if number != 1 else ''} pulled in" if number else ""
        write = f"{self.to_write} to write" if self.to_write else ""
        return ", ".join(filter(None, (pulled or "Nothing pulled in", write)))

    @property
    def missing(self) -> str:
        """What the library had nothing of, in a sentence; "" for nothing."""
        if not self.lacks:
            return ""
        *others, last = self.lacks
        listed = f"{', '.join(others)} and {last}" if others else last
        return f"There was {listed}."


def overview(session: Session, campaign: Campaign) -> Overview | None:
    """For an issue that a schedule has made; None for others."""
    if campaign.schedule_id is None:
        return None
    parts = parts_of(session, campaign.id)
    schedule = session.get(Schedule, campaign.schedule_id)
    document, _ = documents.read(campaign.document)
    had = {each.what for each in parts}
    pulled = kinds_of(schedule.pulls_in) if schedule else []
    lacks = tuple(_LACKS[kind] for kind in pulled if kind in _LACKS and kind not in had)
    return Overview(tuple(parts), _to_write(document), lacks)


def parts_of(session: Session, campaign_id: int) -> Sequence[AssembledPart]:
    """What was put into an issue for its writers, in the order of its coming."""
    return session.scalars(
        select(AssembledPart)
        .where(
            AssembledPart.campaign_id == campaign_id,
            AssembledPart.state != PartState.DECLINED,
        )
        .order_by(AssembledPart.id)
    ).all()


def whys(session: Session, campaign_id: int) -> Mapping[str, list[AssembledPart]]:
    """The same by the blocks that have them."""
    found: dict[str, list[AssembledPart]] = {}
    for each in parts_of(session, campaign_id):
        found.setdefault(each.block_id, []).append(each)
    return found


def _to_write(document: Document) -> int:
    return sum(
        documents.is_unwritten(each) or is_empty(each)
        for each in document.blocks
        if each.type != FIGURES
    )
