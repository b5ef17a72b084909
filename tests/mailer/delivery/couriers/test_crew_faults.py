"""Connections that carry together: whatever goes wrong, nothing goes twice and nothing is lost."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from mailer.delivery.couriers import crews
from mailer.delivery.couriers.crews import Crew, Crews
from mailer.delivery.couriers.work import Parcel
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import Place
from tests.mailer.delivery.claims.booking import Books, accepted
from tests.mailer.delivery.couriers.crewing import begun, carry


def test_what_is_known_is_written_though_one_is_kept_waiting_by_the_relay(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    assert crew.join()
    kept_waiting = crew.next()
    carry(crew)

    crew.leave()

    assert kept_waiting
    assert len(books.written) == 19
    assert books.ended == {}


def test_one_that_is_kept_waiting_keeps_nothing_that_others_could_carry(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    assert crew.join()
    kept_waiting = crew.next()
    assert kept_waiting

    crew.leave()  # with three of a group of four not handed over

    assert books.waiting == [range(1001, 1020)]
    assert books.ended == {}
    crew.note(kept_waiting, accepted(kept_waiting.key))
    crew.leave()
    assert books.ended == {1: True}
    assert books.waiting == [range(1001, 1020)]


def test_what_a_pause_leaves_is_kept_by_nobody(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    kept_waiting = crew.next()
    carry(crew, most=3)
    books.paused = True

    assert carry(crew) == []

    assert kept_waiting
    assert books.waiting == [range(1004, 1020)]
    assert books.ended == {}


def test_a_load_that_cannot_be_ended_keeps_no_other_one(far: Place) -> None:
    books = Books(4, 4, 4)
    crew = begun(books, far)
    for _ in range(2):
        assert crew.next()  # and nothing is heard of it
        carry(crew, most=3)
    assert crew.next()
    books.unwritable = {2}

    with pytest.raises(ZeroDivisionError):
        crew.leave()

    assert books.ended == {1: False, 3: False}


def test_who_ends_with_one_unknown_says_so(far: Place) -> None:
    books = Books(5)
    crew = begun(books, far)
    assert crew.next()

    crew.leave()

    assert books.ended == {1: False}


def test_what_was_not_handed_over_for_long_waits_again_in_no_doubt(
    far: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Watched(Books):
        def give_back(self, place: Place, grant: Grant, number: int) -> None:
            super().give_back(place, grant, number)
            monkeypatch.setattr(crews, "_TOO_LONG", 60.0)

    books = Watched(8)
    crew = begun(books, far)
    first = crew.next()
    assert first
    monkeypatch.setattr(crews, "_TOO_LONG", -1.0)
    rest = carry(crew)
    crew.note(first, accepted(first.key))
    crew.leave()

    assert books.unused == 3  # of the first group of four
    assert rest == list(range(1001, 1008))
    assert books.ended == {1: True}


def test_the_last_one_puts_back_what_was_begun_and_not_handed_over(far: Place) -> None:
    books = Books(8)
    crew = begun(books, far)
    parcel = crew.next()
    assert parcel
    crew.note(parcel, accepted(parcel.key))

    crew.leave()

    assert books.unused == 3
    assert books.ended == {1: True}
    assert dict(books.written) == {1000: 1}


def test_a_database_that_goes_away_costs_no_outcome_and_some_time(far: Place) -> None:
    books = Books(4, 4)
    crew = begun(books, far)
    carried = carry(crew, most=4)
    books.misfortune = lambda: True

    assert carry(crew) == []
    assert crew.seconds_to_wait() > 0
    assert crew.wants(far)
    crew._again_at = 0.0
    assert carry(crew) == []  # now it was away when the next range was to be begun
    crew._again_at = 0.0
    books.misfortune = lambda: False

    assert carry(crew) == [2000, 2001, 2002, 2003]
    crew.leave()
    assert sorted(books.written) == [*carried, 2000, 2001, 2002, 2003]
    assert books.ended == {1: True, 2: True}


def test_the_last_one_insists_on_the_outcomes(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    carried = carry(crew, most=4)
    books.misfortune = lambda: True

    crew.leave()

    assert sorted(books.written) == carried
    assert books.ended == {1: True}


def test_a_fault_at_the_books_is_told_and_keeps_nobody_waiting(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    assert crew.join()

    def fault() -> bool:
        raise ZeroDivisionError

    books.misfortune = fault
    with pytest.raises(ZeroDivisionError):
        crew.next()

    assert crew.next() is None
    books.misfortune = lambda: False
    crew.leave()
    crew.leave()
    assert books.ended == {1: True}


def test_who_puts_back_waits_for_whoever_is_at_the_books(
    far: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = Books(20)
    crew = begun(books, far)
    assert crew.join()
    carry(crew, most=1)
    writing, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        writing.set()
        return not go_on.wait(10)

    books.misfortune = slow
    with ThreadPoolExecutor(2) as pool:
        leaving = pool.submit(crew.leave)
        assert writing.wait(10)
        monkeypatch.setattr(crews, "_TOO_LONG", -1.0)
        following = pool.submit(crew.next)
        for _ in range(5000):
            if not crew._begun:
                break
            time.sleep(0.001)
        monkeypatch.setattr(crews, "_TOO_LONG", 60.0)
        go_on.set()
        leaving.result(10)
        parcel = following.result(10)

    assert parcel
    assert parcel.key == 1001


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_whoever_comes_and_goes_nothing_goes_twice_and_nothing_is_lost(
    far: Place, seed: int, torn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty connections, a slow relay, a database that breaks off now and then, or just behind
    a commit."""
    monkeypatch.setattr(crews, "_TOO_LONG", 0.004)
    monkeypatch.setattr(crews, "_AGAIN", 0.01)
    books, aboard = Books(*[70] * 12), Crews()
    everybody = {each for one in books.waiting for each in one}
    give_up = time.monotonic() + 60
    chance = random.Random(seed)
    books.misfortune = lambda: chance.random() < 0.02
    books.torn = torn
    handed: Counter[int] = Counter()
    noted: Counter[int] = Counter()
    lock = threading.Lock()

    def told(crew: Crew, parcel: Parcel) -> None:
        with lock:
            noted[parcel.key] += 1
        crew.note(parcel, accepted(parcel.key))

    def ride(crew: Crew, dice: random.Random) -> None:
        under_way: list[Parcel] = []
        while dice.random() > 0.05 and (parcel := crew.next()):
            with lock:
                handed[parcel.key] += 1
            under_way.append(parcel)
            time.sleep(dice.random() / 500)
            while len(under_way) > dice.choice((0, 1)):
                told(crew, under_way.pop(0))
        for each in under_way:
            told(crew, each)

    def connection(number: int) -> None:
        dice = random.Random(1000 * seed + number)
        while len(handed) < len(everybody) and time.monotonic() < give_up:
            if crew := aboard.board(books, far, 1, None):
                try:
                    ride(crew, dice)
                finally:
                    crew.leave()

    with ThreadPoolExecutor(30) as pool:
        for each in [pool.submit(connection, number) for number in range(30)]:
            each.result(60)

    assert set(handed) == everybody
    assert set(handed.values()) == {1}
    assert set(books.written) == set(noted)
    assert torn or books.written == noted  # the same outcome once more changes nothing
    assert handed == noted
    assert set(books.ended.values()) == {True}
