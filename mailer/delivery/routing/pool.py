"""The installation's relays in one worker process: which, with how many connections, how fast.

What is set and what went wrong stands in the database, looked at once a second, so a change of
speed reaches every worker by itself. A relay that fails is left alone for a while and the next one
in the order takes its deliveries.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from contacts.database import Database
from mailer.delivery.claims.fairness import Left
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.relay_state import FIRST_GUESS, Station, Stations
from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.handshake import RelayRefused, RelayUnavailable
from mailer.delivery.smtp.replies import Phase
from mailer.delivery.verdicts.judging import THROTTLING, judge_reply
from mailer.errors import MailerError

log = structlog.get_logger(__name__)

GROUP: Final = 128  # the most deliveries a connection begins at once
_LOOK_AGAIN: Final = 0.2
_PATIENCE: Final = 3.0  # longer than a nudge takes to come again: somebody is always ready to help
_LONG_PATIENCE: Final = 5.0  # of whoever has a range in hand already
_GROUP_SECONDS: Final = 0.25
# However far the relay is: below four the books take more than the sending.
_GROUP: Final = (4, GROUP)
_STRETCH_SECONDS: Final = 3.0
_STRETCH: Final = (8, 1000)
LEAST: Final = 4  # deliveries to take in hand towards the end, however little is left
_HEED: Final = 0.2  # of one message's time, beside what was known before
_RECONSIDER: Final = timedelta(seconds=5)
_BARREN: Final = 3  # connections in a row that were good for nothing


class NoRelay(MailerError):
    """No relay can be used until ``again_at``; ``refused`` when a person must do something."""

    def __init__(self, sentence: str, *, again_at: datetime, refused: bool) -> None:
        super().__init__(sentence)
        self.again_at = again_at
        self.refused = refused


@dataclass(slots=True)
class Place:
    """A place at a relay, kept by one thread; ``station`` changes when the relay fails."""

    station: Station | None
    detour: str | None = None  # why it is not the first relay in the order
    urgent: bool = False

    @property
    def relay_id(self) -> int | None:
        return self.station.id if self.station else None

    @property
    def crew(self) -> int:
        """How many connections begin together, so that it is worth the books' while."""
        return max(1, int(GROUP * self._one_takes / _GROUP_SECONDS))

    def group(self, connections: int) -> int:
        """Deliveries worth about a quarter of a second on so many connections here."""
        return self._worth(_GROUP_SECONDS * connections, *_GROUP)

    @property
    def stretch(self) -> int:
        """Deliveries worth some seconds: the most that one crew takes in hand at once."""
        most = _STRETCH[1]
        if self.station and self.station.speed is not None:
            most = max(_STRETCH[0], min(most, int(self.station.speed)))
        return self._worth(_STRETCH_SECONDS * self._of_a_crew, _STRETCH[0], most)

    def share_of(self, left: Left) -> int:
        """How much of what is ``left`` to take in hand.

        Ever less towards the end, so that nobody still carries when all others are done.
        """
        least = max(LEAST, self._of_a_crew // 4)
        return min(self.stretch, max(least, left.deliveries // (2 * self._crews)))

    def pieces_of(self, left: Left) -> int:
        """In how many ranges to leave the rest of a range, so that there is one for everybody."""
        return -(-self._crews // left.ranges)

    @property
    def _of_a_crew(self) -> int:
        """How many connections a crew here has."""
        return min(self.crew, self._connections)

    @property
    def _crews(self) -> int:
        """How many crews share the work: those of all workers, as far as this one knows."""
        workers = self.station.workers if self.station else 1
        return -(-self._connections // self.crew) * workers

    @property
    def _connections(self) -> int:
        return max(1, self.station.concurrency.wanted) if self.station else 1

    def timed(self, seconds: float) -> None:
        """One message took so long; two are under way at a time, one's content, another's name."""
        if self.station:
            self.station.one_takes += (seconds / 2 - self.station.one_takes) * _HEED

    def _worth(self, seconds: float, least: int, most: int) -> int:
        return max(least, min(most, int(seconds / max(self._one_takes, 1e-6))))

    @property
    def _one_takes(self) -> float:
        return self.station.one_takes if self.station else FIRST_GUESS


class Relays:
    """The relays, for all threads of a process."""

    def __init__(
        self,
        database: Database,
        stations: Stations,
        *,
        clock: Callable[[], datetime],
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._stations = stations
        self._room = stations.room
        self._clock = clock
        self._stopping = stopping
        self._waiting = 0

    @contextmanager
    def place(self, *, urgent: bool = False) -> Iterator[Place | None]:
        """A place at the first relay that can be used; None when all are taken for a moment.

        Whoever has one goes on as long as there is work, so nothing is lost by not waiting longer.
        ``urgent`` has a place at once. Where no relay can be used there is a place all the same,
        and ``connection`` says why.
        """
        place = self._enter(urgent=urgent)
        try:
            if place and place.station and urgent:
                place.station.pace.charge(1)
            yield place
        finally:
            if place:
                self._leave(place)

    @contextmanager
    def connection(self, place: Place) -> Iterator[Connection]:
        """A connection at this place, or at the next relay that works; NoRelay when none does."""
        with ExitStack() as lending:
            while True:
                station = self._working(place)
                try:
                    known = station.connections.round_trip
                    connection = lending.enter_context(station.connections.lend())
                    if known is None:
                        self._stations.doubt()  # how many connections it takes is now known
                    break
                except (RelayUnavailable, RelayRefused) as error:
                    self._failed(station, error)
            yield connection

    def tried(self, place: Place, *, carried: int, broke_off: str | None) -> None:
        """Note what a connection was good for: so many messages were answered on it.

        ``broke_off`` is what was last heard of one that ended too early. A relay that takes
        connections and never a message is left alone like one that takes none.
        """
        station = place.station
        assert station is not None
        if carried:
            station.barren = 0
            if station.failures:
                station.failures = 0
                with self._database.writing() as session:
                    circuit_breaker.works(session, station.id)
        elif broke_off:
            station.barren += 1
            if station.barren >= _BARREN:
                station.barren = 0
                self._left_alone(
                    station,
                    f"The relay {station.address} breaks off before it takes a message. "
                    f"It said: {broke_off}",
                )

    def stays(self, place: Place) -> bool:
        """Whether a thread may keep its place: no fewer are wanted, and no better relay is back."""
        self._stations.look()
        with self._room:
            station = place.station
            if station is None or station is not self._preferred():
                return False
            return station.concurrency.busy <= station.concurrency.wanted

    def another(self, place: Place) -> bool:
        """Whether another relay than this one is to be used now."""
        with self._room:
            return self._preferred() is not place.station

    def carried(self, place: Place, number: int) -> None:
        """Count what was carried; it tells how many connections are worth having."""
        if place.station:
            with self._room:
                place.station.concurrency.carried(
                    number,
                    waiting=self._waiting > 0,
                    at_will=place.station.speed is None,
                    now=time.monotonic(),
                )

    def take(self, place: Place, most: int) -> Grant:
        """Permits to hand messages over at this place."""
        station = place.station
        assert station is not None
        grant = station.pace.take(most)
        station.full_until = min(grant.at, self._clock() + _RECONSIDER) if grant.full else None
        if grant.behind is not None:
            with self._room:
                station.concurrency.behind(grant.behind, now=time.monotonic())
                self._call_in(station)
        return grant

    def give_back(self, place: Place, grant: Grant, number: int) -> None:
        """So many permits of a grant were not used: they are for others at this relay."""
        if place.station:
            place.station.pace.give_back(grant, number)

    def throttled(self, place: Place, reason: str) -> None:
        """The relay asks for less of what ``reason`` says."""
        station = place.station
        assert station is not None
        with self._room:
            if reason == "toomanyconn":  # it can be as fast as it is, over fewer
                station.concurrency.pushed_back(now=time.monotonic())
                return
            going = station.concurrency.carried_a_second
        with self._database.writing() as session:
            slower = pacing.slow_down(session, station.id, going=going, now=self._clock())
        if slower is not None:
            log.warning("the relay asked us to slow down", relay=station.name, per_second=slower)
            self._stations.doubt()

    def close(self) -> None:
        """Say goodbye on every waiting connection."""
        self._stations.close()

    def _enter(self, *, urgent: bool, patience: float = _PATIENCE) -> Place | None:
        until = time.monotonic() + patience
        while True:
            self._stations.look()
            with self._room:
                station = self._preferred()
                if station is None:
                    return Place(None, urgent=urgent)
                if urgent or station.rests(self._clock()) or station.concurrency.free:
                    place = Place(station, self._detour(station), urgent)
                    station.concurrency.busy += 1
                    return place
                if self._stopping.is_set() or time.monotonic() > until:
                    return None
                self._waiting += 1
                self._room.wait(_LOOK_AGAIN)
                self._waiting -= 1

    def _leave(self, place: Place) -> None:
        with self._room:
            if place.station:
                place.station.concurrency.busy -= 1
                self._call_in(place.station)
                place.station = None

    def _call_in(self, station: Station) -> None:
        # Not all who wait: that would be a hundred threads for one place.
        self._room.notify(max(0, station.concurrency.wanted - station.concurrency.busy))

    def _preferred(self) -> Station | None:
        now = self._clock()
        order = self._stations.order
        working = [station for station in order if not station.rests(now)]
        roomy = (station for station in working if not station.full(now))
        return next(roomy, next(iter(working or order), None))

    def _working(self, place: Place) -> Station:
        """The place's relay, or the next that is not left alone: the place moves there."""
        now = self._clock()
        if place.station and not place.station.rests(now):
            return place.station
        self._leave(place)
        moved = self._enter(urgent=place.urgent, patience=_LONG_PATIENCE)
        if moved and moved.station:
            place.station, place.detour = moved.station, moved.detour
            if not moved.station.rests(now):
                return moved.station
        if not self._stations.order:
            raise NoRelay(
                "There is no relay to send by: switch one on in the settings.",
                again_at=now + _RECONSIDER,
                refused=True,
            )
        first = min(self._stations.order, key=lambda each: each.try_again_at or now)
        raise NoRelay(
            " ".join(each.trouble for each in self._stations.order if each.trouble)
            or "The relay cannot be used at the moment.",
            again_at=first.try_again_at or now,
            refused=all(each.refused for each in self._stations.order),
        )

    def _detour(self, station: Station) -> str | None:
        first = self._stations.order[0]
        if station is first:
            return None
        now = self._clock()
        if first.full(now) and not first.rests(now):
            return f"{station.name} carries this issue, since {first.name} has reached its limit."
        if not first.trouble:
            return None
        return f"{station.name} carries this issue, since {first.name} can't: {first.trouble}"

    def _failed(self, station: Station, error: RelayUnavailable | RelayRefused) -> None:
        if error.reply and station.concurrency.busy > 1:
            reason = judge_reply(Phase.CONNECT, error.reply).reason
            if reason in THROTTLING:
                with self._room:
                    station.concurrency.pushed_back(now=time.monotonic())
                raise NoRelay(str(error), again_at=self._clock(), refused=False)
        self._left_alone(station, str(error), refused=isinstance(error, RelayRefused))

    def _left_alone(self, station: Station, why: str, *, refused: bool = False) -> None:
        now = self._clock()
        with self._database.writing() as session:
            again_at = circuit_breaker.failed(session, station.id, why, refused=refused, now=now)
        log.warning("a relay is left alone", relay=station.name, why=why, refused=refused)
        station.trouble, station.refused, station.failures = why, refused, 1
        station.try_again_at = again_at or now + _RECONSIDER
