"""A journal in memory for tests of crews; it checks the rules of the real one at every step."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import cast

from sqlalchemy.exc import OperationalError

from mailer.clock import now
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.delivery.claims.claiming import Claim, StartedAttempt
from mailer.delivery.claims.fairness import WaitingBatch
from mailer.delivery.claims.recording import DeliveryResult
from mailer.delivery.couriers.claimed_batches import ClaimedBatch
from mailer.delivery.couriers.journal import Journal, JournalEntry
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.slots import RelaySlot
from mailer.models import DeliveryStatus

AWAY = OperationalError("", {}, Exception("away"))


class FakeJournal(Journal):
    """Batches of so many deliveries each, and what was written about them."""

    def __init__(self, *sizes: int, per_second: float | None = None) -> None:
        self.waiting = [  # the ids of unclaimed batches
            range(1000 * number, 1000 * number + size) for number, size in enumerate(sizes, start=1)
        ]
        self.written: Counter[int] = Counter()  # outcomes, by delivery
        self.ended: dict[int, bool] = {}  # whether all was known, by batch
        self.groups: list[int] = []  # how many were begun at once
        self.unused = 0  # permits given back
        self.database_is_away: Callable[[], bool] = lambda: False
        self.unwritable: set[int] = set()  # batches that cannot be ended
        self.torn = False  # whether a call that fails has committed all the same
        self.full_until: datetime | None = None
        self.stopped = False  # the courier
        self.paused = False  # the campaign
        self.asked = 0  # how often ``commit_and_begin`` was called
        self.others = False
        self._per_second = per_second
        self._next_at = now()
        self._begun: set[int] = set()  # may have been sent, as far as the database knows
        self._by_grant: dict[int | None, list[int]] = {}
        self._grants = count()
        self._this = threading.local()  # a thread takes permits and then begins with them
        self._at_work: set[int] = set()
        self._numbers = count(1)
        self._spans: dict[int, range] = {}
        self._lock = threading.Lock()

    def claim_next(
        self, slot: RelaySlot, campaign_id: int, own: WaitingBatch | None
    ) -> ClaimedBatch | None:
        if self.database_is_away():
            raise AWAY
        with self._lock:
            if self.stopped or not self.waiting:
                return None
            ids = tuple(self.waiting.pop(0))
            more = sum(map(len, self.waiting))
            number = next(self._numbers)
            self._spans[number] = range(ids[0], ids[-1] + 1)
        claim = Claim(number, 1, ids[0], ids[-1], "me", 1, now(), ids)
        return ClaimedBatch(claim, cast(Composer, None), more=more)

    def commit_and_begin(
        self, entry: JournalEntry, ids: Sequence[int], unanswered: Sequence[int]
    ) -> list[StartedAttempt] | None:
        with self._alone(entry.claim):
            self._write(entry.results)
            self.asked += 1
            assert list(ids) == list(range(ids[0], ids[-1] + 1)), "consecutive ids"
            # The real statement begins everything that waits between the first and the last id.
            assert not self._begun & set(ids), "begun twice"
            assert all(each < ids[0] for each in unanswered), "not behind the ids begun before"
            if self.stopped or self.paused:
                return None
            self.groups.append(len(ids))
            self._begun |= set(ids)
            self._by_grant[self._this.grant] = list(ids)
        return [StartedAttempt(_recipient(each), 1) for each in ids]

    def write_down(
        self,
        entry: JournalEntry,
        *,
        rest_from: int | None = None,
        not_before: datetime | None = None,
    ) -> None:
        claim = entry.claim
        with self._alone(claim):
            self._write(entry.results)
            held = self._spans[claim.batch_id]
            if rest_from is not None and rest_from in held:
                assert rest_from > held[0], "an empty batch would be left"
                self._spans[claim.batch_id] = range(held[0], rest_from)
                self._wait_again(range(rest_from, held[-1] + 1))

    def end(
        self,
        entry: JournalEntry,
        *,
        all_known: bool = True,
        not_before: datetime | None = None,
        insist: bool = False,
    ) -> None:
        claim = entry.claim
        with self._alone(claim, insist=insist):
            self._write(entry.results)
            if claim.batch_id in self.unwritable:
                raise ZeroDivisionError
            assert self.torn or claim.batch_id not in self.ended, "ended twice"
            if claim.batch_id not in self.ended:  # otherwise the claim is released already
                self.ended[claim.batch_id] = all_known
                self._wait_again(self._spans[claim.batch_id])

    def permits(self, slot: RelaySlot, most: int) -> Grant:
        if self.full_until:
            return Grant(0, self.full_until, full=True)
        if not self._per_second:
            return self._granted(Grant(most, now()))
        apart = timedelta(seconds=1 / self._per_second)
        at = max(self._next_at, now())
        if at > now() + 3 * apart:
            return Grant(0, at - 3 * apart)
        self._next_at = at + most * apart
        return self._granted(Grant(most, at, apart))

    def give_back(self, slot: RelaySlot, grant: Grant, number: int) -> None:
        self.unused += number
        ids = self._by_grant.get(grant.minute, [])
        self._begun -= set(ids[len(ids) - number :])

    def seconds_until(self, moment: datetime) -> float:
        return (moment - now()).total_seconds()

    def other_campaigns_wait(self, claim: Claim) -> bool:
        return self.others

    def _wait_again(self, ids: Sequence[int]) -> None:
        """What was never begun becomes unclaimed batches of consecutive ids."""
        with self._lock:
            left = [each for each in ids if each not in self._begun]
            while left:
                size = next((at for at, each in enumerate(left) if each != left[0] + at), len(left))
                self.waiting.append(range(left[0], left[0] + size))
                left = left[size:]

    def _granted(self, grant: Grant) -> Grant:
        self._this.grant = next(self._grants)
        return grant._replace(minute=self._this.grant)

    @contextmanager
    def _alone(self, claim: Claim, *, insist: bool = False) -> Iterator[None]:
        with self._lock:
            assert claim.batch_id not in self._at_work, "two writers of one batch"
            self._at_work.add(claim.batch_id)
        try:
            away = self.database_is_away() and not insist
            if away and not self.torn:
                raise AWAY
            yield
            if away:
                raise AWAY
        finally:
            self._at_work.remove(claim.batch_id)

    def _write(self, results: Sequence[DeliveryResult]) -> None:
        self.written.update(each.id for each in results)


def accepted(delivery_id: int) -> DeliveryResult:
    """The result of an accepted delivery."""
    return DeliveryResult(delivery_id, DeliveryStatus.ACCEPTED, code=250, text="ok")


def _recipient(delivery_id: int) -> Recipient:
    return Recipient(delivery_id, f"person{delivery_id}@a.example")
