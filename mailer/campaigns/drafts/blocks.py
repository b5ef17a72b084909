"""Blocks of an issue, and its head: added, edited, moved, copied and removed on the locked row.

Each reads the issue as it is once it holds the lock, so what two people do at once is done one
after the other, and neither loses anything. Each is written down, so that it can be undone.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.checks import where
from mailer.authoring.document import Document
from mailer.authoring.revisions import revision_of
from mailer.campaigns import editing
from mailer.campaigns.drafts.changes import RecordedStep, newest, record
from mailer.campaigns.drafts.versions import keep, keep_after_a_while
from mailer.errors import ChangedMeanwhile, NotFound
from mailer.models import Campaign, ChangeKind, VersionReason

K = ChangeKind


def block_of(campaign: Campaign, block_id: str) -> Block:
    """The block of this id; NotFound when it is no longer there."""
    document, _ = documents.read(campaign.document)
    return document.blocks[place_of(document, block_id)]


def place_of(document: Document, block_id: str) -> int:
    """Where the block stands, from 0; NotFound when it is no longer there."""
    for place, each in enumerate(document.blocks):
        if each.id == block_id:
            return place
    raise NotFound("That block is no longer in the issue.")


def revision(block: Block) -> str:
    """The name of what a block says now."""
    return revision_of(documents.block_json(block))


def head_of(campaign: Campaign) -> dict[str, str]:
    """What an inbox shows of the issue."""
    return {"subject": campaign.subject, "preview_text": campaign.preview_text}


def add_block(
    session: Session,
    campaign_id: int,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    after: str | None = None,
    words: Mapping[str, Any] | None = None,
) -> Block:
    """A block of this kind that says ``words``, or nothing yet, below the one called ``after`` or
    above the footer; NotFound when there is no such kind, and NotAllowed when an issue has one and
    this one has it."""
    campaign, document = _locked(session, campaign_id)
    block = documents.written(documents.new_block(kind), words or {})
    return _put_in(session, campaign, document, (block, K.ADDED, after), actor=actor, now=now)


def put_block(
    session: Session,
    campaign_id: int,
    block: Block,
    *,
    actor: Actor,
    now: datetime,
    after: str | None = None,
) -> Block:
    """This block, below the one called ``after`` or above the footer, under an id of its own."""
    campaign, document = _locked(session, campaign_id)
    put = (replace(block, id=""), K.ADDED, after)
    return _put_in(session, campaign, document, put, actor=actor, now=now)


def take_words(
    session: Session, campaign_id: int, block: Block, *, actor: Actor, now: datetime
) -> Block:
    """Let the block of this id say what ``block`` says, as one step that can be undone. Whoever
    made it from the block that was there holds the lock of the issue."""
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block.id)
    before = document.blocks[place]
    if block == before:
        return before
    changed = Document((*document.blocks[:place], block, *document.blocks[place + 1 :]))
    _keep(session, campaign, changed, actor=actor, now=now)
    step = RecordedStep(
        K.TAKEN,
        where(before, place + 1),
        block.id,
        documents.block_json(before),
        documents.block_json(block),
    )
    record(session, campaign, step, actor=actor, now=now)
    return block


def copy_block(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> Block:
    """The same words again, right below; NotAllowed for a kind of which an issue has one."""
    campaign, document = _locked(session, campaign_id)
    block = replace(document.blocks[place_of(document, block_id)], id="")
    if not campaign.is_template:
        block = replace(block, locked=False, if_unwritten="", began_as="")
    return _put_in(session, campaign, document, (block, K.COPIED, block_id), actor=actor, now=now)


def edit_block(
    session: Session,
    campaign_id: int,
    block_id: str,
    changes: Mapping[str, Any],
    *,
    expected: str,
    actor: Actor,
    now: datetime,
) -> Block:
    """Keep what was written into a block's form; fields that are not named stay.

    ``expected`` is the revision that the person was looking at: ChangedMeanwhile, with the block as
    it is now, when somebody has changed it since. DocumentError for unknown fields and wrong types.
    What is merely unfinished is kept.
    """
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block_id)
    before = document.blocks[place]
    edited = documents.edit(document, block_id, changes)
    after = edited.blocks[place]
    if after == before:  # kept already: the answer may have been lost on its way
        return after
    if revision(before) != expected:
        raise _changed(session, campaign, block_id, documents.block_json(before))
    _keep(session, campaign, edited, actor=actor, now=now)
    step = RecordedStep(
        K.EDITED,
        where(after, place + 1),
        block_id,
        documents.block_json(before),
        documents.block_json(after),
    )
    record(session, campaign, step, actor=actor, now=now)
    return after


def set_aside(
    session: Session,
    campaign_id: int,
    block_id: str,
    words: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep words that gave way to somebody else's, among what was done to the issue."""
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block_id)
    block = documents.edit(document, block_id, words).blocks[place]
    step = RecordedStep(
        K.SET_ASIDE, where(block, place + 1), block_id, after=documents.block_json(block)
    )
    record(session, campaign, step, actor=actor, now=now)


