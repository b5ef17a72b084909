"""Relays that failed are left alone for a while: written down, so that every worker knows."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mailer.models import Relay

_LONGEST: Final = 60.0  # seconds a relay that is away is left alone


def failed(
    session: Session, relay_id: int, why: str, *, refused: bool, now: datetime
) -> datetime | None:
    """Note that a relay could not be used; the moment to try it again.

    ``refused`` says that it answered, and will not take us as we are.
    """
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is None:
        return None
    if relay.try_again_at is None or relay.try_again_at <= now:  # else another saw the same fault
        relay.failures = min(relay.failures + 1, 1000)
        wait = min(_LONGEST, 2.0 ** min(relay.failures - 1, 6))
        relay.try_again_at = now + timedelta(seconds=_LONGEST if refused else wait)
    relay.trouble, relay.refused = why, refused
    return relay.try_again_at


def works(session: Session, relay_id: int) -> None:
    """Note that a relay that had failed took us again."""
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is not None:
        relay.recovered()
