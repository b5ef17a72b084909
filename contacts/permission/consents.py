"""Consent as it was given: the wording, the time and the way, kept as proof."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Consent, ConsentAct, ConsentPurpose, Wording


def wording(session: Session, text: str, *, now: datetime) -> int | None:
    """The id under which this exact wording is kept; None for an empty one."""
    if not text:
        return None
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = select(Wording.id).where(Wording.digest == digest)
    found = session.scalar(kept)
    if found is None:
        # Two people may be the first to agree to it, at the same moment.
        kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(
            kind.insert(Wording)
            .values(digest=digest, text=text, first_used_at=now)
            .on_conflict_do_nothing(index_elements=["digest"])
        )
        found = session.scalar(kept)
    return found


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