def add_words_below(
    session: Session,
    campaign_id: int,
    block_id: str,
    words: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Block:
    """A block of the same kind, right below, that says ``words``."""
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block_id)
    block = replace(documents.edit(document, block_id, words).blocks[place], id="")
    return _put_in(session, campaign, document, (block, K.COPIED, block_id), actor=actor, now=now)


def edit_head(
    session: Session,
    campaign_id: int,
    changes: Mapping[str, str],
    *,
    expected: str,
    actor: Actor,
    now: datetime,
) -> dict[str, str]:
    """Keep the subject and the preview text; ChangedMeanwhile as for a block."""
    campaign, _ = _locked(session, campaign_id)
    before = head_of(campaign)
    after = before | {name: said for name, said in changes.items() if name in before}
    if after == before:
        return after
    if revision_of(before) != expected:
        raise _changed(session, campaign, "", before)
    keep_after_a_while(session, campaign, actor=actor, now=now)
    editing.edit(
        session,
        campaign.id,
        subject=after["subject"],
        preview_text=after["preview_text"],
        actor=actor,
        now=now,
    )
    step = RecordedStep(K.EDITED, "Subject and preview text", "", before, after)
    record(session, campaign, step, actor=actor, now=now)
    return after


def move_block(
    session: Session, campaign_id: int, block_id: str, *, to: str, actor: Actor, now: datetime
) -> int:
    """``to`` is up, down, first, or the id of the block to stand below; where it stands then, from
    1. At the end of the list, and beside the frame, it stays."""
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block_id)
    moved = documents.move(document, block_id, _target(document, place, to))
    new_place = place_of(moved, block_id)
    if new_place != place:
        _keep(session, campaign, moved, actor=actor, now=now)
        step = RecordedStep(
            K.MOVED,
            where(document.blocks[place], place + 1),
            block_id,
            stood_after=above(document, place),
            stands_after=above(moved, new_place),
        )
        record(session, campaign, step, actor=actor, now=now)
    return new_place + 1


def remove_block(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> str:
    """Without this block: what it was called. NotFound when it is gone already."""
    campaign, document = _locked(session, campaign_id)
    place = place_of(document, block_id)
    gone = document.blocks[place]
    _keep(session, campaign, documents.remove(document, block_id), actor=actor, now=now)
    name = where(gone, place + 1)
    step = RecordedStep(
        K.REMOVED,
        name,
        block_id,
        before=documents.block_json(gone),
        stood_after=above(document, place),
    )
    record(session, campaign, step, actor=actor, now=now)
    return name


def above(document: Document, place: int) -> str:
    """The id of the block above a place; "" above the first."""
    return document.blocks[place - 1].id if place else ""


def _target(document: Document, place: int, to: str) -> int:
    if to in ("up", "down"):
        return place + (-1 if to == "up" else 1)
    if to == "first":
        return 0
    target = place_of(document, to) + 1
    return target if target <= place else target - 1  # it leaves its own place first


def _put_in(
    session: Session,
    campaign: Campaign,
    document: Document,
    put: tuple[Block, ChangeKind, str | None],
    *,
    actor: Actor,
    now: datetime,
) -> Block:
    """Put a block below another; ``put`` is the block, why it comes, and the id of the other."""
    block, kind, after = put
    before = {each.id for each in document.blocks}
    document = documents.add(document, block, after=after or None)
    place = next(at for at, each in enumerate(document.blocks) if each.id not in before)
    made = document.blocks[place]
    _keep(session, campaign, document, actor=actor, now=now)
    step = RecordedStep(
        kind,
        where(made, place + 1),
        made.id,
        after=documents.block_json(made),
        stands_after=above(document, place),
    )
    record(session, campaign, step, actor=actor, now=now)
    return made


def _locked(session: Session, campaign_id: int) -> tuple[Campaign, Document]:
    campaign = editing.find(session, campaign_id, lock=True)
    return campaign, documents.read(campaign.document)[0]


def _keep(
    session: Session, campaign: Campaign, document: Document, *, actor: Actor, now: datetime
) -> None:
    written = documents.to_json(document)
    documents.check_size(written)
    if documents.read(campaign.document)[1]:  # words that could not be read are in no block
        keep(session, campaign, VersionReason.WORKED_ON, actor=actor, now=now)
    keep_after_a_while(session, campaign, actor=actor, now=now)
    editing.edit(session, campaign.id, document=written, actor=actor, now=now)


def _changed(
    session: Session, campaign: Campaign, block_id: str, theirs: Mapping[str, Any]
) -> ChangedMeanwhile:
    last = newest(session, campaign.id, block_id)
    who = name_of(session, last.actor) if last else "Somebody"
    at = last.ended_at if last else campaign.updated_at
    return ChangedMeanwhile(who, at, theirs, revision_of(theirs))
