"""Notes on a campaign's page, written by couriers: why it is slow, rerouted or paused."""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from contacts.actors import Actor, ActorKind
from mailer.campaigns import sending
from mailer.delivery.claims.process import CourierProcess
from mailer.errors import NotAllowed

_COURIER: Final = Actor(ActorKind.COURIER)
log = structlog.get_logger(__name__)

_KEPT: Final = 50  # campaigns


class CampaignNotes:
    """Writes notes on campaigns, for all threads of ``process``; ``monotonic`` is in seconds."""

    def __init__(
        self, process: CourierProcess, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._process = process
        self._monotonic = monotonic
        self._written: dict[int, tuple[str | None, float]] = {}  # what and when, by campaign
        self._lock = threading.Lock()

    def write(self, campaign_id: int, trouble: str | None) -> None:
        """Write what is wrong on the campaign, or None when nothing is.

        The same note is written again after some seconds only, because another process may have
        written something else meanwhile.
        """
        with self._lock:
            now = self._monotonic()
            text, at = self._written.pop(campaign_id, (None, 0.0))
            fresh = at > 0 and text == trouble and now - at < self._process.timing.repeat_note
            self._written[campaign_id] = (trouble, at if fresh else now)
            while len(self._written) > _KEPT:
                del self._written[next(iter(self._written))]
        if fresh:
            return
        with self._process.database.writing() as session:
            sending.note(session, campaign_id, trouble)

    def pause(self, campaign_id: int, why: str) -> None:
        """Pause the campaign, unless somebody has paused or stopped it first."""
        log.warning("campaign paused", campaign=campaign_id, why=why)
        with self._process.database.writing() as session:
            try:
                now = self._process.clock()
                sending.pause(session, campaign_id, why=why, actor=_COURIER, now=now)
            except NotAllowed:
                return
