"""The circuit breaker: leaves a relay that failed alone for a while, in all workers.

Its state is in the relay's row.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mailer.models import Relay

_LONGEST: Final = 60.0  # seconds for which a relay is left alone, at most


def failed(
    session: Session, relay_id: int, why: str, *, refused: bool, now: datetime
) -> datetime | None:
    """Note that a relay could not be used; the moment to try it again, None if it is removed.

    ``refused`` says that it answered and a person must change something.
    """
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is None:
        return None
    # A failure within the waiting time is the same fault, seen by another thread.
    if relay.try_again_at is None or relay.try_again_at <= now:
        relay.failures = min(relay.failures + 1, 1000)
        wait = min(_LONGEST, 2.0 ** min(relay.failures - 1, 6))
        relay.try_again_at = now + timedelta(seconds=_LONGEST if refused else wait)
    relay.trouble, relay.refused = why, refused
    return relay.try_again_at


def works(session: Session, relay_id: int) -> None:
    """Note that a relay which had failed works again."""
    relay = session.get(Relay, relay_id, with_for_update=True)
    if relay is not None:
        relay.recovered()
