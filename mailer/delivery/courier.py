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
from typing import Final

import structlog
from sqlalchemy.orm import Session

from contacts.database import AWAY, Database
from contacts.models import SuppressionReason
from contacts.suppressions import suppress
from mailer.delivery import ledger, turns
from mailer.delivery.composers import Composers
from mailer.delivery.consequences import Consequence, Consequences
from mailer.delivery.cores import Core
from mailer.delivery.envelopes import Outcome
from mailer.delivery.hands import Hands
from mailer.delivery.ledger import Claim, Departure
from mailer.delivery.pacing import Grant
from mailer.delivery.recording import record
from mailer.delivery.relays import NoRelay, Place, Relays
from mailer.delivery.remarks import Remarks
from mailer.delivery.retrying import RetryPolicy
from mailer.delivery.trips import Trip
from mailer.delivery.turns import Range, Turns

log = structlog.get_logger(__name__)

_TRIES: Final = 5  # at a range that somebody else was quicker to take
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
        core: Core,
        hands: Hands,
    ) -> None:
        self.id = courier_id
        self._database = database
        self._relays = relays
        self._composers = composers
        self._consequences = Consequences(retries, clock=clock)
        self._clock = clock
        self._stopping = stopping
        self._core = core
        self._turns = Turns()
        self._remarks = Remarks(database, clock=clock)
        self._hands = hands

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this range and then what else is due, or first one whose turn it rather is.

        Does nothing when there is nothing to be had.
        """
        own: Range | None = Range(first_id, last_id)
        with self._relays.place() as place:
            while place and not self._stopping.is_set():
                claim = self._claim(place, campaign_id, own)
                own = None
                if claim is None:
                    return
                try:
                    more = self._travel(claim, place)
                finally:
                    self._hands.drop(claim.batch_id)
                if not more:
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

    def _claim(self, place: Place, campaign_id: int, own: Range | None) -> Claim | None:
        for _ in range(_TRIES):
            now = self._clock()
            with self._database.reading() as session:
                waiting = turns.waiting(session, now=now)
                if not waiting:
                    return None
                hungriest = self._turns.hungriest(waiting)
                if own and hungriest == campaign_id:
                    wanted: Range | None = own
                else:
                    wanted = turns.a_range(session, hungriest, now=now)
            if wanted and (claim := self._take(place, hungriest, wanted, now=now)):
                return claim
            own = None  # somebody was quicker
        return None

    def _take(
        self, place: Place, campaign_id: int, wanted: Range, *, now: datetime
    ) -> Claim | None:
        # A transaction a try: who has waited for a row in vain holds it until its own ends.
        claim: Claim | None = None
        try:
            with self._database.writing() as session:
                claim = ledger.claim(
                    session,
                    campaign_id,
                    wanted.first_id,
                    wanted.last_id,
                    courier_id=self.id,
                    now=now,
                    most=place.stretch if wanted.left is None else place.share_of(wanted.left),
                    pieces=1 if wanted.left is None else place.pieces_of(wanted.left),
                )
                if claim:
                    self._hands.take(claim.batch_id)
        except BaseException:
            # Perhaps committed, perhaps not. Whatever ended it, no thread has this batch.
            if claim:
                self._hands.drop(claim.batch_id)
            raise
        return claim

    def _carry(self, trip: Trip) -> datetime | None:
        """Send until the range is done, or it is time to let go; when it may go on, if not now."""
        composer = self._composers.of(trip.claim.campaign_id)
        with (
            self._core.kept(spread=composer.signed),
            self._relays.connection(trip.place) as connection,
        ):
            self._remarks.tell(trip.claim.campaign_id, trip.place.detour)
            while trip.wants(connection):
                if self._stopping.wait(trip.seconds_to_wait()):
                    break
                for outcome in connection.send(trip.envelopes(composer, connection)):
                    trip.note(outcome)
            trip.end()
            self._relays.tried(
                trip.place, carried=trip.carried, broke_off=trip.broken_off(connection)
            )
        if trip.trouble:
            self._remarks.pause(trip.claim.campaign_id, trip.trouble)
        if trip.full and not self._relays.another(trip.place):
            self._remarks.tell(trip.claim.campaign_id, _FULL)
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

    def give_back(self, place: Place, grant: Grant, number: int) -> None:
        """So many permits were not used."""
        self._relays.give_back(place, grant, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; 0 when it has passed."""
        return max(0.0, (moment - self._clock()).total_seconds())

    def came_of(self, trip: Trip, outcome: Outcome, departure: Departure) -> Consequence:
        """What an outcome on the wire means; a relay that asks for less gets less."""
        consequence = self._consequences.of(trip.claim, outcome, departure)
        if consequence.slows:
            try:
                self._relays.throttled(trip.place, consequence.slows)
            except AWAY:  # it will ask again
                log.warning("database away, the relay is not slowed down yet")
        return consequence

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

    def _no_relay(self, campaign_id: int, error: NoRelay) -> datetime:
        if error.refused:
            self._remarks.pause(campaign_id, str(error))
        else:
            self._remarks.tell(campaign_id, str(error))
        return error.again_at

    def _insist(self, write: Callable[[], object]) -> None:
        # Outcomes exist nowhere but here until they are written: a database that went away is
        # waited for, as long as this process may.
        while True:
            try:
                write()
                return
            except AWAY:
                if self._stopping.is_set():
                    raise
                log.warning("database away, outcomes are waiting")
                time.sleep(1)
