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
from mailer.delivery.claims.claiming import Claim, Departure
from mailer.delivery.claims.fairness import Range
from mailer.delivery.claims.in_hand import Hands
from mailer.delivery.claims.recording import Result
from mailer.delivery.couriers.campaign_notes import Remarks
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.consequences import Consequence, Consequences
from mailer.delivery.couriers.cpu_affinity import Core
from mailer.delivery.couriers.crews import Crew, Crews
from mailer.delivery.couriers.journal import Books
from mailer.delivery.couriers.runs import Trip
from mailer.delivery.routing.pool import NoRelay, Place, Relays
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
        core: Core,
        hands: Hands,
    ) -> None:
        self.id = courier_id
        self._relays = relays
        self._consequences = Consequences(retries, clock=clock)
        self._clock = clock
        self._stopping = stopping
        self._core = core
        self._crews = Crews()
        self._remarks = Remarks(database, clock=clock)
        self._books = Books(
            courier_id,
            database=database,
            relays=relays,
            composers=composers,
            remarks=self._remarks,
            clock=clock,
            stopping=stopping,
            hands=hands,
        )

    def carry(self, campaign_id: int, first_id: int, last_id: int) -> None:
        """Carry this range and then what else is due, or first one whose turn it rather is; or help
        those who carry already.

        Does nothing when there is nothing to be had.
        """
        own: Range | None = Range(first_id, last_id)
        with self._relays.place() as place:
            while place and not self._stopping.is_set():
                crew = self._crews.board(self._books, place, campaign_id, own)
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

    def _no_relay(self, campaign_id: int, error: NoRelay) -> datetime:
        if error.refused:
            self._remarks.pause(campaign_id, str(error))
        else:
            self._remarks.tell(campaign_id, str(error))
        return error.again_at
