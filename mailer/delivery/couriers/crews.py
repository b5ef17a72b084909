"""Connections that carry together: what is begun is begun for all of them at once.

A relay that is near takes hundreds of messages a second on one connection, and each connection has
a range of its own. One that is far takes four, and a hundred connections are needed: with a range
for each they would keep the database busy with claims and ends, and the last of them would still
carry when all others are done. So as many connections share a range as begin some hundred
deliveries in a quarter of a second, and each takes the next of them when it has room for one.
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
from mailer.delivery.couriers.claimed_batches import BegunDelivery, ClaimedBatch
from mailer.delivery.couriers.journal import Journal, JournalEntry
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import LEAST, RelaySlot

log = structlog.get_logger(__name__)

_TOO_LONG: Final = 1.0  # seconds behind its moment: what was begun is not handed over any more
_SLICE: Final = 2.0  # seconds after which another campaign may have the connections
_AGAIN: Final = 1.0  # seconds until a database that was away is asked again
BRIEF: Final = 0.35  # seconds an envelope may be kept waiting with a content standing before it


class Crew:
    """The connections that carry the same loads to the relay at ``place``, one load after another.

    Each belongs to a thread. Whoever finds nothing begun any more begins for all, and they wait
    for that. The first is aboard from the beginning.
    """

    def __init__(self, journal: Journal, slot: RelaySlot) -> None:
        self.slot: Final = replace(slot)  # that of a thread may move to another relay
        self.campaign_id = 0  # whose copies are carried, or were at last
        self.over = False  # nothing more is begun
        self.full_until: datetime | None = None  # a cap is reached
        self._journal = journal
        self._changed = threading.Condition(threading.Lock())
        self._aboard = 1
        self._wanted = slot.crew  # connections, as it looked when something was begun last
        self._busy = True  # somebody is at the books: the first, to begin with
        self._batch: ClaimedBatch | None = None
        self._behind: list[ClaimedBatch] = []  # used up, with some of it on its way
        self._begun: deque[BegunDelivery] = deque()  # of the load, and not handed over yet
        self._begun_at = 0.0
        self._grant: Grant | None = None  # that they were begun by
        self._again_at = 0.0  # when there may be something to begin again
        self._slice_ends = 0.0

    @property
    def spread(self) -> bool:
        """Whether its copies are signed, which more than one core can do."""
        batch = self._batch
        return batch is not None and batch.composer.signed

    def wants(self, slot: RelaySlot) -> bool:
        """Whether a connection at this place is of use here, and not elsewhere or on its own."""
        return not self.over and slot.relay is self.slot.relay and not self._crowded

    @property
    def _crowded(self) -> bool:
        return 2 * self._aboard > 3 * self._wanted

    def seconds_to_wait(self) -> float:
        """How long until the next message may go."""
        return max(0.0, self._again_at - time.monotonic())

    def start(self, campaign_id: int, own: WaitingBatch | None) -> bool:
        """Take something in hand, first thing; whether there was anything."""
        self._at_the_books(lambda: self._take_in_hand(campaign_id, own))
        return self._batch is not None

    def join(self) -> bool:
        """Come aboard, if that is of use."""
        with self._changed:
            while self._busy and self._batch is None:
                self._changed.wait()
            batch = self._batch
            if self.over or batch is None or self._aboard >= self._wanted:
                return False
            if len(batch.left) + len(self._begun) + batch.more < LEAST * self._aboard:
                return False
            self._aboard += 1
            return True

    def leave(self, not_before: datetime | None = None) -> None:
        """Go ashore. The last one ends all that is in hand: what is left is due now, or then.

        Any other leaves to anybody what is left. Those who stay may all be kept by the relay for
        minutes; where they are not, they take it again.
        """
        with self._changed:
            self._aboard -= 1
            last = not self._aboard
            self.over = self.over or last
            while self._busy:
                self._changed.wait()
            self._busy = True
            self._put_back()
            batch = self._batch
            if batch and batch.left:
                batch.closed = True
                self._behind.append(batch)
                self._batch = None
            batches = self._in_hand
        if last:
            self._at_the_books(lambda: self._end_all(not_before), insist=True)
        else:
            self._at_the_books(lambda: self._settle(batches, not_before))

    def write_down(self) -> None:
        """Write down what is known, without waiting for what is begun next."""
        with self._changed:
            while self._busy:
                self._changed.wait()
            batches = self._in_hand
            self._busy = True
        self._at_the_books(lambda: self._settle(batches))

    def next(self) -> BegunDelivery | None:
        """What to hand over next; None when there is nothing, or not for some time."""
        while True:
            with self._changed:
                while self._busy and not self._begun:
                    self._changed.wait()
                if self.over or self._crowded:
                    return None
                if self._begun:
                    now, at = time.monotonic(), self._begun[0].at
                    if at - now > BRIEF:
                        self._again_at = at
                        return None
                    if now - max(at, self._begun_at) <= _TOO_LONG:
                        return self._begun.popleft()
                    self._put_back()  # the relay is slow and a pause may be near
                    continue
                if self.seconds_to_wait():
                    return None
                self._busy = True
            self._at_the_books(self._begin)

    def note(self, delivery: BegunDelivery, result: DeliveryResult) -> None:
        """What became of it: written down with what is begun next."""
        with self._changed:
            del delivery.batch.under_way[delivery.key]
            delivery.batch.results.append(result)

    def call_off(self) -> None:
        """Begin nothing more."""
        self.over = True

    def _at_the_books(self, write: Callable[[], None], *, insist: bool = False) -> None:
        """Do this while all others wait for it."""
        try:
            write()
        except AWAY:
            if insist:
                raise
            # What is known is kept, and nothing was begun that anybody would hand over.
            log.warning("database away, nothing more is begun")
            self._again_at = time.monotonic() + _AGAIN
        except BaseException:
            self.over = True
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _begin(self) -> None:
        self._wanted = self.slot.crew
        batch = self._current()
        self._settle(self._behind)
        if batch is None:
            return
        most = min(self.slot.group(self._aboard), len(batch.left))
        grant = self._journal.permits(self.slot, most)
        if grant.number:
            self._begin_some(batch, grant)
            return
        self._again_at = time.monotonic() + self._journal.seconds_until(grant.at)
        if grant.full:
            self.over, self.full_until = True, grant.at

    def _begin_some(self, batch: ClaimedBatch, grant: Grant) -> None:
        ids, left = batch.left[: grant.number], batch.left[grant.number :]
        with self._changed:
            known, unanswered = list(batch.results), list(batch.under_way)
        going: list[StartedAttempt] | None = None
        try:
            # Where the database breaks off it may be done all the same: once more changes nothing.
            going = self._journal.commit_and_begin(self._entry(batch, known), ids, unanswered)
        finally:
            if unused := grant.number - len(going or ()):
                self._journal.give_back(self.slot, grant, unused)
        with self._changed:
            del batch.results[: len(known)]
            if going is None:
                batch.closed = True
                return
            batch.left = left
            self._grant = grant
            # A moment that has passed counts: the time that the books took is caught up.
            at = time.monotonic() + self._journal.seconds_until(grant.at)
            apart = grant.apart.total_seconds()
            for number, attempt in enumerate(going):
                delivery = BegunDelivery(batch, attempt, at + number * apart)
                batch.under_way[delivery.key] = attempt
                self._begun.append(delivery)
            self._begun_at = time.monotonic()

    @property
    def _in_hand(self) -> list[ClaimedBatch]:
        return [*self._behind, self._batch] if self._batch else list(self._behind)

    def _put_back(self) -> None:
        """What was begun last, and not handed over, waits again and is in no doubt."""
        if not self._begun:
            return
        batch, ids = self._begun[0].batch, [delivery.key for delivery in self._begun]
        self._begun.clear()
        for each in ids:
            del batch.under_way[each]
        batch.left = [*ids, *batch.left]
        assert self._grant is not None
        self._journal.give_back(self.slot, self._grant, len(ids))

    def _current(self) -> ClaimedBatch | None:
        """The load to begin from: another one when this is used up, or another campaign waits."""
        batch = self._batch
        if batch and not batch.used_up and time.monotonic() > self._slice_ends:
            batch.closed = self._journal.other_campaigns_wait(batch.claim)
            self._slice_ends = time.monotonic() + _SLICE
        while (batch := self._batch) is None or batch.used_up:
            if batch:
                with self._changed:
                    self._behind.append(batch)
                    self._batch = None
            self._take_in_hand(self.campaign_id)
            if self._batch is None:
                self.over = True
                return None
        return batch

    def _take_in_hand(self, campaign_id: int, own: WaitingBatch | None = None) -> None:
        batch = self._journal.claim_next(self.slot, campaign_id, own)
        with self._changed:
            self._batch = batch
            self.campaign_id = batch.claim.campaign_id if batch else campaign_id
        self._slice_ends = time.monotonic() + _SLICE

    def _settle(self, batches: Sequence[ClaimedBatch], not_before: datetime | None = None) -> None:
        """Write down what is known of these, end what is over, and hand on what is closed."""
        for batch in list(batches):
            with self._changed:
                known, all_known, left = list(batch.results), batch.all_known, batch.left
            if all_known and batch in self._behind:
                self._journal.end(self._entry(batch, known), not_before=not_before)
                with self._changed:
                    self._behind.remove(batch)
                continue
            rest_from = left[0] if batch.closed and left else None
            if not known and rest_from is None:
                continue
            self._journal.write_down(
                self._entry(batch, known), rest_from=rest_from, not_before=not_before
            )
            with self._changed:
                del batch.results[: len(known)]
                batch.left = () if batch.closed else batch.left

    def _entry(self, batch: ClaimedBatch, known: Sequence[DeliveryResult]) -> JournalEntry:
        return JournalEntry(self.slot, batch.claim, known)

    def _end_all(self, not_before: datetime | None) -> None:
        with ExitStack() as each_of_them:  # whatever comes of the others
            for batch in self._in_hand:
                each_of_them.callback(
                    self._journal.end,
                    self._entry(batch, batch.results),
                    all_known=batch.all_known,
                    not_before=not_before,
                    insist=True,
                )
            self._behind, self._batch = [], None


class Crews:
    """The crews of one process."""

    def __init__(self) -> None:
        self._crews: list[Crew] = []
        self._lock = threading.Lock()

    def board(
        self, journal: Journal, slot: RelaySlot, campaign_id: int, own: WaitingBatch | None
    ) -> Crew | None:
        """A crew to carry with from this place; None when nothing waits.

        Whoever can't join one that is on its way makes a new one, which takes something in hand:
        ``own``, or what is rather wanted.
        """
        refused: list[Crew] = []
        while True:
            with self._lock:
                self._crews = [each for each in self._crews if not each.over]
                here = [each for each in self._crews if each.slot.relay is slot.relay]
                crew = next((each for each in here if each not in refused), None)
                if crew is None:
                    crew = Crew(journal, slot)
                    self._crews.append(crew)
                    break
            if crew.join():
                return crew
            refused.append(crew)
        try:
            found = crew.start(campaign_id, own)
        except BaseException:
            crew.leave()
            raise
        if found:
            return crew
        crew.leave()
        return None
