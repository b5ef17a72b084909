"""Connections that carry together: what is begun, by whom it is carried, and when."""

import time
from datetime import timedelta

import pytest

from mailer.clock import now
from mailer.delivery.couriers import crews
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.pool import Place
from tests.mailer.delivery.claims.booking import Books, accepted
from tests.mailer.delivery.couriers.crewing import begun, carry
from tests.mailer.delivery.routing.placing import a_place


def test_what_is_begun_is_begun_for_all_of_them(far: Place) -> None:
    books = Books(200)
    crew = begun(books, far)
    for _ in range(29):
        assert crew.join()

    parcels = [crew.next() for _ in range(30)]

    assert [each.key for each in parcels if each] == list(range(1000, 1030))
    assert books.groups == [30]


def test_one_load_follows_another_and_is_ended_when_all_of_it_is_known(far: Place) -> None:
    books = Books(3, 9)
    crew = begun(books, far)
    slow = crew.next()
    assert slow
    carried = carry(crew, most=4)

    assert carried == [1001, 1002, 2000, 2001]
    assert books.ended == {}

    crew.note(slow, accepted(slow.key))
    carry(crew, most=4)
    assert books.ended == {1: True}

    carry(crew)
    crew.leave()
    assert books.ended == {1: True, 2: True}
    assert set(books.written.values()) == {1}
    assert len(books.written) == 12


class Late(Books):
    """Permits whose moments have passed."""

    def permits(self, place: Place, most: int) -> Grant:
        grant = super().permits(place, most)
        return grant._replace(at=now() - timedelta(seconds=30), apart=timedelta(seconds=10))


def test_the_time_that_the_books_take_is_caught_up(far: Place) -> None:
    crew = begun(Late(4), far)
    began = time.monotonic()

    moments = [parcel.at - began for _ in range(3) if (parcel := crew.next())]

    assert moments == pytest.approx([-30, -20, -10], abs=5)


def test_a_campaign_that_waits_has_its_turn(far: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    books = Books(20, 4)
    crew = begun(books, far)
    carry(crew, most=4)
    monkeypatch.setattr(crews, "_SLICE", 60.0)
    crew._slice_ends = 0.0
    books.others = True

    assert carry(crew, most=4) == [2000, 2001, 2002, 2003]
    assert books.ended[1]
    assert books.waiting == [range(1004, 1020)]


def test_a_stopped_courier_begins_nothing_more(far: Place) -> None:
    books = Books(20, 20)
    crew = begun(books, far)
    carry(crew, most=4)
    books.stopped = True

    assert carry(crew) == []
    assert crew.over


def test_a_campaign_that_is_paused_is_not_asked_for_again(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    carry(crew, most=4)
    books.paused = True

    assert carry(crew) == []
    crew.leave()
    assert books.asked == 2
    assert books.ended == {1: True}
    assert books.waiting == [range(1004, 1020)]


def test_a_full_hour_ends_it(far: Place) -> None:
    books = Books(20)
    crew = begun(books, far)
    books.full_until = now() + timedelta(minutes=5)

    assert crew.next() is None
    assert crew.over
    assert crew.full_until == books.full_until


def test_nobody_joins_where_little_is_left_and_few_at_a_relay_that_is_near(
    far: Place,
) -> None:
    near = begun(Books(100), a_place(one_takes=0.001, connections=8))
    little = begun(Books(3), far)
    ended = begun(Books(100), far)
    ended.leave()

    assert not near.join()
    assert not little.join()
    assert not ended.join()


def test_who_is_too_many_is_wanted_elsewhere(far: Place) -> None:
    crew = begun(Books(100), far)
    assert crew.join()
    assert crew.wants(far)

    assert far.station
    far.station.one_takes = 0.001  # nearer than was thought

    carry(crew)
    assert not crew.wants(far)
    assert crew.next() is None
    crew.leave()
    assert crew.wants(far)
    assert crew.next()


def test_a_connection_to_another_relay_is_not_wanted(far: Place) -> None:
    crew = begun(Books(100), far)
    elsewhere = a_place(one_takes=0.25, connections=4)

    assert not crew.wants(elsewhere)


def test_messages_go_at_their_moments(far: Place) -> None:
    books = Books(12, per_second=100)
    crew = begun(books, far)
    began = time.monotonic()
    moments: list[float] = []
    while len(moments) < 12:
        time.sleep(crew.seconds_to_wait())
        while parcel := crew.next():
            moments.append(parcel.at - began)
            crew.note(parcel, accepted(parcel.key))

    assert moments == sorted(moments)
    assert moments[-1] - moments[0] > 0.1
