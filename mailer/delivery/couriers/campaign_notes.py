"""What a worker has to say on a campaign's page: why it is slow, goes another way, or pauses."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from contacts.database import Database
from mailer.campaigns import sending as campaigns
from mailer.errors import NotAllowed

log = structlog.get_logger(__name__)

_SAID_FOR: Final = 5.0  # seconds until the same is said again: others may have said something else
_KEPT: Final = 50  # campaigns


class CampaignNotes:
    """Remarks of one process, on any campaign."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._said: dict[int, tuple[str | None, float]] = {}
        self._lock = threading.Lock()

    def tell(self, campaign_id: int, trouble: str | None) -> None:
        """Say on the campaign what is the matter, or that nothing is any more."""
        with self._lock:
            said, at = self._said.pop(campaign_id, (None, 0.0))
            fresh = at > 0 and said == trouble and time.monotonic() - at < _SAID_FOR
            self._said[campaign_id] = (trouble, at if fresh else time.monotonic())
            while len(self._said) > _KEPT:
                del self._said[next(iter(self._said))]
        if fresh:
            return
        with self._database.writing() as session:
            campaigns.note(session, campaign_id, trouble)

    def pause(self, campaign_id: int, why: str) -> None:
        """Pause the campaign, unless somebody has paused or stopped it first."""
        log.warning("campaign paused", campaign=campaign_id, why=why)
        with self._database.writing() as session:
            try:
                campaigns.pause(session, campaign_id, why=why, now=self._clock())
            except NotAllowed:
                return
