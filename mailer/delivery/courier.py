"""The courier carries a range of deliveries over one connection and writes down what came of it.

The order of things is what keeps the accounts true. An attempt is committed before its content
leaves; outcomes are committed in groups; the outcomes of one group and the attempts of the next
share a transaction, and none is open while the relay is being talked to. So whatever kills the
courier, at most one group a connection is in doubt, and everything else is known.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import SuppressionReason
from contacts.suppressions import suppress
from mailer import campaigns
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.delivery import ledger
from mailer.delivery.composers import Composers
from mailer.delivery.cores import Core
from mailer.delivery.envelopes import Envelope, Fate, Outcome
from mailer.delivery.introductions import RelayRefused, RelayUnavailable
from mailer.delivery.ledger import Claim, Departure
from mailer.delivery.outcomes import Kind, judge
from mailer.delivery.recording import Result, record
from mailer.delivery.relays import Relay
from mailer.delivery.replies import Phase
from mailer.delivery.retrying import RetryPolicy
from mailer.delivery.smtp import Connection
from mailer.errors import NotAllowed, Refused
from mailer.models import DeliveryStatus

log = structlog.get_logger(__name__)

GROUP: Final = 128  # the most deliveries a connection begins at once
_SETTLED: Final = {
    Fate.ACCEPTED: DeliveryStatus.ACCEPTED,
    Fate.UNCERTAIN: DeliveryStatus.UNCERTAIN,
}
_FIRST_GROUP: Final = 16
_GROUP_SECONDS: Final = 0.25
_LOST_CONNECTION_WAIT: Final = timedelta(seconds=5)
_LONGEST_BACKOFF: Final = 30.0
_PATIENCE: Final = 600.0  # seconds to wait for a database that went away with outcomes unwritten


class Courier:
    """Carries ranges; one instance serves all threads of a process. ``id`` names the process."""

    def __init__(
        self,
        courier_id: str,
        *,
        database: Database,
        relay: Relay,
        composers: Composers,
        retries: RetryPolicy,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        core: Core,
    ) -> None:
        self.id = courier_id
        self._database = database
        self._relay = relay
        self._composers = composers
        self._retries = retries
        self._clock = clock
        self._stopping = stopping
        self._core = core
        self._failures = 0  # connections refused in a row, for the back-off
        self.group = _FIRST_GROUP  # deliveries worth a quarter of a second, as last measured

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Claim the range and carry what is due of it; does nothing when it is not to be had."""
        if self._stopping.is_set():
            return
        with self._database.writing() as session:
            claim = ledger.claim(
                session, campaign_id, first_id, last_id, courier_id=self.id, now=self._clock()
            )
        if claim is None:
            return
        trip = Trip(self, claim)
        not_before: datetime | None = None
        try:
            if claim.ids:
                self._carry(trip)
        except RelayUnavailable as error:
            not_before = self._back_off(campaign_id, str(error))
        except RelayRefused as error:
            self._pause(campaign_id, str(error))
        finally:
            self._insist(lambda: self._end(trip, not_before))

    def _carry(self, trip: "Trip") -> None:
        composer = self._composers.of(trip.claim.campaign_id)
        keeping = self._core.kept(spread=composer.signed)
        with keeping, self._relay.connection() as connection:
            self._failures = 0
            for outcome in connection.send(trip.envelopes(composer, connection)):
                trip.note(outcome)
        if trip.trouble:
            self._pause(trip.claim.campaign_id, trip.trouble)

    def turn_over(
        self, claim: Claim, results: Sequence[Result], ids: Sequence[int], in_the_air: Iterable[int]
    ) -> list[Departure] | None:
        """One transaction: outcomes that are known, and attempts that come next.

        Gives back whom to write to now; None when this courier must stop.
        """
        now = self._clock()
        with self._database.writing() as session:
            going = None
            if not self._stopping.is_set():
                going = ledger.begin(session, claim, ids, in_the_air=in_the_air, now=now)
            # Who may begin holds the batch; else it has to be asked for.
            held = going is not None or ledger.holds(session, claim)
            self._write_down(session, results, held=held, now=now)
            return going

    def _end(self, trip: "Trip", not_before: datetime | None) -> None:
        now = self._clock()
        with self._database.writing() as session:
            held = ledger.holds(session, trip.claim)
            self._write_down(session, trip.results, held=held, now=now)
            if held:
                ledger.release(
                    session, trip.claim, now=now, all_known=trip.all_known, not_before=not_before
                )

    def _write_down(
        self, session: Session, results: Sequence[Result], *, held: bool, now: datetime
    ) -> None:
        record(session, results, held=held, now=now)
        for result in results:
            if result.no_such_user:
                suppress(
                    session,
                    result.no_such_user.lower(),
                    SuppressionReason.BOUNCED,
                    source=f"delivery {result.id}",
                    detail=f"{result.code} {result.text}",
                    now=now,
                )

    def result_of(self, claim: Claim, outcome: Outcome, departure: Departure) -> Result:
        """What an outcome on the wire means for the delivery."""
        told = outcome.reply.text if outcome.reply else outcome.sentence
        code = outcome.reply.code if outcome.reply else None
        made = partial(Result, outcome.key, code=code, text=told)
        if outcome.fate in _SETTLED:
            return made(_SETTLED[outcome.fate])
        verdict = judge(outcome)
        if verdict is None:
            if outcome.phase is Phase.CONNECT:  # it was never offered
                return made(DeliveryStatus.PENDING, began=0)
            return self._later(claim, departure, made, "networkerror", _LOST_CONNECTION_WAIT)
        if verdict.kind is Kind.CAMPAIGN:
            return made(DeliveryStatus.PENDING, began=0)
        if verdict.kind is Kind.REFUSED:
            gone = departure.recipient.address if verdict.suppress else None
            return made(DeliveryStatus.REFUSED, reason=verdict.reason, no_such_user=gone)
        return self._later(claim, departure, made, verdict.reason)

    def _later(
        self,
        claim: Claim,
        departure: Departure,
        made: Callable[..., Result],
        reason: str,
        at_most: timedelta | None = None,
    ) -> Result:
        now = self._clock()
        due_at = self._retries.next_try(
            departure.attempt,
            key=departure.recipient.delivery_id,
            started_at=claim.started_at,
            now=now,
        )
        if due_at is None:
            return made(DeliveryStatus.REFUSED, reason="expired")
        if at_most is not None:
            due_at = min(due_at, now + at_most)
        return made(DeliveryStatus.DEFERRED, reason=reason, due_at=due_at)

    def _pause(self, campaign_id: int, why: str) -> None:
        log.warning("campaign paused", campaign=campaign_id, why=why)
        with self._database.writing() as session:
            try:
                campaigns.pause(session, campaign_id, why=why, now=self._clock())
            except NotAllowed:  # somebody paused or stopped it first
                return

    def _back_off(self, campaign_id: int, why: str) -> datetime:
        self._failures += 1
        wait = min(_LONGEST_BACKOFF, 2.0 ** min(self._failures - 1, 6))
        log.warning("relay unavailable", campaign=campaign_id, why=why, wait=wait)
        with self._database.writing() as session:
            campaigns.note(session, campaign_id, why)
        return self._clock() + timedelta(seconds=wait)

    def _insist(self, write: Callable[[], object]) -> None:
        # Outcomes exist nowhere but here until they are written: a database that went away is
        # waited for, while there is hope.
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                write()
                return
            except (OperationalError, InterfaceError):
                if self._stopping.is_set() or time.monotonic() > until:
                    raise
                log.warning("database away, outcomes are waiting")
                time.sleep(1)


