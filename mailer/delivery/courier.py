"""The courier carries a range of deliveries over one connection and writes down what came of it.

The order of things is what keeps the accounts true. An attempt is committed before its content
leaves; outcomes are committed in groups; the outcomes of one group and the attempts of the next
share a transaction, and none is open while the relay is being talked to. So whatever kills the
courier, at most one group a connection is in doubt, and everything else is known.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
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
from mailer.delivery import ledger, turns
from mailer.delivery.composers import Composers
from mailer.delivery.cores import Core
from mailer.delivery.envelopes import Fate, Outcome
from mailer.delivery.ledger import Claim, Departure
from mailer.delivery.outcomes import Kind, Verdict, judge
from mailer.delivery.pacing import Grant
from mailer.delivery.recording import Result, record
from mailer.delivery.relays import THROTTLING, NoRelay, Place, Relays
from mailer.delivery.replies import Phase
from mailer.delivery.retrying import RetryPolicy
from mailer.delivery.trips import Trip
from mailer.delivery.turns import Turns
from mailer.errors import NotAllowed
from mailer.models import DeliveryStatus

log = structlog.get_logger(__name__)

_SETTLED: Final = {
    Fate.ACCEPTED: DeliveryStatus.ACCEPTED,
    Fate.UNCERTAIN: DeliveryStatus.UNCERTAIN,
}
_LOST_CONNECTION_WAIT: Final = timedelta(seconds=5)
_THROTTLED_WAIT: Final = timedelta(seconds=30)
_LOOK_AGAIN: Final = timedelta(seconds=15)
_FULL: Final = "The relay's limit for the hour or the day is reached: it goes on by itself."
_PATIENCE: Final = 600.0  # seconds to wait for a database that went away with outcomes unwritten


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
        core: Core,
    ) -> None:
        self.id = courier_id
        self._database = database
        self._relays = relays
        self._composers = composers
        self._retries = retries
        self._clock = clock
        self._stopping = stopping
        self._core = core
        self._turns = Turns()
        self._told: dict[int, str | None] = {}  # what a campaign's page says of the relays

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this range and then what else is due, or first one whose turn it rather is.

        Does nothing when there is nothing to be had.
        """
        wanted = (campaign_id, first_id, last_id)
        with self._relays.place() as place:
            while place and not self._stopping.is_set():
                claim = self._claim(place, *wanted)
                if claim is None or not self._travel(claim, place):
                    return

    def _travel(self, claim: Claim, place: Place) -> bool:
        """Carry what was claimed; whether this place can be used for more."""
        trip = Trip(self, claim, place, now=self._clock())
        not_before: datetime | None = None
        try:
            if claim.ids:
                not_before = self._carry(trip)
            return not_before is None and self._relays.stays(place)
        except NoRelay as error:
            not_before = self._no_relay(claim.campaign_id, error)
            return False
        finally:
            self._insist(lambda: self._end(trip, not_before))

    def _claim(self, place: Place, campaign_id: int, first_id: int, last_id: int) -> Claim | None:
        now = self._clock()
        with self._database.writing() as session:
            take = partial(ledger.claim, session, courier_id=self.id, now=now, most=place.stretch)
            waiting = turns.waiting(session, now=now)
            if not waiting:
                return None
            hungriest = self._turns.hungriest(waiting)
            if hungriest == campaign_id and (own := take(campaign_id, first_id, last_id)):
                return own
            found = turns.a_range(session, hungriest, now=now)
            return take(hungriest, *found) if found else None

    def _carry(self, trip: Trip) -> datetime | None:
        """Send until the range is done, or it is time to let go; when it may go on, if not now."""
        composer = self._composers.of(trip.claim.campaign_id)
        with (
            self._core.kept(spread=composer.signed),
            self._relays.connection(trip.place) as connection,
        ):
            self._tell(trip.claim.campaign_id, trip.place.detour)
            while trip.wants(connection):
                if self._stopping.wait(trip.seconds_to_wait()):
                    break
                for outcome in connection.send(trip.envelopes(composer, connection)):
                    trip.note(outcome)
            trip.end()
        if trip.trouble:
            self._pause(trip.claim.campaign_id, trip.trouble)
        if trip.full and not self._relays.another(trip.place):
            self._tell(trip.claim.campaign_id, _FULL)
            return min(trip.at, self._clock() + _LOOK_AGAIN)
        return None

    def turn_over(
        self, trip: Trip, ids: Sequence[int], in_the_air: Iterable[int]
    ) -> list[Departure] | None:
        """One transaction: outcomes that are known, and attempts that come next.

        Gives back whom to write to now; None when this courier must stop.
        """
        now, claim = self._clock(), trip.claim
        with self._database.writing() as session:
            going = None
            if not self._stopping.is_set():
                going = ledger.begin(session, claim, ids, in_the_air=in_the_air, now=now)
            # Who may begin holds the batch; else it has to be asked for.
            held = going is not None or ledger.holds(session, claim)
            self._write_down(session, trip, held=held, now=now)
        self._relays.carried(trip.place, len(trip.results))
        self._turns.note(claim.campaign_id, len(trip.results))
        return going

    def permits(self, place: Place, most: int) -> Grant:
        """Leave to hand over so many messages, or the moment to ask again."""
        return self._relays.take(place, most)

    def give_back(self, place: Place, number: int) -> None:
        """Permits that were not used."""
        self._relays.give_back(place, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; 0 when it has passed."""
        return max(0.0, (moment - self._clock()).total_seconds())

    def heard(self, place: Place, outcome: Outcome, verdict: Verdict) -> None:
        """What a reply says about the relay itself."""
        if verdict.kind is Kind.DEFERRED and outcome.reply and verdict.reason in THROTTLING:
            self._relays.throttled(place, verdict.reason)

    def others_wait(self, claim: Claim) -> bool:
        """Whether another campaign waits, so that it is time to let go of this range."""
        with self._database.reading() as session:
            return turns.others_wait(session, claim.campaign_id, now=self._clock())

    def _end(self, trip: Trip, not_before: datetime | None) -> None:
        now = self._clock()
        with self._database.writing() as session:
            held = ledger.holds(session, trip.claim)
            self._write_down(session, trip, held=held, now=now)
            if held:
                ledger.release(
                    session, trip.claim, now=now, all_known=trip.all_known, not_before=not_before
                )

    def _write_down(self, session: Session, trip: Trip, *, held: bool, now: datetime) -> None:
        record(session, trip.results, relay_id=trip.place.relay_id, held=held, now=now)
        for result in trip.results:
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
        verdict = judge(outcome, recipient=departure.recipient.address)
        if verdict is None:
            if outcome.phase is Phase.CONNECT:  # it was never offered
                return made(DeliveryStatus.PENDING, began=0)
            return self._later(claim, departure, made, "networkerror", _LOST_CONNECTION_WAIT)
        if verdict.kind is Kind.CAMPAIGN:
            return made(DeliveryStatus.PENDING, began=0)
        if verdict.kind is Kind.REFUSED:
            gone = departure.recipient.address if verdict.suppress else None
            return made(DeliveryStatus.REFUSED, reason=verdict.reason, no_such_user=gone)
        at_most = _THROTTLED_WAIT if verdict.reason in THROTTLING else None
        return self._later(claim, departure, made, verdict.reason, at_most)

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

    def _no_relay(self, campaign_id: int, error: NoRelay) -> datetime:
        if error.refused:
            self._pause(campaign_id, str(error))
        else:
            self._tell(campaign_id, str(error))
        return error.again_at

    def _tell(self, campaign_id: int, trouble: str | None) -> None:
        """Say on the campaign why it is slow or goes another way, or that it is not any more."""
        # What an earlier worker said is taken back by the first trip of this one.
        if self._told.get(campaign_id, "") == trouble:
            return
        with self._database.writing() as session:
            campaigns.note(session, campaign_id, trouble)
        self._told[campaign_id] = trouble

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
