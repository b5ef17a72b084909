"""The relays of one worker process: which one is used, over how many connections, how fast.

Settings and failures are in the database and are read once a second, so that a change of speed
reaches every worker. A relay that fails is left alone for a while, and the next one in the order
takes its deliveries.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.relay_state import RelayState, RelayStates
from mailer.delivery.routing.slots import RelaySlot
from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.handshake import RelayRefused, RelayUnavailable
from mailer.delivery.smtp.replies import Phase
from mailer.delivery.verdicts.judging import THROTTLING, judge_reply
from mailer.errors import MailerError

log = structlog.get_logger(__name__)

_BARREN: Final = 3  # connections in a row without a reply to any message


class NoRelay(MailerError):
    """No relay can be used until ``again_at``; ``refused`` when a person must do something."""

    def __init__(self, sentence: str, *, again_at: datetime, refused: bool) -> None:
        super().__init__(sentence)
        self.again_at = again_at
        self.refused = refused


class Relays:
    """The relays, for all threads of ``process``."""

    def __init__(self, process: CourierProcess, states: RelayStates) -> None:
        self._process = process
        self._states = states
        self._changed = states.changed
        self._waiting = 0  # threads that wait for a slot, under ``_changed``
        self._retry = timedelta(seconds=process.timing.relay_retry)

    @contextmanager
    def slot(self, *, urgent: bool = False) -> Iterator[RelaySlot | None]:
        """A slot at the first relay that can be used; None when all stay taken for some seconds.

        Threads keep their slots as long as there is work, so nothing is lost by giving up.
        ``urgent`` gets a slot at once. Where no relay can be used there is a slot all the same, and
        ``connection`` raises the reason.
        """
        slot = self._take_slot(urgent=urgent)
        try:
            if slot and slot.relay and urgent:
                slot.relay.pace.charge(1)
            yield slot
        finally:
            if slot:
                self._return_slot(slot)

    @contextmanager
    def connection(self, slot: RelaySlot) -> Iterator[Connection]:
        """A connection to the slot's relay, or to the next that works; NoRelay if none does."""
        with ExitStack() as lending:
            while True:
                relay = self._working_relay(slot)
                try:
                    known = relay.connections.round_trip
                    connection = lending.enter_context(relay.connections.lend())
                    if known is None:
                        # The round trip tells how many connections are needed.
                        self._states.refresh_soon()
                    break
                except (RelayUnavailable, RelayRefused) as error:
                    self._failed(relay, error)
            yield connection

    def note_use(self, slot: RelaySlot, *, carried: int, broke_off: str | None) -> None:
        """Note a use of a connection, on which the relay replied to ``carried`` messages.

        ``broke_off`` is the last reply or fault of a connection that ended. A relay that accepts
        connections and replies to no message is left alone, like one that cannot be reached.
        """
        relay = slot.relay
        assert relay is not None
        with self._changed:
            relay.barren = 0 if carried else relay.barren + bool(broke_off)
            useless = relay.barren >= _BARREN
            if useless:
                relay.barren = 0
        if carried:
            if relay.failures:
                relay.failures = 0
                with self._process.database.writing() as session:
                    circuit_breaker.works(session, relay.id)
        elif useless:
            self._leave_alone(
                relay,
                f"The relay {relay.address} breaks off before it takes a message. "
                f"It said: {broke_off}",
            )

    def may_keep(self, slot: RelaySlot) -> bool:
        """Whether a thread may keep its slot: it is wanted, and no earlier relay works again."""
        self._states.look()
        with self._changed:
            relay = slot.relay
            if relay is None or relay is not self._preferred_relay():
                return False
            return relay.concurrency.busy <= relay.concurrency.wanted

    def prefers_another(self, slot: RelaySlot) -> bool:
        """Whether another relay than this one is to be used now."""
        with self._changed:
            return self._preferred_relay() is not slot.relay

    def count_carried(self, slot: RelaySlot, number: int) -> None:
        """Count messages that were carried, which tells how many connections are worth having."""
        if slot.relay:
            with self._changed:
                slot.relay.concurrency.carried(
                    number,
                    waiting=self._waiting > 0,
                    at_will=slot.relay.speed is None,
                    now=time.monotonic(),
                )

    def take_permits(self, slot: RelaySlot, most: int) -> Grant:
        """Permits to send up to ``most`` messages to the slot's relay."""
        relay = slot.relay
        assert relay is not None
        grant = relay.pace.take(most)
        again_at = min(grant.at, self._process.clock() + self._retry)
        relay.full_until = again_at if grant.full else None
        if grant.behind is not None:
            with self._changed:
                relay.concurrency.behind(grant.behind, now=time.monotonic())
                self._wake_waiting(relay)
        return grant

    def give_back(self, slot: RelaySlot, grant: Grant, number: int) -> None:
        """Return ``number`` permits of a grant, for other threads at this relay."""
        if slot.relay:
            slot.relay.pace.give_back(grant, number)

    def slow_down(self, slot: RelaySlot, reason: str) -> None:
        """The relay asked for fewer messages or, by its ``reason``, for fewer connections."""
        relay = slot.relay
        assert relay is not None
        with self._changed:
            if reason == "toomanyconn":  # over fewer connections, the speed may stay
                relay.concurrency.refused(now=time.monotonic())
                return
            going = relay.concurrency.carried_a_second
        with self._process.database.writing() as session:
            slower = pacing.slow_down(session, relay.id, going=going, now=self._process.clock())
        if slower is not None:
            log.warning("the relay asked us to slow down", relay=relay.name, per_second=slower)
            self._states.refresh_soon()

    def close(self) -> None:
        """Close every idle connection."""
        self._states.close()

    def _take_slot(self, *, urgent: bool, patience: float | None = None) -> RelaySlot | None:
        timing = self._process.timing
        until = time.monotonic() + (timing.slot_patience if patience is None else patience)
        while True:
            self._states.look()
            with self._changed:
                relay = self._preferred_relay()
                if relay is None:
                    return RelaySlot(None, urgent=urgent)
                if urgent or relay.rests(self._process.clock()) or relay.concurrency.free:
                    slot = RelaySlot(relay, self._detour(relay), urgent)
                    relay.concurrency.busy += 1
                    return slot
                if self._process.stopping.is_set() or time.monotonic() > until:
                    return None
                self._waiting += 1
                self._changed.wait(self._process.timing.slot_poll)
                self._waiting -= 1

    def _return_slot(self, slot: RelaySlot) -> None:
        with self._changed:
            if slot.relay:
                slot.relay.concurrency.busy -= 1
                self._wake_waiting(slot.relay)
                slot.relay = None

    def _wake_waiting(self, relay: RelayState) -> None:
        # Waking all who wait would be a hundred threads for one slot.
        self._changed.notify(max(0, relay.concurrency.wanted - relay.concurrency.busy))

    def _preferred_relay(self) -> RelayState | None:
        now = self._process.clock()
        order = self._states.order
        working = [relay for relay in order if not relay.rests(now)]
        roomy = (relay for relay in working if not relay.full(now))
        return next(roomy, next(iter(working or order), None))

    def _working_relay(self, slot: RelaySlot) -> RelayState:
        """The slot's relay; if that is left alone, the slot moves to the next one that is not."""
        now = self._process.clock()
        if slot.relay and not slot.relay.rests(now):
            return slot.relay
        self._return_slot(slot)
        patience = self._process.timing.slot_patience_with_batch
        moved = self._take_slot(urgent=slot.urgent, patience=patience)
        if moved and moved.relay:
            slot.relay, slot.detour = moved.relay, moved.detour
            if not moved.relay.rests(now):
                return moved.relay
        if not self._states.order:
            raise NoRelay(
                "There is no relay to send by: switch one on in the settings.",
                again_at=now + self._retry,
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
        now = self._process.clock()
        if first.full(now) and not first.rests(now):
            return f"{relay.name} carries this issue, since {first.name} has reached its limit."
        if not first.trouble:
            return None
        return f"{relay.name} carries this issue, since {first.name} can't: {first.trouble}"

    def _failed(self, relay: RelayState, error: RelayUnavailable | RelayRefused) -> None:
        if error.reply and relay.concurrency.busy > 1:
            reason = judge_reply(Phase.CONNECT, error.reply).reason
            if reason in THROTTLING:
                with self._changed:
                    relay.concurrency.refused(now=time.monotonic())
                raise NoRelay(str(error), again_at=self._process.clock(), refused=False)
        self._leave_alone(relay, str(error), refused=isinstance(error, RelayRefused))

    def _leave_alone(self, relay: RelayState, why: str, *, refused: bool = False) -> None:
        now = self._process.clock()
        with self._process.database.writing() as session:
            again_at = circuit_breaker.failed(session, relay.id, why, refused=refused, now=now)
        log.warning("a relay is left alone", relay=relay.name, why=why, refused=refused)
        relay.trouble, relay.refused, relay.failures = why, refused, 1
        relay.try_again_at = again_at or now + self._retry
