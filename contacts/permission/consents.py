"""Consent as it was given: the wording, the time and the way, kept as proof."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Consent, ConsentAct, ConsentPurpose, Wording


def wording(session: Session, text: str, *, now: datetime) -> int | None:
    """The id under which this exact wording is kept; None for an empty one."""
    if not text:
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = session.scalar(select(Wording).where(Wording.digest == digest))
    if kept is None:
        kept = Wording(digest=digest, text=text, first_used_at=now)
        session.add(kept)
        session.flush()
    return kept.id


def record(
    session: Session,
    contact_id: int,
    newsletter_id: int | None,
    act: ConsentAct,
    *,
    source: Actor,
    now: datetime,
    words: str = "",
    basis: str | None = None,
    purpose: ConsentPurpose = ConsentPurpose.MAILING,
) -> None:
    session.add(
        Consent(
            contact_id=contact_id,
            newsletter_id=newsletter_id,
            purpose=purpose,
            act=act,
            at=now,
            source=source,
            wording_id=wording(session, words, now=now),
            basis=basis,
        )
    )
