"""Addresses that are left alone: put there, looked up, lifted."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.errors import BasisMissing
from contacts.models import AuditEntry, Suppression, SuppressionReason


def suppress(
    session: Session,
    address_key: str,
    reason: SuppressionReason,
    *,
    source: str,
    detail: str = "",
    now: datetime,
) -> bool:
    """Leave an address alone from now on; False when it already was, for whatever reason."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = session.execute(
        kind.insert(Suppression)
        .values(address_key=address_key, reason=reason, source=source, detail=detail, at=now)
        .on_conflict_do_nothing(index_elements=["address_key"])
        .returning(Suppression.id)
    ).first()
    return added is not None


def find(session: Session, address_key: str) -> Suppression | None:
    """Why an address is left alone, if it is."""
    return session.scalar(select(Suppression).where(Suppression.address_key == address_key))


def lift(session: Session, address_key: str) -> Suppression | None:
    """Write to an address again; gives back what was lifted, for the audit."""
    found = find(session, address_key)
    if found is not None:
        session.delete(found)
    return found


def release(
    session: Session, suppression: Suppression, *, why: str, actor: str, now: datetime
) -> None:
    """Write to an address again, for a reason that is kept with the name of who gave it."""
    if not why.strip():
        raise BasisMissing("Say why this address may be written to again.")
    lift(session, suppression.address_key)
    detail = {
        "address": suppression.address_key,
        "was": suppression.reason.value,
        "why": " ".join(why.split()),
    }
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            act="lifted",
            subject=f"suppression {suppression.id}",
            detail=detail,
        )
    )