class Trip:
    """One range on one connection: what to send next, and what became of what was sent."""

    def __init__(self, courier: Courier, claim: Claim) -> None:
        self.claim = claim
        self.results: list[Result] = []
        self.trouble: str | None = None
        self._courier = courier
        self._under_way: dict[int, Departure] = {}

    @property
    def all_known(self) -> bool:
        """Whether everything that was begun has its outcome."""
        return not self._under_way

    def envelopes(self, composer: Composer, connection: Connection) -> Iterator[Envelope]:
        """Envelopes in groups, each begun in the books before the first of it is handed out.

        A group is what the connection carries in about a quarter of a second, as measured on the
        wire with the last one.
        """
        left = self.claim.ids
        while left and connection.usable and self.trouble is None:
            size = self._courier.group
            group, left = left[:size], left[size:]
            try:
                going = self._courier.turn_over(self.claim, self.results, group, self._under_way)
            except (OperationalError, InterfaceError):
                # Nothing more is begun; what is known is kept until the database is back.
                return
            self.results = []
            if going is None:
                return
            self._under_way.update((each.recipient.delivery_id, each) for each in going)
            began = time.monotonic()
            for recipient, _ in going:
                if (envelope := self._envelope(composer, recipient)) is not None:
                    yield envelope
            elapsed = max(time.monotonic() - began, 1e-6)
            self._courier.group = max(1, min(GROUP, int(len(going) * _GROUP_SECONDS / elapsed)))

    def note(self, outcome: Outcome) -> None:
        """Turn an outcome into a result; it is written with the next group."""
        departure = self._under_way.pop(outcome.key)
        self.results.append(self._courier.result_of(self.claim, outcome, departure))
        verdict = judge(outcome)
        if verdict is not None and verdict.kind is Kind.CAMPAIGN:
            said = str(outcome.reply) if outcome.reply else outcome.sentence
            self.trouble = f"The relay does not accept this issue's sender. It said: {said}"

    def _envelope(self, composer: Composer, recipient: Recipient) -> Envelope | None:
        try:
            message = composer.compose(recipient)
        except Refused as error:  # no copy can be made for such an address
            self._under_way.pop(recipient.delivery_id)
            refused = DeliveryStatus.REFUSED
            self.results.append(
                Result(recipient.delivery_id, refused, reason="syntaxerror", text=str(error))
            )
            return None
        return Envelope(
            key=message.delivery_id,
            return_path=message.return_path,
            recipient=message.recipient,
            content=message.content,
            wire_ready=True,
        )
