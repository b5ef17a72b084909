"""A crew: connections to one relay that share a batch.

A connection to a near relay carries hundreds of messages a second and needs a batch of its own. A
connection to a far relay carries four, so that a hundred connections are needed. With a batch for
each, their claims and releases would keep the database busy, and the last of them would still carry
when all others are done. So as many connections share a batch as begin about 128 deliveries in a
quarter of a second.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from contacts.database import AWAY
from mailer.delivery.claims.claiming import StartedAttempt
from mailer.delivery.claims.fairness import WaitingBatch
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.claims.timing import Timing
from mailer.delivery.couriers.claimed_batches import BegunDelivery, ClaimedBatch
from mailer.delivery.couriers.journal import Journal, JournalEntry
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.slots import LEAST, RelaySlot

log = structlog.get_logger(__name__)


class Crew:
    """Connections that share a batch, one batch after another; each belongs to one thread.

    A crew's life::

        formed --start()--> carrying ------------> over -----------> gone
          |                                          ^   the last member
          '---- nothing waits -----------------------'   leaves

    It is over when nothing waits any more, a cap of the relay is reached, it is called off, or the
    journal raises. A member's life, which is a connection and its thread::

        join() or start()
          |
          v
        next() <------------------------------------------------------.
          |-- a delivery is begun ----> sends it, then note() ---------|
          |-- another member writes --> waits for the writer ----------|
          |-- nothing is begun -------> is the writer: writes results, |
          |                             begins a group for all --------'
          v
        leave(): the crew is over or too large, or the relay is not to be used

    One member at a time is the *writer*: the only one that calls the journal about the batches.
    Every field that changes is read and written with ``_lock`` held. The journal reads
    and writes batches without that lock. Methods named ``…_locked`` are called with it held.
    """

    def __init__(self, journal: Journal, slot: RelaySlot, timing: Timing) -> None:
        # Set once, so any thread reads them without a lock.
        self.slot: Final = replace(slot)  # a copy: a thread's own slot may move to another relay
        self.timing: Final = timing
        self._journal: Final = journal
        self._lock: Final = threading.Lock()
        self._changed: Final = threading.Condition(self._lock)  # notified by the writer

        # Any member writes these, under ``_lock``.
        self._members = 1  # the connection that forms it is one
        self._writing = True  # there is a writer: to begin with, the member that forms the crew
        self._over = False  # nothing more is begun
        self._begun: deque[BegunDelivery] = deque()  # of ``_batch``, and taken by no member yet
        self._next_at = 0.0  # monotonic: nothing goes before it

        # The writer alone writes these, under ``_lock``, so that they stay as they are while it
        # calls the journal. What is begun may be put back by any member, but not while a group is
        # being begun, because then nothing is begun that could be put back.
        self._campaign_id = 0  # of the batch, or of the last one
        self._full_until: datetime | None = None  # a cap of the relay is reached
        self._wanted = slot.crew  # members, as computed when a group was last begun
        self._batch: ClaimedBatch | None = None
        self._finishing: list[ClaimedBatch] = []  # nothing of them is begun any more
        self._grant: Grant | None = None  # the permits of what is in ``_begun``
        self._begun_at = 0.0  # monotonic
        self._slice_ends = 0.0  # monotonic: then other campaigns are asked for

    @property
    def over(self) -> bool:
        """Whether nothing more is begun."""
        with self._lock:
            return self._over

    @property
    def campaign_id(self) -> int:
        """Whose copies are carried, or were carried last."""
        with self._lock:
            return self._campaign_id

    @property
    def full_until(self) -> datetime | None:
        """When the relay's cap ends, if it has been reached."""
        with self._lock:
            return self._full_until

    @property
    def signed(self) -> bool:
        """Whether the copies are signed, which several cores do faster than one."""
        with self._lock:
            return self._batch is not None and self._batch.composer.signed

    def wants(self, slot: RelaySlot) -> bool:
        """Whether a connection at this slot should stay a member."""
        with self._lock:
            of_use = not (self._over or self._crowded_locked())
        return of_use and slot.relay is self.slot.relay

    def seconds_to_wait(self) -> float:
        """How long until the next message may go."""
        with self._lock:
            return self._seconds_to_wait_locked()

    def start(self, campaign_id: int, own: WaitingBatch | None) -> bool:
        """Claim the first batch; whether there was one. Called once, by the first member."""
        self._as_writer(lambda: self._claim_next(campaign_id, own))
        with self._lock:
            return self._batch is not None

    def join(self) -> bool:
        """Become a member, if that is of use."""
        with self._lock:
            while self._writing and self._batch is None:
                self._changed.wait()
            batch = self._batch
            if self._over or batch is None or self._members >= self._wanted:
                return False
            if len(batch.left) + len(self._begun) + batch.more < LEAST * self._members:
                return False
            self._members += 1
            return True

    def leave(self, not_before: datetime | None = None) -> None:
        """Be a member no more; what nobody has begun is due at once, or ``not_before`` then.

        The last member ends all batches. Any other leaves the rest of the batch to all crews,
        because the relay may keep the remaining members waiting for minutes. If it does not, they
        claim the rest again.
        """
        with self._lock:
            self._members -= 1
            last = not self._members
            self._over = self._over or last
            while self._writing:
                self._changed.wait()
            self._writing = True
            self._put_back_locked()
            batch = self._batch
            if batch and batch.left:
                batch.closed = True
                self._finishing.append(batch)
                self._batch = None
            batches = self._batches_locked()
        if last:
            self._as_writer(lambda: self._end_all(not_before), insist=True)
        else:
            self._as_writer(lambda: self._settle(batches, not_before))

    def write_down(self) -> None:
        """Write the known outcomes, without waiting for the next group."""
        with self._lock:
            while self._writing:
                self._changed.wait()
            batches = self._batches_locked()
            self._writing = True
        self._as_writer(lambda: self._settle(batches))

    def next(self) -> BegunDelivery | None:
        """The next delivery to send; None when there is none, or none soon."""
        while True:
            with self._lock:
                while self._writing and not self._begun:
                    self._changed.wait()
                if self._over or self._crowded_locked():
                    return None
                if self._begun:
                    now, at = time.monotonic(), self._begun[0].at
                    if at - now > self.timing.envelope_hold:
                        self._next_at = at
                        return None
                    if now - max(at, self._begun_at) <= self.timing.too_late_after:
                        return self._begun.popleft()
                    # The relay is slow: a pause or a crash should find little that is begun.
                    self._put_back_locked()
                    continue
                if self._seconds_to_wait_locked():
                    return None
                self._writing = True
            self._as_writer(self._begin)

    def note(self, delivery: BegunDelivery, result: DeliveryResult) -> None:
        """Keep the result of a delivery; it is written when the next group is begun."""
        with self._lock:
            del delivery.batch.under_way[delivery.key]
            delivery.batch.results.append(result)

    def call_off(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._over = True

    def _crowded_locked(self) -> bool:
        return 2 * self._members > 3 * self._wanted

    def _seconds_to_wait_locked(self) -> float:
        return max(0.0, self._next_at - time.monotonic())

    def _batches_locked(self) -> list[ClaimedBatch]:
        return [*self._finishing, self._batch] if self._batch else list(self._finishing)

    def _put_back_locked(self) -> None:
        """Undo the beginning of what no member has taken: it waits again, and is not uncertain."""
        if not self._begun:
            return
        batch, ids = self._begun[0].batch, [delivery.key for delivery in self._begun]
        self._begun.clear()
        for each in ids:
            del batch.under_way[each]
        batch.left = [*ids, *batch.left]
        assert self._grant is not None
        self._journal.give_back(self.slot, self._grant, len(ids))

    def _as_writer(self, write: Callable[[], object], *, insist: bool = False) -> None:
        """Do this as the writer, which the caller has become; then there is no writer any more."""
        try:
            write()
        except AWAY:
            if insist:
                raise
            # The results are kept, and no member has been given what may have been begun.
            log.warning("database away, nothing more is begun")
            with self._lock:
                self._next_at = time.monotonic() + self.timing.database_retry
        except BaseException:
            self.call_off()
            raise
        finally:
            with self._lock:
                self._writing = False
                self._changed.notify_all()

    # What follows is done by the writer alone.

    def _begin(self) -> None:
        with self._lock:
            self._wanted = self.slot.crew
        batch = self._batch_to_begin()
        with self._lock:
            finishing = list(self._finishing)
        self._settle(finishing)
        if batch is None:
            return
        with self._lock:
            most = min(self.slot.group(self._members), len(batch.left))
        grant = self._journal.permits(self.slot, most)
        if grant.number:
            self._begin_group(batch, grant)
            return
        next_at = time.monotonic() + self._journal.seconds_until(grant.at)
        with self._lock:
            self._next_at = next_at
            if grant.full:
                self._over, self._full_until = True, grant.at

    def _begin_group(self, batch: ClaimedBatch, grant: Grant) -> None:
        with self._lock:
            ids, left = batch.left[: grant.number], batch.left[grant.number :]
            known, unanswered = list(batch.results), list(batch.under_way)
        started: list[StartedAttempt] | None = None
        try:
            # If the commit is not answered it may have been done: doing it again changes nothing.
            started = self._journal.commit_and_begin(self._entry(batch, known), ids, unanswered)
        finally:
            if unused := grant.number - len(started or ()):
                self._journal.give_back(self.slot, grant, unused)
        # A moment that has passed counts too: the time that the commit took is caught up.
        at = time.monotonic() + self._journal.seconds_until(grant.at)
        apart = grant.apart.total_seconds()
        with self._lock:
            del batch.results[: len(known)]
            if started is None:
                batch.closed = True
                return
            batch.left = left
            self._grant = grant
            for number, attempt in enumerate(started):
                delivery = BegunDelivery(batch, attempt, at + number * apart)
                batch.under_way[delivery.key] = attempt
                self._begun.append(delivery)
            self._begun_at = time.monotonic()

    def _batch_to_begin(self) -> ClaimedBatch | None:
        """The batch to begin from: a new one when this is used up or another campaign waits."""
        with self._lock:
            batch = self._batch
            due = batch and not batch.used_up and time.monotonic() > self._slice_ends
        if batch and due:
            others = self._journal.other_campaigns_wait(batch.claim)
            with self._lock:
                batch.closed = others
                self._slice_ends = time.monotonic() + self.timing.campaign_slice
        while True:
            with self._lock:
                batch, campaign_id = self._batch, self._campaign_id
                if batch and not batch.used_up:
                    return batch
                if batch:
                    self._finishing.append(batch)
                    self._batch = None
            if not self._claim_next(campaign_id):
                self.call_off()
                return None

    def _claim_next(self, campaign_id: int, own: WaitingBatch | None = None) -> bool:
        batch = self._journal.claim_next(self.slot, campaign_id, own)
        with self._lock:
            self._batch = batch
            self._campaign_id = batch.claim.campaign_id if batch else campaign_id
            self._slice_ends = time.monotonic() + self.timing.campaign_slice
        return batch is not None

    def _settle(self, batches: Sequence[ClaimedBatch], not_before: datetime | None = None) -> None:
        """Write the known outcomes, end finished batches, and leave the rest of closed ones."""
        for batch in batches:
            with self._lock:
                known, left = list(batch.results), batch.left
                finished = batch.all_known and batch in self._finishing
                rest_from = left[0] if batch.closed and left else None
            if finished:
                self._journal.end(self._entry(batch, known), not_before=not_before)
                with self._lock:
                    self._finishing.remove(batch)
                continue
            if not known and rest_from is None:
                continue
            self._journal.write_down(
                self._entry(batch, known), rest_from=rest_from, not_before=not_before
            )
            with self._lock:
                del batch.results[: len(known)]
                batch.left = () if batch.closed else batch.left

    def _entry(self, batch: ClaimedBatch, known: Sequence[DeliveryResult]) -> JournalEntry:
        return JournalEntry(self.slot, batch.claim, known)

    def _end_all(self, not_before: datetime | None) -> None:
        with self._lock:
            ending = [(each, list(each.results), each.all_known) for each in self._batches_locked()]
            self._finishing, self._batch = [], None
        with ExitStack() as each_of_them:  # a fault of one must not keep the others from ending
            for batch, known, all_known in ending:
                each_of_them.callback(
                    self._journal.end,
                    self._entry(batch, known),
                    all_known=all_known,
                    not_before=not_before,
                    insist=True,
                )
