"""Duties that only one process may have at a time, such as the sweep."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailer.models import Lease

_LEASE: Final = timedelta(seconds=10)
_SKEW: Final = timedelta(minutes=1)  # by which the clocks of two hosts may differ


def hold_lease(session: Session, duty: str, name: str, *, now: datetime) -> bool:
    """Take or keep the lease of a duty; it is free when its holder has not renewed it for 10 s.

    So is one that runs for longer than any does: it was taken by a clock that was ahead.
    """
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    held = session.execute(
        kind.insert(Lease)
        .values(name=duty, holder=name, until=now + _LEASE)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": name, "until": now + _LEASE},
            where=or_(Lease.holder == name, Lease.until < now, Lease.until > now + _LEASE + _SKEW),
        )
        .returning(Lease.holder)
    ).first()
    return held is not None


def give_back(session: Session, duty: str, name: str) -> None:
    """End the lease of a holder that stops, so that nobody waits for it to run out."""
    session.execute(delete(Lease).where(Lease.name == duty, Lease.holder == name))
