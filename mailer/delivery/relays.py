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
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.delivery import circuits, pacing, recovery
from mailer.delivery.concurrency import Concurrency
from mailer.delivery.connections import Connections
from mailer.delivery.endpoints import RelayAddress
from mailer.delivery.introductions import RelayRefused, RelayUnavailable
from mailer.delivery.outcomes import judge_reply
from mailer.delivery.pacing import Grant, Pace
from mailer.delivery.replies import Phase
from mailer.delivery.smtp import Connection
from mailer.delivery.transactions import Timeouts
from mailer.errors import MailerError, SettingsError
from mailer.models import Courier, Relay
from mailer.vault import Vault

log = structlog.get_logger(__name__)

THROTTLING: Final = frozenset({"speeding", "toomanyconn"})
_FRESH: Final = 1.0  # seconds for which a look at the database is believed
_LOOK_AGAIN: Final = 0.2
_FIRST_GROUP: Final = 4
_RECONSIDER: Final = timedelta(seconds=5)


class NoRelay(MailerError):
    """No relay can be used until ``again_at``; ``refused`` when a person must do something."""

    def __init__(self, sentence: str, *, again_at: datetime, refused: bool) -> None:
        super().__init__(sentence)
        self.again_at = again_at
        self.refused = refused


@dataclass(slots=True)
class Station:
    """One relay as this process knows it."""

    id: int
    name: str
    address: RelayAddress
    connections: Connections
    pace: Pace
    concurrency: Concurrency
    return_domain: str = ""
    group: int = _FIRST_GROUP  # deliveries worth a quarter of a second, as last measured
    at_will: bool = True  # no speed is set
    trouble: str | None = None
    refused: bool = False
    failures: int = 0
    try_again_at: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone at this moment."""
        return self.try_again_at is not None and self.try_again_at > now


@dataclass(slots=True)
class Place:
    """A place at a relay, kept by one thread; ``station`` changes when the relay fails."""

    station: Station | None
    detour: str | None = None  # why it is not the first relay in the order
    urgent: bool = False

    @property
    def relay_id(self) -> int | None:
        return self.station.id if self.station else None


class Relays:
    """All relays in their order, for all threads of a process. ``courier_id`` names the process.

    ``fallback`` is the relay of the environment; ``catching`` says that it is the catcher, which
    gives way to any other. ``most`` limits the connections of this process.
    """

    def __init__(
        self,
        database: Database,
        *,
        courier_id: str,
        fallback: RelayAddress,
        catching: bool,
        hello_name: str,
        most: int,
        vault: Vault,
        clock: Callable[[], datetime],
        stopping: threading.Event,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._database = database
        self._courier_id = courier_id
        self._fallback = fallback
        self._catching = catching
        self._hello_name = hello_name
        self._most = most
        self._vault = vault
        self._clock = clock
        self._stopping = stopping
        self._timeouts = timeouts
        self._stations: dict[int, Station] = {}
        self._order: list[Station] = []
        self._looked_at = -_FRESH
        self._looking = threading.Lock()
        self._room = threading.Condition()
        self._waiting = 0

    @contextmanager
    def place(self, *, urgent: bool = False) -> Iterator[Place | None]:
        """A place at the first relay that can be used, waited for; None when it is time to stop.

        ``urgent`` waits for nothing. Where no relay can be used there is a place all the same, and
        ``connection`` says why.
        """
        place = self._enter(urgent=urgent)
        try:
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
                    connection = lending.enter_context(station.connections.lend())
                    break
                except (RelayUnavailable, RelayRefused) as error:
                    self._failed(station, error)
            if station.failures:
                station.failures = 0
                with self._database.writing() as session:
                    circuits.works(session, station.id)
            yield connection

    def carried(self, place: Place, number: int) -> None:
        """Count what was carried; it tells how many connections are worth having."""
        if place.station:
            with self._room:
                place.station.concurrency.carried(
                    number,
                    waiting=self._waiting > 0,
                    at_will=place.station.at_will,
                    now=time.monotonic(),
                )

    def take(self, place: Place, most: int) -> Grant:
        """Permits to hand messages over at this place."""
        station = place.station
        assert station is not None
        grant = station.pace.take(most)
        if grant.behind is not None:
            with self._room:
                station.concurrency.behind(grant.behind, now=time.monotonic())
                self._room.notify_all()
        return grant

    def throttled(self, place: Place, reason: str) -> None:
        """The relay asks for less of what ``reason`` says."""
        station = place.station
        assert station is not None
        with self._room:
            if reason == "toomanyconn":
                station.concurrency.pushed_back(now=time.monotonic())
            going = station.concurrency.carried_a_second
        with self._database.writing() as session:
            slower = pacing.slow_down(session, station.id, going=going, now=self._clock())
        if slower is not None:
            log.warning("the relay asked us to slow down", relay=station.name, per_second=slower)
            self._looked_at = -_FRESH

    def close(self) -> None:
        """Say goodbye on every waiting connection."""
        for station in self._stations.values():
            station.connections.close()

    def _enter(self, *, urgent: bool) -> Place | None:
        while True:
            self._look()
            with self._room:
                station = self._preferred()
                if station is None:
                    return Place(None, urgent=urgent)
                if urgent or station.rests(self._clock()) or station.concurrency.free:
                    station.concurrency.busy += 1
                    break
                if self._stopping.is_set():
                    return None
                self._waiting += 1
                self._room.wait(_LOOK_AGAIN)
                self._waiting -= 1
        if urgent:
            station.pace.charge(1)
        return Place(station, self._detour(station), urgent)

    def _leave(self, place: Place) -> None:
        with self._room:
            if place.station:
                place.station.concurrency.busy -= 1
                place.station = None
            self._room.notify_all()

    def _preferred(self) -> Station | None:
        now = self._clock()
        working = (station for station in self._order if not station.rests(now))
        return next(working, self._order[0] if self._order else None)

    def _working(self, place: Place) -> Station:
        """The place's relay, or the next that is not left alone: the place moves there."""
        now = self._clock()
        if place.station and not place.station.rests(now):
            return place.station
        self._leave(place)
        moved = self._enter(urgent=place.urgent)
        if moved and moved.station:
            place.station, place.detour = moved.station, moved.detour
            if not moved.station.rests(now):
                return moved.station
        if not self._order:
            raise NoRelay(
                "There is no relay to send by: switch one on in the settings.",
                again_at=now + _RECONSIDER,
                refused=True,
            )
        first = min(self._order, key=lambda each: each.try_again_at or now)
        raise NoRelay(
            " ".join(each.trouble for each in self._order if each.trouble)
            or "The relay cannot be used at the moment.",
            again_at=first.try_again_at or now,
            refused=all(each.refused for each in self._order),
        )

    def _detour(self, station: Station) -> str | None:
        first = self._order[0]
        if station is first or not first.trouble:
            return None
        return f"{station.name} carries this issue, since {first.name} can't: {first.trouble}"

    def _failed(self, station: Station, error: RelayUnavailable | RelayRefused) -> None:
        now = self._clock()
        if error.reply and station.concurrency.busy > 1:
            reason = judge_reply(Phase.CONNECT, error.reply).reason
            if reason in THROTTLING:
                with self._room:
                    station.concurrency.pushed_back(now=time.monotonic())
                raise NoRelay(str(error), again_at=now, refused=False)
        refused = isinstance(error, RelayRefused)
        with self._database.writing() as session:
            again_at = circuits.failed(session, station.id, str(error), refused=refused, now=now)
        log.warning("a relay is left alone", relay=station.name, why=str(error), refused=refused)
        station.trouble, station.refused, station.failures = str(error), refused, 1
        station.try_again_at = again_at or now + _RECONSIDER

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < _FRESH or not self._looking.acquire(blocking=False):
            return
        try:
            with self._database.reading() as session:
                rows = session.scalars(
                    select(Relay).where(Relay.enabled).order_by(Relay.position, Relay.id)
                ).all()
                share = _share(session, self._courier_id, now=self._clock())
            if self._catching and len(rows) > 1:
                rows = [row for row in rows if not row.from_environment]
            with self._room:
                self._order = [each for row in rows if (each := self._station(row, share))]
                self._room.notify_all()
            self._looked_at = time.monotonic()
        except (OperationalError, InterfaceError):
            if not self._order:
                raise
            log.warning("database away, the relays are taken as they were")
        finally:
            self._looking.release()

    def _station(self, row: Relay, share: "Share") -> Station | None:
        now = self._clock()
        try:
            address = self._fallback if row.from_environment else address_of(row, self._vault)
        except SettingsError as error:
            log.warning("a relay cannot be used", relay=row.name, why=str(error))
            return None
        speed = row.speed(now)
        limit = min(self._most, share.of(row.connections))
        station = self._stations.get(row.id)
        if station is None:
            station = self._stations[row.id] = Station(
                row.id,
                row.name,
                address,
                connections=self._connections(address),
                pace=Pace(self._database, row.id, clock=self._clock),
                concurrency=Concurrency(limit=limit, speed=speed, now=time.monotonic()),
            )
        elif station.address != address:
            station.connections.close()
            station.address, station.connections = address, self._connections(address)
        station.name, station.return_domain = row.name, row.return_domain
        station.at_will = speed is None
        station.pace.free = speed is None and not row.capped
        station.concurrency.limit = limit
        station.concurrency.aim(speed)
        station.trouble, station.refused = row.trouble, row.refused
        station.failures, station.try_again_at = row.failures, row.try_again_at
        return station

    def _connections(self, address: RelayAddress) -> Connections:
        return Connections(address, hello_name=self._hello_name, timeouts=self._timeouts)


class Share(NamedTuple):
    """This process among the workers that live."""

    rank: int
    workers: int

    def of(self, number: int) -> int:
        """A fair part of a number that belongs to all workers together."""
        return number // self.workers + (self.rank < number % self.workers)


def _share(session: Session, courier_id: str, *, now: datetime) -> Share:
    alive = set(
        session.scalars(select(Courier.id).where(Courier.seen_at > now - recovery.DEAD_AFTER))
    )
    alive.add(courier_id)
    return Share(sorted(alive).index(courier_id), len(alive))


def address_of(row: Relay, vault: Vault) -> RelayAddress:
    """Where a relay of the settings is, with its password opened."""
    return RelayAddress(
        host=row.host,
        port=row.port,
        tls=row.tls,
        username=row.username or None,
        password=vault.open(row.sealed_password) if row.sealed_password else None,
        verify=row.verify,
    )
