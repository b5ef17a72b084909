"""The courier carries ranges of deliveries and writes down what came of them.

The order of things is what keeps the accounts true. An attempt is committed before its content
leaves; outcomes are committed in groups; the outcomes of one group and the attempts of the next
share a transaction, and none is open while the relay is being talked to. So whatever kills the
courier, at most one group of each crew is in doubt and what its connections have on the way, and
everything else is known.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import inf
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
from mailer.delivery.crews import Crew, Crews
from mailer.delivery.envelopes import Outcome
from mailer.delivery.hands import Hands
from mailer.delivery.ledger import Claim, Departure
from mailer.delivery.loads import Load
from mailer.delivery.pacing import Grant
from mailer.delivery.recording import Result, record
from mailer.delivery.relays import NoRelay, Place, Relays
from mailer.delivery.remarks import Remarks
from mailer.delivery.retrying import RetryPolicy
from mailer.delivery.trips import Trip
from mailer.delivery.turns import Range, Turns

log = structlog.get_logger(__name__)

_TRIES: Final = 5  # at a range that somebody else was quicker to take
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
        self._crews = Crews()
        self._remarks = Remarks(database, clock=clock)
        self._hands = hands

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this range and then what else is due, or first one whose turn it rather is; or help
        those who carry already.

        Does nothing when there is nothing to be had.
        """
        own: Range | None = Range(first_id, last_id)
        with self._relays.place() as place:
            while place and not self._stopping.is_set():
                crew = self._crews.board(self, place, campaign_id, own)
                own = None
                if crew is None or not self._go_along(crew, place):
                    return

    def _go_along(self, crew: Crew, place: Place) -> bool:
        """Carry with the crew until it is over; whether this place can be used for more."""
        not_before: datetime | None = None
        try:
            while not_before is None and crew.wants(place) and not self._stopping.is_set():
                not_before = self._travel(crew, place)
                if not self._relays.stays(place):
                    return False
            return not_before is None
        except NoRelay as error:
            not_before = self._no_relay(crew.campaign_id, error)
            return False
        finally:
            crew.leave(not_before)

    def _travel(self, crew: Crew, place: Place) -> datetime | None:
        """Send for some seconds, or until it is time to let go; when it may go on, if not now."""
        with (
            self._core.kept(spread=crew.spread),
            self._relays.connection(place) as connection,
        ):
            trip = Trip(self, crew, place)
            while trip.wants(connection):
                if (wait := crew.seconds_to_wait()) > _LONG:
                    crew.write_down()
                if self._stopping.wait(wait):
                    break
                for outcome in connection.send(trip.envelopes(connection)):
                    trip.note(outcome)
            self._relays.tried(place, carried=trip.carried, broke_off=trip.broken_off(connection))
        if trip.trouble:
            self._remarks.pause(*trip.trouble)
        if crew.full_until and not self._relays.another(place):
            self._remarks.tell(crew.campaign_id, _FULL)
            return min(crew.full_until, self._clock() + _LOOK_AGAIN)
        return None

    def load(self, place: Place, campaign_id: int, own: Range | None) -> Load | None:
        """Take what is due in hand: ``own``, or what is rather wanted; None when nothing waits."""
        for _ in range(_TRIES):
            if self._stopping.is_set():
                return None
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
                return self._load(place, claim, wanted)
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

    def _load(self, place: Place, claim: Claim, wanted: Range) -> Load:
        try:
            composer = self._composers.of(claim.campaign_id)
        except BaseException:  # it is in nobody's hands yet
            self.end(place, claim, (), insist=True)
            raise
        more = inf if wanted.left is None else wanted.left.deliveries - len(claim.ids)
        return Load(claim, composer, more=more)

    def turn_over(
        self,
        place: Place,
        claim: Claim,
        ids: Sequence[int],
        results: Sequence[Result],
        *,
        in_the_air: Sequence[int],
    ) -> list[Departure] | None:
        """One transaction: outcomes that are known, and attempts that come next.

        Gives back whom to write to now; None when this courier must stop.
        """
        self._remarks.tell(claim.campaign_id, place.detour)
        now = self._clock()
        with self._database.writing() as session:
            going = None
            if not self._stopping.is_set():
                going = ledger.begin(session, claim, ids, in_the_air=in_the_air, now=now)
            # Who may begin holds the batch; else it has to be asked for.
            held = going is not None or ledger.holds(session, claim)
            self._write_down(session, place, results, held=held, now=now)
        self._count(place, claim, results)
        return going

    def write_down(
        self,
        place: Place,
        claim: Claim,
        results: Sequence[Result],
        *,
        rest_from: int | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Outcomes of a range of which others are still awaited; its rest is for anybody."""
        now = self._clock()
        with self._database.writing() as session:
            held = ledger.holds(session, claim)
            self._write_down(session, place, results, held=held, now=now)
            if held and rest_from is not None:
                ledger.hand_on(session, claim, rest_from, due_at=max(now, not_before or now))
        self._count(place, claim, results)

    def end(
        self,
        place: Place,
        claim: Claim,
        results: Sequence[Result],
        *,
        all_known: bool = True,
        not_before: datetime | None = None,
        insist: bool = False,
    ) -> None:
        """The last outcomes of a range, which is let go; ``insist`` waits for the database."""

        def write() -> None:
            now = self._clock()
            with self._database.writing() as session:
                held = ledger.holds(session, claim)
                self._write_down(session, place, results, held=held, now=now)
                if held:
                    ledger.release(
                        session, claim, now=now, all_known=all_known, not_before=not_before
                    )

        if not insist:
            write()
            self._hands.drop(claim.batch_id)
            return
        try:
            self._insist(write)
        finally:
            self._hands.drop(claim.batch_id)

    def permits(self, place: Place, most: int) -> Grant:
        """Leave to hand over so many messages, or the moment to ask again."""
        return self._relays.take(place, most)

    def give_back(self, place: Place, grant: Grant, number: int) -> None:
        """So many permits were not used."""
        self._relays.give_back(place, grant, number)

    def seconds_until(self, moment: datetime) -> float:
        """How long it is until then; less than 0 when it has passed."""
        return (moment - self._clock()).total_seconds()

    def came_of(
        self, place: Place, claim: Claim, outcome: Outcome, departure: Departure
    ) -> Consequence:
        """What an outcome on the wire means; a relay that asks for less gets less."""
        consequence = self._consequences.of(claim, outcome, departure)
        if consequence.slows:
            try:
                self._relays.throttled(place, consequence.slows)
            except AWAY:  # it will ask again
                log.warning("database away, the relay is not slowed down yet")
        return consequence

    def not_made(self, claim: Claim, departure: Departure, fault: Exception) -> Result:
        """What becomes of a delivery whose copy could not be made: nobody else waits for it."""
        number = departure.recipient.delivery_id
        log.error("a copy could not be made", delivery=number, fault=type(fault).__name__)
        return self._consequences.of_a_fault(claim, departure, fault)

    def others_wait(self, claim: Claim) -> bool:
        """Whether another campaign waits, so that it is time to let go of this range."""
        with self._database.reading() as session:
            return turns.others_wait(session, claim.campaign_id, now=self._clock())

    def _write_down(
        self,
        session: Session,
        place: Place,
        results: Sequence[Result],
        *,
        held: bool,
        now: datetime,
    ) -> None:
        record(session, results, relay_id=place.relay_id, held=held, now=now)
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

    def _count(self, place: Place, claim: Claim, results: Sequence[Result]) -> None:
        self._relays.carried(place, len(results))
        self._turns.note(claim.campaign_id, len(results))

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
