"""What one connection carries of its crew's loads, and what became of it."""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.claimed_batches import BegunDelivery
from mailer.delivery.couriers.consequences import Consequence
from mailer.delivery.couriers.crews import BRIEF, Crew
from mailer.delivery.routing.pool import RelaySlot
from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.envelopes import Envelope, Outcome
from mailer.errors import Refused
from mailer.models import DeliveryStatus

_SECONDS: Final = 3.0  # until it is asked whether the connection is still to be had


class Judge(Protocol):
    """Says what an outcome means."""

    def came_of(
        self, slot: RelaySlot, claim: Claim, outcome: Outcome, attempt: StartedAttempt
    ) -> Consequence: ...

    def not_made(
        self, claim: Claim, attempt: StartedAttempt, fault: Exception
    ) -> DeliveryResult: ...


class Trouble(NamedTuple):
    """What a relay has against a campaign."""

    campaign_id: int
    why: str


class Run:
    """Some seconds of one connection; ``place`` is where it stands."""

    def __init__(self, judge: Judge, crew: Crew, slot: RelaySlot) -> None:
        self.slot = slot
        self.trouble: Trouble | None = None
        self.carried = 0  # messages the relay gave an answer to
        self._judge = judge
        self._crew = crew
        self._under_way: dict[int, BegunDelivery] = {}
        self._last_words = "connection lost"
        self._timed, self._timed_at = 0, 0.0  # one at a time is timed
        self._ends = time.monotonic() + _SECONDS

    def wants(self, connection: Connection) -> bool:
        """Whether there is more to send on this connection."""
        return connection.usable and self._crew.wants(self.slot) and time.monotonic() < self._ends

    def envelopes(self, connection: Connection) -> Iterator[Envelope]:
        """Envelopes of deliveries that are begun, each at its moment.

        Where the next is not to go soon they end, so that what was handed out can leave.
        """
        while self.wants(connection) and (delivery := self._crew.next()):
            envelope = self._envelope(delivery)
            if envelope is None:
                continue
            if (early := delivery.at - time.monotonic()) > 0:
                time.sleep(min(early, BRIEF))
            self._under_way[delivery.key] = delivery
            if not self._timed:
                self._timed, self._timed_at = delivery.key, time.monotonic()
            yield envelope

    def note(self, outcome: Outcome) -> None:
        """Turn an outcome into a result; it is written with what is begun next."""
        delivery = self._under_way.pop(outcome.key)
        if outcome.key == self._timed:
            self.slot.timed(time.monotonic() - self._timed_at)
            self._timed = 0
        claim, attempt = delivery.batch.claim, delivery.attempt
        consequence = self._judge.came_of(self.slot, claim, outcome, attempt)
        self._crew.note(delivery, consequence.result)
        if outcome.answered:
            self.carried += 1
        else:
            self._last_words = outcome.text
        if consequence.pauses:
            why = f"The relay does not accept this issue's sender. It said: {outcome.text}"
            self.trouble = Trouble(claim.campaign_id, why)
            self._crew.call_off()

    def broken_off(self, connection: Connection) -> str | None:
        """What was last said, where the connection has ended."""
        return None if connection.usable else self._last_words

    def _envelope(self, delivery: BegunDelivery) -> Envelope | None:
        try:
            message = delivery.batch.composer.compose(delivery.attempt.recipient)
        except Refused as error:  # no copy can be made for such an address
            told = DeliveryResult(
                delivery.key, DeliveryStatus.REFUSED, reason="syntaxerror", text=str(error)
            )
            self._crew.note(delivery, told)
            return None
        except Exception as fault:  # any, and of ours: it is told, and the others need not wait
            claim, attempt = delivery.batch.claim, delivery.attempt
            self._crew.note(delivery, self._judge.not_made(claim, attempt, fault))
            return None
        return Envelope(
            key=message.delivery_id,
            return_path=self._returning(message.return_path),
            recipient=message.recipient,
            content=message.content,
            wire_ready=True,
        )

    def _returning(self, path: str) -> str:
        domain = self.slot.relay.return_domain if self.slot.relay else ""
        return f"{path.partition('@')[0]}@{domain}" if domain else path
