"""Corrections of an issue's page in the archive, each with a dated note for its readers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.document import Document, read
from mailer.authoring.text.characters import one_line
from mailer.campaigns.archive.reading import ANYBODY
from mailer.campaigns.drafts.versions import version_of
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note as write_down
from mailer.campaigns.verbs import Verb
from mailer.errors import DocumentError, FormError, NotFound
from mailer.models import Campaign, Correction

LONGEST_NOTE: Final = 300
_NOT_HERE: Final = frozenset({"visible_to"})  # who sees a block is no matter of words


def page_says(session: Session, campaign: Campaign) -> Document:
    """What the page of an issue says now."""
    newest = session.scalar(
        select(Correction)
        .where(Correction.campaign_id == campaign.id)
        .order_by(Correction.id.desc())
        .limit(1)
    )
    if newest is not None:
        return read(newest.document)[0]
    return read(version_of(session, campaign.id, campaign.sent_version or 0).document)[0]


def corrigible(document: Document) -> list[Block]:
    """The blocks that readers of the archive see."""
    return [block for block in document.blocks if block.is_for(ANYBODY.category)]


def correct(
    session: Session,
    campaign_id: int,
    block_id: str,
    changes: Mapping[str, Any],
    *,
    note: str,
    actor: Actor,
    now: datetime,
) -> Correction:
    """Change one block of the page, and say so there. The mail and its version stay as they are.

    FormError for a note that can't be kept and where nothing is changed, DocumentError for words
    that could not be sent either, NotAllowed for an issue that has not been sent.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.CORRECT.check(campaign.status)
    before = page_says(session, campaign)
    if block_id not in {block.id for block in corrigible(before)}:
        raise NotFound("That block is not on the page of the archive.")
    said = one_line(note)
    if not said or len(said) > LONGEST_NOTE:
        sentence = f"Say what is corrected, in at most {LONGEST_NOTE} characters."
        raise FormError([("note", sentence)])
    words = {name: value for name, value in changes.items() if name not in _NOT_HERE}
    after = documents.edit(before, block_id, words)
    if after == before:
        raise FormError([("", "Nothing is different yet: change the words, then save.")])
    if wrong := [each for each in documents.check(after) if each.block == block_id]:
        raise DocumentError(wrong)
    made = Correction(
        campaign_id=campaign.id,
        document=documents.to_json(after),
        note=said,
        made_by=actor,
        at=now,
    )
    session.add(made)
    session.flush()
    write_down(session, campaign, "corrected", actor=actor, now=now, block=block_id)
    return made
