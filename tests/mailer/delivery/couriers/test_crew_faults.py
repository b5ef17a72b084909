"""Crews: whatever goes wrong, nothing is sent twice and nothing is lost."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailer.delivery.claims.timing import Timing
from mailer.delivery.couriers.claimed_batches import BegunDelivery
from mailer.delivery.couriers.crew import Crew
from mailer.delivery.couriers.crews import Crews
from mailer.delivery.routing.slots import RelaySlot
from tests.mailer.delivery.couriers.crew_steps import begun, carry
from tests.mailer.delivery.couriers.fake_journal import FakeJournal, accepted


def test_a_leaving_member_writes_results_although_another_waits_for_the_relay(
    far: RelaySlot,
) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    assert crew.join()
    kept_waiting = crew.next()
    carry(crew)

    crew.leave()

    assert kept_waiting
    assert len(journal.written) == 19
    assert journal.ended == {}


def test_a_member_that_waits_for_the_relay_does_not_hold_the_rest_of_the_batch(
    far: RelaySlot,
) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    assert crew.join()
    kept_waiting = crew.next()
    assert kept_waiting

    crew.leave()  # three of a group of four are begun and not sent

    assert journal.waiting == [range(1001, 1020)]
    assert journal.ended == {}
    crew.note(kept_waiting, accepted(kept_waiting.key))
    crew.leave()
    assert journal.ended == {1: True}
    assert journal.waiting == [range(1001, 1020)]


def test_a_pause_leaves_the_rest_of_the_batch_unclaimed(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    kept_waiting = crew.next()
    carry(crew, most=3)
    journal.paused = True

    assert carry(crew) == []

    assert kept_waiting
    assert journal.waiting == [range(1004, 1020)]
    assert journal.ended == {}


def test_a_batch_that_cannot_be_ended_does_not_keep_others_from_ending(far: RelaySlot) -> None:
    journal = FakeJournal(4, 4, 4)
    crew = begun(journal, far)
    for _ in range(2):
        assert crew.next()  # and it gets no result
        carry(crew, most=3)
    assert crew.next()
    journal.unwritable = {2}

    with pytest.raises(ZeroDivisionError):
        crew.leave()

    assert journal.ended == {1: False, 3: False}


def test_a_batch_that_ends_with_an_open_attempt_says_so(far: RelaySlot) -> None:
    journal = FakeJournal(5)
    crew = begun(journal, far)
    assert crew.next()

    crew.leave()

    assert journal.ended == {1: False}


def test_a_delivery_that_is_sent_too_late_waits_again_and_is_not_uncertain(far: RelaySlot) -> None:
    journal = FakeJournal(8)
    crew = begun(journal, far, Timing(too_late_after=0.5))
    first = crew.next()
    assert first
    time.sleep(0.6)
    rest = carry(crew)
    crew.note(first, accepted(first.key))
    crew.leave()

    assert journal.unused == 3  # of the first group of four
    assert rest == list(range(1001, 1008))
    assert journal.ended == {1: True}


def test_the_last_member_puts_back_what_was_begun_and_not_sent(far: RelaySlot) -> None:
    journal = FakeJournal(8)
    crew = begun(journal, far)
    delivery = crew.next()
    assert delivery
    crew.note(delivery, accepted(delivery.key))

    crew.leave()

    assert journal.unused == 3
    assert journal.ended == {1: True}
    assert dict(journal.written) == {1000: 1}


def test_no_result_is_lost_while_the_database_is_away(far: RelaySlot) -> None:
    journal = FakeJournal(4, 4)
    crew = begun(journal, far)
    carried = carry(crew, most=4)
    journal.database_is_away = lambda: True

    assert carry(crew) == []
    assert crew.seconds_to_wait() > 0
    assert crew.wants(far)
    crew._next_at = 0.0
    assert carry(crew) == []  # now it was away when the next group was to be begun
    crew._next_at = 0.0
    journal.database_is_away = lambda: False

    assert carry(crew) == [2000, 2001, 2002, 2003]
    crew.leave()
    assert sorted(journal.written) == [*carried, 2000, 2001, 2002, 2003]
    assert journal.ended == {1: True, 2: True}


def test_the_last_member_insists_on_writing_the_results(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    carried = carry(crew, most=4)
    journal.database_is_away = lambda: True

    crew.leave()

    assert sorted(journal.written) == carried
    assert journal.ended == {1: True}


def test_a_fault_in_the_journal_is_raised_and_keeps_nobody_waiting(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    assert crew.join()

    def fault() -> bool:
        raise ZeroDivisionError

    journal.database_is_away = fault
    with pytest.raises(ZeroDivisionError):
        crew.next()

    assert crew.next() is None
    journal.database_is_away = lambda: False
    crew.leave()
    crew.leave()
    assert journal.ended == {1: True}


def test_a_member_that_puts_back_waits_for_the_writer(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far, Timing(too_late_after=0.5))
    assert crew.join()
    carry(crew, most=1)
    writing, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        writing.set()
        return not go_on.wait(10)

    journal.database_is_away = slow
    with ThreadPoolExecutor(2) as pool:
        leaving = pool.submit(crew.leave)
        assert writing.wait(10)
        time.sleep(0.6)
        following = pool.submit(crew.next)
        for _ in range(5000):
            if not crew._begun:
                break
            time.sleep(0.001)
        go_on.set()
        leaving.result(10)
        delivery = following.result(10)

    assert delivery
    assert delivery.key == 1001


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_with_members_joining_and_leaving_nothing_is_sent_twice_or_lost(
    far: RelaySlot, seed: int, torn: bool
) -> None:
    """Thirty connections, a slow relay, and a database that fails before or after a commit."""
    timing = Timing(too_late_after=0.004, database_retry=0.01)
    journal, crews = FakeJournal(*[70] * 12), Crews(timing)
    everybody = {each for one in journal.waiting for each in one}
    give_up = time.monotonic() + 60
    chance = random.Random(seed)
    journal.database_is_away = lambda: chance.random() < 0.02
    journal.torn = torn
    handed: Counter[int] = Counter()
    noted: Counter[int] = Counter()
    lock = threading.Lock()

    def note(crew: Crew, delivery: BegunDelivery) -> None:
        with lock:
            noted[delivery.key] += 1
        crew.note(delivery, accepted(delivery.key))

    def carry_some(crew: Crew, dice: random.Random) -> None:
        under_way: list[BegunDelivery] = []
        while dice.random() > 0.05 and (delivery := crew.next()):
            with lock:
                handed[delivery.key] += 1
            under_way.append(delivery)
            time.sleep(dice.random() / 500)
            while len(under_way) > dice.choice((0, 1)):
                note(crew, under_way.pop(0))
        for each in under_way:
            note(crew, each)

    def connection(number: int) -> None:
        dice = random.Random(1000 * seed + number)
        while len(handed) < len(everybody) and time.monotonic() < give_up:
            if crew := crews.join_or_form(journal, far, 1, None):
                try:
                    carry_some(crew, dice)
                finally:
                    crew.leave()

    with ThreadPoolExecutor(30) as pool:
        for each in [pool.submit(connection, number) for number in range(30)]:
            each.result(60)

    assert set(handed) == everybody
    assert set(handed.values()) == {1}
    assert set(journal.written) == set(noted)
    assert torn or journal.written == noted  # the same outcome once more changes nothing
    assert handed == noted
    assert set(journal.ended.values()) == {True}
