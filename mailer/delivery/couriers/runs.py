"""A run: some seconds of one connection, in which it carries deliveries of its crew."""

import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.claimed_batches import BegunDelivery
from mailer.delivery.couriers.consequences import Consequence
from mailer.delivery.couriers.crew import Crew
from mailer.delivery.routing.slots import RelaySlot
from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.envelopes import Envelope, Outcome
from mailer.errors import Refused
from mailer.models import DeliveryStatus


class Judge(Protocol):
    """Says what an outcome means."""

    def consequence_of(
        self, slot: RelaySlot, claim: Claim, outcome: Outcome, attempt: StartedAttempt
    ) -> Consequence: ...

    def result_of_fault(
        self, claim: Claim, attempt: StartedAttempt, fault: Exception
    ) -> DeliveryResult: ...


class SenderTrouble(NamedTuple):
    """Why a relay does not accept the sender of a campaign."""

    campaign_id: int
    why: str


class Run:
    """One run of a connection at ``slot``; used by its own thread only."""

    def __init__(self, judge: Judge, crew: Crew, slot: RelaySlot) -> None:
        self.slot = slot
        self.trouble: SenderTrouble | None = None
        self.carried = 0  # messages that the relay replied to
        self._judge = judge
        self._crew = crew
        self._under_way: dict[int, BegunDelivery] = {}
        self._last_text = "connection lost"
        self._timed, self._timed_at = 0, 0.0  # the one delivery whose time is being measured
        self._ends = time.monotonic() + crew.timing.run

    def wants(self, connection: Connection) -> bool:
        """Whether another message should be sent on this connection, in this run."""
        return connection.usable and self._crew.wants(self.slot) and time.monotonic() < self._ends

    def envelopes(self, connection: Connection) -> Iterator[Envelope]:
        """Envelopes of begun deliveries, each at its moment.

        They end where the next one is not due soon, so that what was yielded last can be sent.
        """
        while self.wants(connection) and (delivery := self._crew.next()):
            envelope = self._envelope(delivery)
            if envelope is None:
                continue
            if (early := delivery.at - time.monotonic()) > 0:
                time.sleep(min(early, self._crew.timing.envelope_hold))
            self._under_way[delivery.key] = delivery
            if not self._timed:
                self._timed, self._timed_at = delivery.key, time.monotonic()
            yield envelope

    def note(self, outcome: Outcome) -> None:
        """Turn an outcome into a result, which the crew writes when it begins the next group."""
        delivery = self._under_way.pop(outcome.key)
        if outcome.key == self._timed:
            self.slot.timed(time.monotonic() - self._timed_at)
            self._timed = 0
        claim, attempt = delivery.batch.claim, delivery.attempt
        consequence = self._judge.consequence_of(self.slot, claim, outcome, attempt)
        self._crew.note(delivery, consequence.result)
        if outcome.answered:
            self.carried += 1
        else:
            self._last_text = outcome.text
        if consequence.pauses:
            why = f"The relay does not accept this issue's sender. It said: {outcome.text}"
            self.trouble = SenderTrouble(claim.campaign_id, why)
            self._crew.call_off()

    def broken_off(self, connection: Connection) -> str | None:
        """The last reply or fault on a connection that has ended; None while it is usable."""
        return None if connection.usable else self._last_text

    def _envelope(self, delivery: BegunDelivery) -> Envelope | None:
        claim, attempt = delivery.batch.claim, delivery.attempt
        try:
            message = delivery.batch.composer.compose(attempt.recipient)
        except Refused as error:  # no copy can be made for such an address
            result = DeliveryResult(
                delivery.key, DeliveryStatus.REFUSED, reason="syntaxerror", text=str(error)
            )
            self._crew.note(delivery, result)
            return None
        except Exception as fault:  # a fault of ours, of any kind: only this copy waits for it
            self._crew.note(delivery, self._judge.result_of_fault(claim, attempt, fault))
            return None
        return Envelope(
            key=message.delivery_id,
            return_path=self._return_path(message.return_path),
            recipient=message.recipient,
            content=message.content,
            wire_ready=True,
        )

    def _return_path(self, path: str) -> str:
        domain = self.slot.relay.return_domain if self.slot.relay else ""
        return f"{path.partition('@')[0]}@{domain}" if domain else path
