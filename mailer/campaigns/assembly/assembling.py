"""A draft filled before anybody writes in it: once, in the transaction that makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.labs import Call, PolicyLab
from mailer.authoring.blocks.members import Figures
from mailer.authoring.blocks.story import Story
from mailer.authoring.document import Document
from mailer.campaigns.assembly.choice import FIGURES, Choice
from mailer.campaigns.assembly.choosing import choices, kinds_of
from mailer.campaigns.assembly.placing import free_blocks, has_any, place
from mailer.campaigns.assembly.span import IssueSpan
from mailer.campaigns.moving import note
from mailer.errors import DocumentError
from mailer.models import AssembledPart, Campaign, ItemState, LibraryItem, PartState

_STORIES: Final = 3  # in an issue whose template says nothing of stories
_CASES: Final = 1
_OTHERS: Final = 3  # Labs and calls
_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class PutIn:
    """A choice and the block that it went into."""

    choice: Choice
    block_id: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """The document of a draft, and what it was filled with."""

    document: dict[str, Any]
    parts: tuple[PutIn, ...] = ()


def assemble(
    session: Session, document: Mapping[str, Any], span: IssueSpan, *, pulls_in: Sequence[str]
) -> Assembled:
    """A template's document filled with what a schedule pulls in. One that can't be read stays as
    it is; so does one that nothing is found for."""
    found, problems = documents.read(document)
    if problems or not pulls_in:
        return Assembled(dict(document))
    _keep_from_others(session)
    parts: list[PutIn] = []
    for kind in kinds_of(pulls_in):
        found = _fill(session, found, span, kind, parts)
    return Assembled(documents.to_json(found), tuple(parts))


def keep(
    session: Session, campaign: Campaign, assembled: Assembled, *, actor: Actor, now: datetime
) -> None:
    """Write down what an issue was filled with, and why."""
    for put in assembled.parts:
        session.add(part(campaign.id, put, PartState.ASSEMBLED, now=now))
    if assembled.parts:
        number = len(assembled.parts)
        note(session, campaign, "filled", actor=actor, now=now, number=number)
    session.flush()


def part(campaign_id: int, put: PutIn, state: PartState, *, now: datetime) -> AssembledPart:
    """A choice as it is kept."""
    choice = put.choice
    return AssembledPart(
        campaign_id=campaign_id,
        key=choice.key,
        what=choice.what,
        block_id=put.block_id,
        item_id=choice.item_id,
        title=choice.title,
        why=choice.why,
        state=state,
        at=now,
    )


def _fill(
    session: Session, document: Document, span: IssueSpan, kind: str, parts: list[PutIn]
) -> Document:
    if kind == FIGURES and has_any(document, Figures):
        block = next(each for each in document.blocks if isinstance(each, Figures))
        parts += [PutIn(each, block.id) for each in choices(session, span, kind)]
        return document
    most, left = _most(document, kind), 0
    for choice in choices(session, span, kind):
        placed = place(document, choice) if most else None
        if placed is None or not _fits(placed.document):
            left += 1
            continue
        document, most = placed.document, most - 1
        parts.append(PutIn(choice, placed.block.id))
    return _with_more(document, left) if kind == "event" and left else document


def _most(document: Document, kind: str) -> int:
    match kind:
        case "story":
            return free_blocks(document, Story) if has_any(document, Story) else _STORIES
        case "case_study":
            return _CASES
        case "lab":
            return free_blocks(document, PolicyLab) or _OTHERS
        case "call":
            return free_blocks(document, Call) or _OTHERS
    return _LISTED


def _with_more(document: Document, number: int) -> Document:
    """Say how many events the list has no room for, where it leads to all of them."""
    for block in document.blocks:
        fits = isinstance(block, EventList) and block.more_link and not block.more_words
        if fits and not block.locked and block.visible_to is None:
            words = f"And {number} more event{'s' if number != 1 else ''}"
            return documents.edit(document, block.id, {"more_words": words})
    return document


def _fits(document: Document) -> bool:
    try:
        documents.check_size(documents.to_json(document))
    except DocumentError:
        return False
    return True


def _keep_from_others(session: Session) -> None:
    """Whoever fills another issue at once waits, and finds what this one took."""
    ready = select(LibraryItem.id).where(LibraryItem.state == ItemState.READY)
    session.execute(ready.order_by(LibraryItem.id).with_for_update()).all()
