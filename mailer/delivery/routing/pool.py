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
from mailer.delivery.claims.fairness import Backlog
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.relay_state import FIRST_GUESS, RelayState, RelayStates
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
class RelaySlot:
    """A place at a relay, kept by one thread; ``station`` changes when the relay fails."""

    relay: RelayState | None
    detour: str | None = None  # why it is not the first relay in the order
    urgent: bool = False

    @property
    def relay_id(self) -> int | None:
        return self.relay.id if self.relay else None

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
        if self.relay and self.relay.speed is not None:
            most = max(_STRETCH[0], min(most, int(self.relay.speed)))
        return self._worth(_STRETCH_SECONDS * self._of_a_crew, _STRETCH[0], most)

    def share_of(self, left: Backlog) -> int:
        """How much of what is ``left`` to take in hand.

        Ever less towards the end, so that nobody still carries when all others are done.
        """
        least = max(LEAST, self._of_a_crew // 4)
        return min(self.stretch, max(least, left.deliveries // (2 * self._crews)))

    def pieces_of(self, left: Backlog) -> int:
        """In how many ranges to leave the rest of a range, so that there is one for everybody."""
        return -(-self._crews // left.ranges)

    @property
    def _of_a_crew(self) -> int:
        """How many connections a crew here has."""
        return min(self.crew, self._connections)

    @property
    def _crews(self) -> int:
        """How many crews share the work: those of all workers, as far as this one knows."""
        workers = self.relay.workers if self.relay else 1
        return -(-self._connections // self.crew) * workers

    @property
    def _connections(self) -> int:
        return max(1, self.relay.concurrency.wanted) if self.relay else 1

    def timed(self, seconds: float) -> None:
        """One message took so long; two are under way at a time, one's content, another's name."""
        if self.relay:
            self.relay.one_takes += (seconds / 2 - self.relay.one_takes) * _HEED

    def _worth(self, seconds: float, least: int, most: int) -> int:
        return max(least, min(most, int(seconds / max(self._one_takes, 1e-6))))

    @property
    def _one_takes(self) -> float:
        return self.relay.one_takes if self.relay else FIRST_GUESS


class Relays:
    """The relays, for all threads of a process."""

    def __init__(
        self,
        database: Database,
        states: RelayStates,
        *,
        clock: Callable[[], datetime],
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._states = states
        self._room = states.room
        self._clock = clock
        self._stopping = stopping
        self._waiting = 0

    @contextmanager
    def slot(self, *, urgent: bool = False) -> Iterator[RelaySlot | None]:
        """A place at the first relay that can be used; None when all are taken for a moment.

        Whoever has one goes on as long as there is work, so nothing is lost by not waiting longer.
        ``urgent`` has a place at once. Where no relay can be used there is a place all the same,
        and ``connection`` says why.
        """
        slot = self._enter(urgent=urgent)
        try:
            if slot and slot.relay and urgent:
                slot.relay.pace.charge(1)
            yield slot
        finally:
            if slot:
                self._leave(slot)

    @contextmanager
    def connection(self, slot: RelaySlot) -> Iterator[Connection]:
        """A connection at this place, or at the next relay that works; NoRelay when none does."""
        with ExitStack() as lending:
            while True:
                relay = self._working(slot)
                try:
                    known = relay.connections.round_trip
                    connection = lending.enter_context(relay.connections.lend())
                    if known is None:
                        self._states.refresh_soon()  # how many connections it takes is now known
                    break
                except (RelayUnavailable, RelayRefused) as error:
                    self._failed(relay, error)
            yield connection

    def tried(self, slot: RelaySlot, *, carried: int, broke_off: str | None) -> None:
        """Note what a connection was good for: so many messages were answered on it.

        ``broke_off`` is what was last heard of one that ended too early. A relay that takes
        connections and never a message is left alone like one that takes none.
        """
        relay = slot.relay
        assert relay is not None
        if carried:
            relay.barren = 0
            if relay.failures:
                relay.failures = 0
                with self._database.writing() as session:
                    circuit_breaker.works(session, relay.id)
        elif broke_off:
            relay.barren += 1
            if relay.barren >= _BARREN:
                relay.barren = 0
                self._left_alone(
                    relay,
                    f"The relay {relay.address} breaks off before it takes a message. "
                    f"It said: {broke_off}",
                )

    def stays(self, slot: RelaySlot) -> bool:
        """Whether a thread may keep its place: no fewer are wanted, and no better relay is back."""
        self._states.look()
        with self._room:
            relay = slot.relay
            if relay is None or relay is not self._preferred():
                return False
            return relay.concurrency.busy <= relay.concurrency.wanted

    def another(self, slot: RelaySlot) -> bool:
        """Whether another relay than this one is to be used now."""
        with self._room:
            return self._preferred() is not slot.relay

    def carried(self, slot: RelaySlot, number: int) -> None:
        """Count what was carried; it tells how many connections are worth having."""
        if slot.relay:
            with self._room:
                slot.relay.concurrency.carried(
                    number,
                    waiting=self._waiting > 0,
                    at_will=slot.relay.speed is None,
                    now=time.monotonic(),
                )

    def take(self, slot: RelaySlot, most: int) -> Grant:
        """Permits to hand messages over at this place."""
        relay = slot.relay
        assert relay is not None
        grant = relay.pace.take(most)
        relay.full_until = min(grant.at, self._clock() + _RECONSIDER) if grant.full else None
        if grant.behind is not None:
            with self._room:
                relay.concurrency.behind(grant.behind, now=time.monotonic())
                self._call_in(relay)
        return grant

    def give_back(self, slot: RelaySlot, grant: Grant, number: int) -> None:
        """So many permits of a grant were not used: they are for others at this relay."""
        if slot.relay:
            slot.relay.pace.give_back(grant, number)

    def throttled(self, slot: RelaySlot, reason: str) -> None:
        """The relay asks for less of what ``reason`` says."""
        relay = slot.relay
        assert relay is not None
        with self._room:
            if reason == "toomanyconn":  # it can be as fast as it is, over fewer
                relay.concurrency.pushed_back(now=time.monotonic())
                return
            going = relay.concurrency.carried_a_second
        with self._database.writing() as session:
            slower = pacing.slow_down(session, relay.id, going=going, now=self._clock())
        if slower is not None:
            log.warning("the relay asked us to slow down", relay=relay.name, per_second=slower)
            self._states.refresh_soon()

    def close(self) -> None:
        """Say goodbye on every waiting connection."""
        self._states.close()

    def _enter(self, *, urgent: bool, patience: float = _PATIENCE) -> RelaySlot | None:
        until = time.monotonic() + patience
        while True:
            self._states.look()
            with self._room:
                relay = self._preferred()
                if relay is None:
                    return RelaySlot(None, urgent=urgent)
                if urgent or relay.rests(self._clock()) or relay.concurrency.free:
                    slot = RelaySlot(relay, self._detour(relay), urgent)
                    relay.concurrency.busy += 1
                    return slot
                if self._stopping.is_set() or time.monotonic() > until:
                    return None
                self._waiting += 1
                self._room.wait(_LOOK_AGAIN)
                self._waiting -= 1

    def _leave(self, slot: RelaySlot) -> None:
        with self._room:
            if slot.relay:
                slot.relay.concurrency.busy -= 1
                self._call_in(slot.relay)
                slot.relay = None

    def _call_in(self, relay: RelayState) -> None:
        # Not all who wait: that would be a hundred threads for one place.
        self._room.notify(max(0, relay.concurrency.wanted - relay.concurrency.busy))

    def _preferred(self) -> RelayState | None:
        now = self._clock()
        order = self._states.order
        working = [relay for relay in order if not relay.rests(now)]
        roomy = (relay for relay in working if not relay.full(now))
        return next(roomy, next(iter(working or order), None))

    def _working(self, slot: RelaySlot) -> RelayState:
        """The place's relay, or the next that is not left alone: the place moves there."""
        now = self._clock()
        if slot.relay and not slot.relay.rests(now):
            return slot.relay
        self._leave(slot)
        moved = self._enter(urgent=slot.urgent, patience=_LONG_PATIENCE)
        if moved and moved.relay:
            slot.relay, slot.detour = moved.relay, moved.detour
            if not moved.relay.rests(now):
                return moved.relay
        if not self._states.order:
            raise NoRelay(
                "There is no relay to send by: switch one on in the settings.",
                again_at=now + _RECONSIDER,
                refused=True,
            )
        first = min(self._states.order, key=lambda each: each.try_again_at or now)
        raise NoRelay(
            " ".join(each.trouble for each in self._states.order if each.trouble)
            or "The relay cannot be used at the moment.",
            again_at=first.try_again_at or now,
            refused=all(each.refused for each in self._states.order),
        )

    def _detour(self, relay: RelayState) -> str | None:
        first = self._states.order[0]
        if relay is first:
            return None
        now = self._clock()
        if first.full(now) and not first.rests(now):
            return f"{relay.name} carries this issue, since {first.name} has reached its limit."
        if not first.trouble:
            return None
        return f"{relay.name} carries this issue, since {first.name} can't: {first.trouble}"

    def _failed(self, relay: RelayState, error: RelayUnavailable | RelayRefused) -> None:
        if error.reply and relay.concurrency.busy > 1:
            reason = judge_reply(Phase.CONNECT, error.reply).reason
            if reason in THROTTLING:
                with self._room:
                    relay.concurrency.pushed_back(now=time.monotonic())
                raise NoRelay(str(error), again_at=self._clock(), refused=False)
        self._left_alone(relay, str(error), refused=isinstance(error, RelayRefused))

    def _left_alone(self, relay: RelayState, why: str, *, refused: bool = False) -> None:
        now = self._clock()
        with self._database.writing() as session:
            again_at = circuit_breaker.failed(session, relay.id, why, refused=refused, now=now)
        log.warning("a relay is left alone", relay=relay.name, why=why, refused=refused)
        relay.trouble, relay.refused, relay.failures = why, refused, 1
        relay.try_again_at = again_at or now + _RECONSIDER
