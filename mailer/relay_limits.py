"""How fast a relay may be, set by a program: the speed, and what an hour and a day may see.

Workers look once a second, so a change takes effect by itself and at once.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts.models import AuditEntry
from mailer.errors import FormError, NotFound
from mailer.models import Relay

SLOWEST: Final = 0.05  # messages a second; a limit by the hour says less
FASTEST: Final = 10_000.0  # no relay takes more
MOST: Final = 2_000_000_000  # messages an hour or a day
FIELDS: Final = ("per_second", "per_hour", "per_day")


def set_limits(
    session: Session, relay_id: int, limits: Mapping[str, object], *, actor: str, now: datetime
) -> Relay:
    """Set those of ``FIELDS`` that are given: a number, or None for no limit; others stay."""
    if session.get(Relay, relay_id) is None:
        raise NotFound("There is no such relay.")
    relay = session.get_one(Relay, relay_id, with_for_update=True)
    if problems := [
        (name, sentence) for name, value in limits.items() if (sentence := _fault(name, value))
    ]:
        raise FormError(problems)
    changed = {name: value for name, value in limits.items() if getattr(relay, name) != value}
    if not changed:
        return relay
    told = {name: [getattr(relay, name), value] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(relay, name, value)
    if "per_second" in changed:
        # What it asked for and how far ahead it was paced was about another speed.
        relay.slowed_to = relay.slowed_at = relay.free_at = None
    relay.updated_at = now
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            act="relay changed",
            subject=f"relay {relay.id}",
            detail={"name": relay.name, **told},
        )
    )
    return relay


def _fault(name: str, value: object) -> str | None:
    if name not in FIELDS:
        return "There is no such field."
    if value is None:
        return None
    if name == "per_second":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and SLOWEST <= value <= FASTEST:  # type: ignore[operator]  # it is a number
            return None
        return (
            f"Write a speed from {SLOWEST} to {FASTEST:,.0f} messages a second, "
            "or null for as fast as it goes."
        )
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and 1 <= value <= MOST:  # type: ignore[operator]
        return None
    span = "an hour" if name == "per_hour" else "a day"
    return f"A limit for {span} is a whole number from 1, or null for none."
