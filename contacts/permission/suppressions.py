"""Suppressed addresses: added, found, lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts import audit
from contacts.actors import Actor
from contacts.bulk import among, insert_new, rows_of
from contacts.database import Instant
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """An address that is to get nothing, since when and why."""

    address_key: str
    reason: SuppressionReason
    at: datetime
    detail: str = ""


def suppress_all(
    session: Session, stopped: Sequence[Stopped], *, source: Actor, now: datetime
) -> int:
    """Suppress many addresses at once; how many of them are new or stopped for more than before.

    An address that was only unsubscribed from everything takes the harder reason: its owner's next
    sign-up would lift the softer one.
    """
    if not stopped:
        return 0
    columns: dict[str, TypeEngine[Any]] = {
        "address_key": String(),
        "reason": String(),
        "detail": String(),
        "at": Instant(),
    }
    rows = [
        {"address_key": e.address_key, "reason": e.reason.value, "detail": e.detail, "at": e.at}
        for e in sorted(stopped, key=lambda each: each.address_key)
    ]
    given = rows_of(session, rows, columns)
    harder = (
        update(Suppression)
        .where(
            Suppression.address_key == given.c.address_key,
            Suppression.reason == SuppressionReason.UNSUBSCRIBED,
            given.c.reason != SuppressionReason.UNSUBSCRIBED.value,
        )
        .values(
            reason=given.c.reason,
            detail=given.c.detail,
            at=given.c.at,
            source=literal(source, Suppression.source.type),
        )
        .returning(Suppression.id, Suppression.reason)
    )
    changed = list(session.execute(harder, execution_options={"synchronize_session": False}))
    names = ["address_key", "reason", "source", "detail", "at"]
    wanted = select(
        given.c.address_key,
        given.c.reason,
        literal(source, Suppression.source.type),
        given.c.detail,
        given.c.at,
    )
    made = insert_new(session, Suppression.__table__, names, wanted, "id")
    reasons = select(Suppression.id, Suppression.reason)
    changed += list(session.execute(reasons.where(among(session, Suppression.id, made))))
    for number, reason in changed:
        audit.write(
            session, "suppressed", _KIND, number, actor=source, now=now, reason=reason.value
        )
    return len(changed)


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
