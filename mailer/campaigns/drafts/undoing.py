"""Undo and do again: each person their own steps, the newest first, never over newer words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.document import Document
from mailer.authoring.reading import read_block
from mailer.authoring.revisions import taken_back
from mailer.campaigns import editing
from mailer.campaigns.drafts.blocks import head_of
from mailer.campaigns.drafts.versions import keep_after_a_while
from mailer.errors import NotAllowed
from mailer.models import Campaign, Change, ChangeKind, ChangeState

MOST: Final = 100  # steps that can be undone
_WORDS: Final = {
    ChangeKind.ADDED: "add “{}”",
    ChangeKind.COPIED: "copy “{}”",
    ChangeKind.EDITED: "edit “{}”",
    ChangeKind.TAKEN: "take words from the library into “{}”",
    ChangeKind.MOVED: "move “{}”",
    ChangeKind.REMOVED: "remove “{}”",
    ChangeKind.RESTORED: "restore {}",
}


def undoable(session: Session, campaign_id: int, actor: Actor) -> Sequence[Change]:
    """What this person can undo, the newest first."""
    query = _steps(campaign_id, actor, ChangeState.DONE).order_by(Change.id.desc())
    return session.scalars(query.limit(MOST)).all()


def redoable(session: Session, campaign_id: int, actor: Actor) -> Sequence[Change]:
    """What this person has undone and can do again, the last undone first."""
    query = _steps(campaign_id, actor, ChangeState.UNDONE).order_by(Change.id)
    return session.scalars(query.limit(MOST)).all()


def set_aside_in(session: Session, campaign_id: int) -> Sequence[Change]:
    """Words that gave way to somebody else's, the newest first."""
    query = select(Change).where(
        Change.campaign_id == campaign_id, Change.kind == ChangeKind.SET_ASIDE
    )
    return session.scalars(query.order_by(Change.id.desc()).limit(MOST)).all()


def words_of(change: Change) -> str:
    """What a step did, as the button that takes it back says it: remove “Spotlight quote”."""
    return _WORDS[change.kind].format(change.what.replace("“", "‘").replace("”", "’"))


def undo(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Change:
    """Take back the last step of this person. NotAllowed when there is none, or when somebody has
    changed the same words since."""
    campaign = editing.find(session, campaign_id, lock=True)
    steps = undoable(session, campaign_id, actor)
    if not steps:
        raise NotAllowed("There is nothing to undo.")
    step = steps[0]
    _lead(
        session,
        campaign,
        step,
        source=step.after,
        target=step.before,
        place=step.stood_after,
        actor=actor,
        now=now,
    )
    step.state = ChangeState.UNDONE
    return step


def redo(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Change:
    """Do again what this person undid last; NotAllowed as for ``undo``."""
    campaign = editing.find(session, campaign_id, lock=True)
    steps = redoable(session, campaign_id, actor)
    if not steps:
        raise NotAllowed("There is nothing to do again.")
    step = steps[0]
    _lead(
        session,
        campaign,
        step,
        source=step.before,
        target=step.after,
        place=step.stands_after,
        actor=actor,
        now=now,
    )
    step.state = ChangeState.DONE
    return step


def _steps(campaign_id: int, actor: Actor, state: ChangeState) -> Any:
    return select(Change).where(
        Change.campaign_id == campaign_id,
        Change.actor == actor,
        Change.state == state,
        Change.kind != ChangeKind.SET_ASIDE,
    )


def _lead(
    session: Session,
    campaign: Campaign,
    step: Change,
    *,
    source: dict[str, Any] | None,
    target: dict[str, Any] | None,
    place: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Lead the issue from what the step made of it to what it was, or the other way."""
    keep_after_a_while(session, campaign, actor=actor, now=now)
    if step.kind is ChangeKind.RESTORED:
        _lead_whole(session, campaign, source or {}, target or {}, actor=actor, now=now)
    elif not step.block_id:
        head = taken_back(head_of(campaign), before=target or {}, after=source or {})
        editing.edit(session, campaign.id, actor=actor, now=now, **head)
    else:
        document = documents.read(campaign.document)[0]
        document = _led(document, step, source=source, target=target, place=place)
        written = documents.to_json(document)
        documents.check_size(written)
        editing.edit(session, campaign.id, document=written, actor=actor, now=now)


def _led(
    document: Document,
    step: Change,
    *,
    source: dict[str, Any] | None,
    target: dict[str, Any] | None,
    place: str,
) -> Document:
    current = next((each for each in document.blocks if each.id == step.block_id), None)
    if current is None and (source is not None or target is None):
        raise NotAllowed(f"Somebody has removed {step.what}, so there is nothing to undo in it.")
    if current is not None and step.kind is ChangeKind.MOVED:
        return documents.move(document, current.id, _place_below(document, current.id, place))
    if current is None:
        put_back = _block(target or {}, step)
        document = documents.add(document, put_back)
        return documents.move(document, step.block_id, _place_below(document, step.block_id, place))
    if source is None:
        raise NotAllowed(f"{step.what} is in the issue already.")
    written = documents.block_json(current)
    if target is None:
        if written != source:
            raise NotAllowed(f"{step.what} was changed since, so it stays.")
        return documents.remove(document, current.id)
    led = _block(taken_back(written, before=target, after=source), step)
    blocks = tuple(led if each.id == current.id else each for each in document.blocks)
    return replace(document, blocks=blocks)


def _lead_whole(
    session: Session,
    campaign: Campaign,
    source: dict[str, Any],
    target: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if {**head_of(campaign), "document": campaign.document} != source:
        raise NotAllowed("The issue was changed since, so the newer words stay.")
    editing.edit(session, campaign.id, actor=actor, now=now, **target)


def _place_below(document: Document, block_id: str, above: str) -> int:
    """Where a block stands below the one called ``above``; where that is gone, where it is."""
    rest = [each.id for each in document.blocks if each.id != block_id]
    if not above:
        return 0
    if above in rest:
        return rest.index(above) + 1
    return [each.id for each in document.blocks].index(block_id)


def _block(data: dict[str, Any], step: Change) -> Block:
    block, problems = read_block(data, step.block_id, step.what)
    if block is None or problems:
        raise NotAllowed(f"{step.what} can no longer be read as it was.")
    return block
