"""Crews: what is begun, which member carries it, and when."""

import time
from datetime import timedelta

import pytest

from mailer.clock import now
from mailer.delivery.claims.timing import Timing
from mailer.delivery.routing.pacing import Grant
from mailer.delivery.routing.slots import RelaySlot
from tests.mailer.delivery.couriers.crew_steps import begun, carry
from tests.mailer.delivery.couriers.fake_journal import FakeJournal, accepted
from tests.mailer.delivery.routing.slots import a_slot


def test_a_group_is_begun_for_all_members(far: RelaySlot) -> None:
    journal = FakeJournal(200)
    crew = begun(journal, far)
    for _ in range(29):
        assert crew.join()

    deliveries = [crew.next() for _ in range(30)]

    assert [each.key for each in deliveries if each] == list(range(1000, 1030))
    assert journal.groups == [30]


def test_a_batch_ends_when_all_its_results_are_known_while_the_next_is_carried(
    far: RelaySlot,
) -> None:
    journal = FakeJournal(3, 9)
    crew = begun(journal, far)
    slow = crew.next()
    assert slow
    carried = carry(crew, most=4)

    assert carried == [1001, 1002, 2000, 2001]
    assert journal.ended == {}

    crew.note(slow, accepted(slow.key))
    carry(crew, most=4)
    assert journal.ended == {1: True}

    carry(crew)
    crew.leave()
    assert journal.ended == {1: True, 2: True}
    assert set(journal.written.values()) == {1}
    assert len(journal.written) == 12


class Late(FakeJournal):
    """Permits whose moments have passed."""

    def permits(self, slot: RelaySlot, most: int) -> Grant:
        grant = super().permits(slot, most)
        return grant._replace(at=now() - timedelta(seconds=30), apart=timedelta(seconds=10))


def test_the_time_that_the_journal_takes_is_caught_up(far: RelaySlot) -> None:
    crew = begun(Late(4), far)
    began = time.monotonic()

    moments = [delivery.at - began for _ in range(3) if (delivery := crew.next())]

    assert moments == pytest.approx([-30, -20, -10], abs=5)


def test_a_waiting_campaign_gets_its_turn(far: RelaySlot) -> None:
    journal = FakeJournal(20, 4)
    crew = begun(journal, far, Timing(campaign_slice=60))
    carry(crew, most=4)
    crew._slice_ends = 0.0
    journal.others = True

    assert carry(crew, most=4) == [2000, 2001, 2002, 2003]
    assert journal.ended[1]
    assert journal.waiting == [range(1004, 1020)]


def test_a_stopped_courier_begins_nothing_more(far: RelaySlot) -> None:
    journal = FakeJournal(20, 20)
    crew = begun(journal, far)
    carry(crew, most=4)
    journal.stopped = True

    assert carry(crew) == []
    assert crew.over


def test_a_paused_campaign_is_asked_for_once(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    carry(crew, most=4)
    journal.paused = True

    assert carry(crew) == []
    crew.leave()
    assert journal.asked == 2
    assert journal.ended == {1: True}
    assert journal.waiting == [range(1004, 1020)]


def test_a_cap_that_is_reached_ends_the_crew(far: RelaySlot) -> None:
    journal = FakeJournal(20)
    crew = begun(journal, far)
    journal.full_until = now() + timedelta(minutes=5)

    assert crew.next() is None
    assert crew.over
    assert crew.full_until == journal.full_until


def test_nobody_joins_when_little_is_left_or_the_relay_is_near(
    far: RelaySlot,
) -> None:
    near = begun(FakeJournal(100), a_slot(one_takes=0.001, connections=8))
    little = begun(FakeJournal(3), far)
    ended = begun(FakeJournal(100), far)
    ended.leave()

    assert not near.join()
    assert not little.join()
    assert not ended.join()


def test_a_member_too_many_is_not_wanted(far: RelaySlot) -> None:
    crew = begun(FakeJournal(100), far)
    assert crew.join()
    assert crew.wants(far)

    assert far.relay
    far.relay.one_takes = 0.001  # nearer than was thought

    carry(crew)
    assert not crew.wants(far)
    assert crew.next() is None
    crew.leave()
    assert crew.wants(far)
    assert crew.next()


def test_a_connection_to_another_relay_is_not_wanted(far: RelaySlot) -> None:
    crew = begun(FakeJournal(100), far)
    elsewhere = a_slot(one_takes=0.25, connections=4)

    assert not crew.wants(elsewhere)


def test_messages_are_sent_at_their_moments(far: RelaySlot) -> None:
    journal = FakeJournal(12, per_second=100)
    crew = begun(journal, far)
    began = time.monotonic()
    moments: list[float] = []
    while len(moments) < 12:
        time.sleep(crew.seconds_to_wait())
        while delivery := crew.next():
            moments.append(delivery.at - began)
            crew.note(delivery, accepted(delivery.key))

    assert moments == sorted(moments)
    assert moments[-1] - moments[0] > 0.1
