"""Suppressed addresses: added, found, lifted."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.errors import BasisMissing
from contacts.models import Suppression, SuppressionReason

_KIND: Final = "suppression"


def suppress(
    session: Session,
    address_key: str,
    reason: SuppressionReason,
    *,
    source: Actor,
    detail: str = "",
    now: datetime,
) -> bool:
    """Suppress an address; False when it was suppressed already, for any reason."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    added = session.execute(
        kind.insert(Suppression)
        .values(address_key=address_key, reason=reason, source=source, detail=detail, at=now)
        .on_conflict_do_nothing(index_elements=["address_key"])
        .returning(Suppression.id)
    ).first()
    if added is None:
        return False
    audit.write(session, "suppressed", _KIND, added.id, actor=source, now=now, reason=reason.value)
    return True


def find(session: Session, address_key: str) -> Suppression | None:
    """The suppression of an address, or None."""
    return session.scalar(select(Suppression).where(Suppression.address_key == address_key))


def lift(session: Session, suppression: Suppression, *, actor: Actor, now: datetime) -> None:
    """Lift a suppression at the wish of the address's owner."""
    _delete(session, suppression, actor=actor, now=now)


def release(
    session: Session, suppression: Suppression, *, why: str, actor: Actor, now: datetime
) -> None:
    """Lift a suppression, for a reason that is kept with the name of who gave it."""
    if not why.strip():
        raise BasisMissing("Say why this address may be written to again.")
    why = " ".join(why.split())
    address = suppression.address_key
    _delete(session, suppression, actor=actor, now=now, address=address, why=why)


def _delete(
    session: Session, suppression: Suppression, *, actor: Actor, now: datetime, **detail: str
) -> None:
    audit.write(
        session,
        "lifted",
        _KIND,
        suppression.id,
        actor=actor,
        now=now,
        was=suppression.reason.value,
        **detail,
    )
    session.delete(suppression)
