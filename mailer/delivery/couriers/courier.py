"""The courier: takes a slot at a relay and carries there what is due, together with others.

The journal is written before and after every group. So a kill at any moment leaves uncertain at
most one group of each crew, and what its connections are sending; all else is known.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from contacts.database import AWAY
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.fairness import WaitingBatch
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.campaign_notes import CampaignNotes
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.consequences import Consequence, Consequences
from mailer.delivery.couriers.cpu_affinity import CpuAffinity
from mailer.delivery.couriers.crew import Crew
from mailer.delivery.couriers.crews import Crews
from mailer.delivery.couriers.journal import Journal
from mailer.delivery.couriers.runs import Run
from mailer.delivery.routing.pool import NoRelay, Relays
from mailer.delivery.routing.slots import RelaySlot
from mailer.delivery.smtp.envelopes import Outcome
from mailer.delivery.verdicts.retry_policy import RetryPolicy

log = structlog.get_logger(__name__)

_FULL: Final = "The relay's limit for the hour or the day is reached: it goes on by itself."


class Courier:
    """Carries batches; one instance serves all threads of ``process``."""

    def __init__(
        self,
        process: CourierProcess,
        *,
        relays: Relays,
        composers: Composers,
        retries: RetryPolicy,
        affinity: CpuAffinity,
    ) -> None:
        self._process = process
        self._relays = relays
        self._consequences = Consequences(retries, clock=process.clock)
        self._affinity = affinity
        self._crews = Crews(process.timing)
        self._notes = CampaignNotes(process)
        self._journal = Journal(process, relays=relays, composers=composers, notes=self._notes)

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this batch and then whatever is due, or join a crew that is carrying already.

        A batch of another campaign comes first when it is that campaign's turn. Does nothing when
        nothing waits, or when no slot is free.
        """
        own: WaitingBatch | None = WaitingBatch(first_id, last_id)
        with self._relays.slot() as slot:
            while slot and not self._process.stopping.is_set():
                crew = self._crews.join_or_form(self._journal, slot, campaign_id, own)
                own = None
                if crew is None or not self._carry_with(crew, slot):
                    return

    def _carry_with(self, crew: Crew, slot: RelaySlot) -> bool:
        """Be a member of the crew until it is over; whether this slot may be used for more."""
        not_before: datetime | None = None
        try:
            while not_before is None and crew.wants(slot) and not self._process.stopping.is_set():
                not_before = self._run(crew, slot)
                if not self._relays.may_keep(slot):
                    return False
            return not_before is None
        except NoRelay as error:
            not_before = self._no_relay(crew.campaign_id, error)
            return False
        finally:
            crew.leave(not_before)

    def _run(self, crew: Crew, slot: RelaySlot) -> datetime | None:
        """Do one run on one connection; when the crew may go on, if not at once."""
        timing = self._process.timing
        with (
            self._affinity.pinned(spread=crew.signed),
            self._relays.connection(slot) as connection,
        ):
            run = Run(self, crew, slot)
            while run.wants(connection):
                if (wait := crew.seconds_to_wait()) > timing.write_down_before:
                    crew.write_down()
                if self._process.stopping.wait(wait):
                    break
                for outcome in connection.send(run.envelopes(connection)):
                    run.note(outcome)
            self._relays.note_use(slot, carried=run.carried, broke_off=run.broken_off(connection))
        if run.trouble:
            self._notes.pause(*run.trouble)
        full_until = crew.full_until
        if full_until and not self._relays.prefers_another(slot):
            self._notes.write(crew.campaign_id, _FULL)
            return min(full_until, self._process.clock() + timedelta(seconds=timing.capped_retry))
        return None

    def consequence_of(
        self, slot: RelaySlot, claim: Claim, outcome: Outcome, attempt: StartedAttempt
    ) -> Consequence:
        """What an outcome means; a relay that asks for less is slowed down here."""
        consequence = self._consequences.of(claim, outcome, attempt)
        if consequence.slows:
            try:
                self._relays.slow_down(slot, consequence.slows)
            except AWAY:  # the relay will ask again
                log.warning("database away, the relay is not slowed down yet")
        return consequence

    def result_of_fault(
        self, claim: Claim, attempt: StartedAttempt, fault: Exception
    ) -> DeliveryResult:
        """The result of a delivery whose copy could not be made."""
        number = attempt.recipient.delivery_id
        log.error("a copy could not be made", delivery=number, fault=type(fault).__name__)
        return self._consequences.of_a_fault(claim, attempt, fault)

    def _no_relay(self, campaign_id: int, error: NoRelay) -> datetime:
        if error.refused:
            self._notes.pause(campaign_id, str(error))
        else:
            self._notes.write(campaign_id, str(error))
        return error.again_at
