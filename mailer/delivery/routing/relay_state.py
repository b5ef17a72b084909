"""What one worker process knows of the relays, read from the database once a second."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import AWAY
from mailer.delivery.claims import recovery
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.routing.concurrency import Concurrency
from mailer.delivery.routing.connections import Connections
from mailer.delivery.routing.pacing import RelayLimits, RelayPace
from mailer.delivery.smtp.wire import Timeouts
from mailer.domains.routes import in_use
from mailer.errors import SettingsError
from mailer.models import CourierHeartbeat, Relay
from mailer.security.vault import Vault
from mailer.settings.relay_address import RelayAddress

log = structlog.get_logger(__name__)

_FARTHEST: Final = timedelta(minutes=2)
FIRST_GUESS: Final = 0.05  # seconds for a message, before the first measurement


@dataclass(slots=True)
class RelayState:
    """One relay as this process knows it.

    What is counted, and the connections that are wanted, change under the lock of ``RelayStates``.
    The other fields are single values that any thread may read: an old value does no harm.
    """

    id: int
    name: str
    address: RelayAddress
    connections: Connections
    pace: RelayPace
    concurrency: Concurrency
    return_domain: str = ""
    one_takes: float = FIRST_GUESS  # seconds for a message on one connection, on average
    speed: float | None = None  # messages a second at most
    workers: int = 1  # processes that share the relay
    trouble: str | None = None
    refused: bool = False
    failures: int = 0
    barren: int = 0  # connections in a row without a reply to any message
    try_again_at: datetime | None = None
    full_until: datetime | None = None  # a cap of the hour or the day is reached

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone at this moment."""
        return _lies_ahead(self.try_again_at, now)

    def full(self, now: datetime) -> bool:
        """Whether it takes no more until later in the hour or the day."""
        return _lies_ahead(self.full_until, now)


def _lies_ahead(moment: datetime | None, now: datetime) -> bool:
    # What lies further ahead was written by a clock that was ahead itself.
    return moment is not None and now < moment <= now + _FARTHEST


class RelayStates:
    """All relays that are switched on, in their order, for all threads of ``process``.

    ``fallback`` is the relay of the environment; ``catching`` says that it is the catcher, which
    gives way to any other. ``most`` limits the connections of this process. ``changed`` is the lock
    of ``order`` and of everything that is counted, and is notified when a slot may be free.
    """

    def __init__(
        self,
        process: CourierProcess,
        *,
        fallback: RelayAddress,
        catching: bool,
        hello_name: str,
        most: int,
        vault: Vault,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.order: list[RelayState] = []
        self.changed = threading.Condition()
        self._process = process
        self._fallback = fallback
        self._catching = catching
        self._hello_name = hello_name
        self._most = most
        self._vault = vault
        self._timeouts = timeouts
        self._known: dict[int, RelayState] = {}
        self._unused: list[Connections] = []  # to former addresses; under ``changed``
        self._looked_at: float | None = None
        self._stale = True
        self._looking = threading.Lock()

    def refresh_soon(self) -> None:
        """Read the database at the next look: what is known has changed."""
        self._stale = True

    def close(self) -> None:
        """Close every idle connection."""
        for state in self._known.values():
            state.connections.close()

    def look(self) -> None:
        """Read settings and failures from the database, unless that was done within a second."""
        first = self._looked_at is None
        age = time.monotonic() - (self._looked_at or 0)
        if not (first or self._stale or age >= self._process.timing.relays_fresh):
            return
        # One thread reads while others go on with what is known; all wait for the first reading.
        if not self._looking.acquire(blocking=first):
            return
        try:
            with self._process.database.reading() as session:
                rows = in_use(session, catching=self._catching)
                share = _share(session, self._process.name, now=self._process.clock())
            with self.changed:
                self.order = [each for row in rows if (each := self._state_of(row, share))]
                unused, self._unused = self._unused, []
                self.changed.notify_all()
            for connections in unused:  # QUIT takes a round trip
                connections.close()
            self._looked_at, self._stale = time.monotonic(), False
        except AWAY:
            if first:
                raise
            log.warning("database away, the relays are taken as they were")
        finally:
            self._looking.release()

    def _state_of(self, row: Relay, share: "Share") -> RelayState | None:
        now = self._process.clock()
        try:
            address = self._fallback if row.from_environment else address_of(row, self._vault)
        except SettingsError as error:
            log.warning("a relay cannot be used", relay=row.name, why=str(error))
            return None
        speed = row.speed(now)
        limit = min(self._most, share.of(row.connections))
        state = self._known.get(row.id)
        if state is None:
            state = self._known[row.id] = RelayState(
                row.id,
                row.name,
                address,
                connections=self._connections(address),
                pace=RelayPace(self._process.database, row.id, clock=self._process.clock),
                concurrency=Concurrency(limit=limit, speed=speed, now=time.monotonic()),
            )
        elif state.address != address:
            self._unused.append(state.connections)
            state.address, state.connections = address, self._connections(address)
        state.name, state.return_domain = row.name, row.return_domain
        state.speed, state.workers = speed, share.workers
        limits = RelayLimits(row.per_second, row.per_hour, row.per_day)
        state.pace.adapt(limits, free=speed is None and not row.capped)
        state.full_until = state.full_until if row.capped else None
        state.concurrency.limit = limit
        state.concurrency.aim(speed and speed / share.workers, state.connections.round_trip)
        state.trouble, state.refused = row.trouble, row.refused
        state.failures, state.try_again_at = row.failures, row.try_again_at
        return state

    def _connections(self, address: RelayAddress) -> Connections:
        return Connections(address, hello_name=self._hello_name, timeouts=self._timeouts)


class Share(NamedTuple):
    """The position of this process among all live workers."""

    rank: int
    workers: int

    def of(self, number: int) -> int:
        """This process's part of a number that all workers share."""
        return number // self.workers + (self.rank < number % self.workers)


def _share(session: Session, courier_id: str, *, now: datetime) -> Share:
    alive = set(
        session.scalars(
            select(CourierHeartbeat.id).where(CourierHeartbeat.seen_at > now - recovery.DEAD_AFTER)
        )
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
