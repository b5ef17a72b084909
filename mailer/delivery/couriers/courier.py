"""The courier has a place at a relay and carries there what is due, together with others.

What it does is written into the books before and after (``books``). Whatever kills it, at most one
group of each crew is in doubt and what its connections have on the way; everything else is known.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from contacts.database import AWAY, Database
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.fairness import WaitingBatch
from mailer.delivery.claims.held_claims import HeldIds
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.campaign_notes import CampaignNotes
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.consequences import Consequence, Consequences
from mailer.delivery.couriers.cpu_affinity import CpuAffinity
from mailer.delivery.couriers.crews import Crew, Crews
from mailer.delivery.couriers.journal import Journal
from mailer.delivery.couriers.runs import Run
from mailer.delivery.routing.pool import NoRelay, Relays, RelaySlot
from mailer.delivery.smtp.envelopes import Outcome
from mailer.delivery.verdicts.retry_policy import RetryPolicy

log = structlog.get_logger(__name__)

_LONG: Final = 0.5  # seconds for which outcomes should not wait to be written down
_LOOK_AGAIN: Final = timedelta(seconds=15)
_FULL: Final = "The relay's limit for the hour or the day is reached: it goes on by itself."


class Courier:
    """Carries ranges; one instance serves all threads of a process. ``id`` names the process."""

    def __init__(
        self,
        courier_id: str,
        *,
        database: Database,
        relays: Relays,
        composers: Composers,
        retries: RetryPolicy,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        affinity: CpuAffinity,
        held: HeldIds,
    ) -> None:
        self.id = courier_id
        self._relays = relays
        self._consequences = Consequences(retries, clock=clock)
        self._clock = clock
        self._stopping = stopping
        self._affinity = affinity
        self._crews = Crews()
        self._notes = CampaignNotes(database, clock=clock)
        self._journal = Journal(
            courier_id,
            database=database,
            relays=relays,
            composers=composers,
            notes=self._notes,
            clock=clock,
            stopping=stopping,
            held=held,
        )

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this range and then what else is due, or first one whose turn it rather is; or help
        those who carry already.

        Does nothing when there is nothing to be had.
        """
        own: WaitingBatch | None = WaitingBatch(first_id, last_id)
        with self._relays.slot() as slot:
            while slot and not self._stopping.is_set():
                crew = self._crews.board(self._journal, slot, campaign_id, own)
                own = None
                if crew is None or not self._go_along(crew, slot):
                    return

    def _go_along(self, crew: Crew, slot: RelaySlot) -> bool:
        """Carry with the crew until it is over; whether this place can be used for more."""
        not_before: datetime | None = None
        try:
            while not_before is None and crew.wants(slot) and not self._stopping.is_set():
                not_before = self._travel(crew, slot)
                if not self._relays.stays(slot):
                    return False
            return not_before is None
        except NoRelay as error:
            not_before = self._no_relay(crew.campaign_id, error)
            return False
        finally:
            crew.leave(not_before)

    def _travel(self, crew: Crew, slot: RelaySlot) -> datetime | None:
        """Send for some seconds, or until it is time to let go; when it may go on, if not now."""
        with (
            self._affinity.pinned(spread=crew.spread),
            self._relays.connection(slot) as connection,
        ):
            run = Run(self, crew, slot)
            while run.wants(connection):
                if (wait := crew.seconds_to_wait()) > _LONG:
                    crew.write_down()
                if self._stopping.wait(wait):
                    break
                for outcome in connection.send(run.envelopes(connection)):
                    run.note(outcome)
            self._relays.tried(slot, carried=run.carried, broke_off=run.broken_off(connection))
        if run.trouble:
            self._notes.pause(*run.trouble)
        if crew.full_until and not self._relays.another(slot):
            self._notes.tell(crew.campaign_id, _FULL)
            return min(crew.full_until, self._clock() + _LOOK_AGAIN)
        return None

    def came_of(
        self, slot: RelaySlot, claim: Claim, outcome: Outcome, attempt: StartedAttempt
    ) -> Consequence:
        """What an outcome on the wire means; a relay that asks for less gets less."""
        consequence = self._consequences.of(claim, outcome, attempt)
        if consequence.slows:
            try:
                self._relays.throttled(slot, consequence.slows)
            except AWAY:  # it will ask again
                log.warning("database away, the relay is not slowed down yet")
        return consequence

    def not_made(self, claim: Claim, attempt: StartedAttempt, fault: Exception) -> DeliveryResult:
        """What becomes of a delivery whose copy could not be made: nobody else waits for it."""
        number = attempt.recipient.delivery_id
        log.error("a copy could not be made", delivery=number, fault=type(fault).__name__)
        return self._consequences.of_a_fault(claim, attempt, fault)

    def _no_relay(self, campaign_id: int, error: NoRelay) -> datetime:
        if error.refused:
            self._notes.pause(campaign_id, str(error))
        else:
            self._notes.tell(campaign_id, str(error))
        return error.again_at
