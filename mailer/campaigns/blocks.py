"""Blocks of an issue: added, edited, moved and removed on the locked row.

Each reads the issue as it is once it holds the lock, so what two people do at once is done one
after the other, and neither loses anything.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.document import Document
from mailer.campaigns import editing
from mailer.errors import NotFound
from mailer.models import Campaign


def block_of(campaign: Campaign, block_id: str) -> Block:
    """The block of this id; NotFound when it is no longer there."""
    document, _ = documents.read(campaign.document)
    found = next((each for each in document.blocks if each.id == block_id), None)
    if found is None:
        raise NotFound("That block is no longer in the issue.")
    return found


def add_block(
    session: Session, campaign_id: int, kind: str, *, actor: Actor, now: datetime
) -> Block:
    """An empty block of this kind, above the footer; NotFound when there is no such kind, and
    NotAllowed when an issue has one and this one has it."""
    document = _locked(session, campaign_id)
    before = {each.id for each in document.blocks}
    document = documents.add(document, documents.new_block(kind))
    _keep(session, campaign_id, document, actor=actor, now=now)
    return next(each for each in document.blocks if each.id not in before)


def edit_block(
    session: Session,
    campaign_id: int,
    block_id: str,
    changes: Mapping[str, object],
    *,
    expected_version: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was written into a block's form; fields that are not named stay.

    NotAllowed when the issue has moved on since ``expected_version``, which the person was looking
    at; DocumentError for unknown fields and wrong types. What is merely unfinished is kept.
    """
    document = _locked(session, campaign_id, expected_version=expected_version)
    document = documents.edit(document, block_id, changes)
    _keep(session, campaign_id, document, actor=actor, now=now)


def move_block(
    session: Session, campaign_id: int, block_id: str, *, up: bool, actor: Actor, now: datetime
) -> None:
    """One place up or down; at the end of the list, and beside the frame, it stays."""
    document = _locked(session, campaign_id)
    place = next((at for at, each in enumerate(document.blocks) if each.id == block_id), 0)
    moved = documents.move(document, block_id, place + (-1 if up else 1))
    _keep(session, campaign_id, moved, actor=actor, now=now)


def remove_block(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> None:
    """Without this block; NotFound when it is gone already."""
    document = documents.remove(_locked(session, campaign_id), block_id)
    _keep(session, campaign_id, document, actor=actor, now=now)


def _locked(session: Session, campaign_id: int, *, expected_version: int | None = None) -> Document:
    campaign = editing.find(session, campaign_id, lock=True)
    editing.must_be_at(campaign, expected_version)
    document, _ = documents.read(campaign.document)
    return document


def _keep(
    session: Session, campaign_id: int, document: Document, *, actor: Actor, now: datetime
) -> None:
    written = documents.to_json(document)
    documents.check_size(written)
    editing.edit(session, campaign_id, document=written, actor=actor, now=now)
