"""A relay's pace: shared by all workers, kept over restarts; unused permits expire."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from contacts.database import Database
from mailer.delivery.routing import pacing
from mailer.delivery.routing.pacing import RelayLimits, RelayPace, reserve
from mailer.models import Relay

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


class Clock:
    """A time that is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def set_up(database: Database, **values: object) -> int:
    """The first relay with these values; its number."""
    with database.writing() as session:
        session.execute(update(Relay).values(**values))
    with database.reading() as session:
        relay = session.query(Relay).one()
        return relay.id


def a_pace(database: Database, relay_id: int, clock: Clock) -> RelayPace:
    pace = RelayPace(database, relay_id, clock=clock)
    follow(database, pace)
    return pace


def follow(database: Database, pace: RelayPace) -> None:
    """Do what reading the relays from the database does."""
    with database.reading() as session:
        relay = session.query(Relay).one()
    pace.adapt(RelayLimits(relay.per_second, relay.per_hour, relay.per_day), free=False)


def spent(paces: list[RelayPace], clock: Clock, *, seconds: float, most: int = 4) -> int:
    """How many permits these processes get in that time, if they take all they can."""
    until, number = clock.now + timedelta(seconds=seconds), 0
    while clock.now < until:
        for pace in paces:
            while (grant := pace.take(most)).number and grant.at <= clock.now:
                number += grant.number
            if grant.number:  # the grant is for a later moment
                pace.give_back(grant, grant.number)
        clock.pass_(0.01)
    return number


@pytest.mark.parametrize("speed", [0.5, 5, 50, 500])
@pytest.mark.parametrize("workers", [1, 3])
def test_all_workers_together_keep_the_speed(
    database: Database, clock: Clock, speed: float, workers: int
) -> None:
    relay_id = set_up(database, per_second=speed)
    paces = [a_pace(database, relay_id, clock) for _ in range(workers)]
    assert spent(paces, clock, seconds=20) == pytest.approx(20 * speed, rel=0.05, abs=1.01)


def test_a_restarted_worker_goes_on_at_the_speed_set(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=4)
    number = sum(spent([a_pace(database, relay_id, clock)], clock, seconds=1) for _ in range(10))
    assert number <= 41


def test_unused_permits_expire(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=10)
    pace = a_pace(database, relay_id, clock)
    pace.take(1)
    clock.pass_(3600)
    assert spent([pace], clock, seconds=1) <= 11 + 10 * pacing.SPAN


def test_a_new_speed_is_used_at_once(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=2)
    pace = a_pace(database, relay_id, clock)
    spent([pace], clock, seconds=5)
    set_up(database, per_second=200)
    follow(database, pace)
    assert spent([pace], clock, seconds=2) > 250


def test_a_new_speed_drops_the_wait_of_the_old_one(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=0.1)
    pace = a_pace(database, relay_id, clock)
    spent([pace], clock, seconds=1)
    waits = pace.take(1)
    set_up(database, per_second=100, free_at=None)
    follow(database, pace)
    assert waits.number == 0
    assert waits.at <= clock.now + timedelta(seconds=1)  # to be asked again, since it may change
    assert pace.take(1).number == 1


def test_a_moment_from_a_wrong_clock_is_ignored(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=10, free_at=START + timedelta(days=400))
    assert spent([a_pace(database, relay_id, clock)], clock, seconds=10) > 90


def test_unused_permits_are_not_counted_against_a_cap(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=None, per_hour=30)
    ours, theirs = (a_pace(database, relay_id, clock) for _ in range(2))
    ours.take(3)
    grant = ours.take(10)
    clock.pass_(90)
    ours.give_back(grant, 4)
    assert ours.take(1).number == 1
    assert theirs.take(100).number == 30 - 3 - 6 - 1


def test_expired_permits_are_not_counted_against_a_cap(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=40, per_hour=10)
    pace = a_pace(database, relay_id, clock)
    pace.take(1)  # takes ten from the relay's row
    clock.pass_(5)
    assert spent([pace], clock, seconds=5) == 9


def test_no_sixty_minutes_hold_more_than_the_cap_of_an_hour(
    database: Database, clock: Clock
) -> None:
    relay_id = set_up(database, per_second=None, per_hour=30)
    pace = a_pace(database, relay_id, clock)
    first = pace.take(25)
    clock.pass_(40 * 60)
    second, third = pace.take(25), pace.take(25)
    clock.pass_(15 * 60)
    early = pace.take(25)
    clock.pass_(7 * 60)
    later = pace.take(25)

    assert (first.number, second.number) == (25, 5)
    assert third.full
    assert third.at <= START + timedelta(hours=1, minutes=1)
    assert early.full
    assert later.number == 25


def test_a_day_holds_no_more_than_its_cap(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=100, per_day=150)
    pace = a_pace(database, relay_id, clock)
    assert spent([pace], clock, seconds=5) == 150
    clock.pass_(23 * 3600)
    assert spent([pace], clock, seconds=1) == 0
    clock.pass_(3600 + 60)  # counts are kept by the minute
    assert spent([pace], clock, seconds=5) == 150


def test_an_urgent_message_needs_no_permit_and_is_counted(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=1, per_hour=10)
    pace = a_pace(database, relay_id, clock)
    for _ in range(5):
        pace.charge(1)
    assert spent([pace], clock, seconds=3) == 0
    assert spent([pace], clock, seconds=60) == 5


def test_a_throttling_reply_lowers_the_speed_which_then_rises_again(
    database: Database, clock: Clock
) -> None:
    relay_id = set_up(database, per_second=100)
    with database.writing() as session:
        once = pacing.slow_down(session, relay_id, going=90, now=START)
        twice = pacing.slow_down(session, relay_id, going=90, now=START + timedelta(seconds=1))
    with database.reading() as session:
        relay = session.get_one(Relay, relay_id)
        soon, later = relay.speed(START), relay.speed(START + timedelta(minutes=10))

    assert once == pytest.approx(70)
    assert twice is None  # within five seconds: it counts as one
    assert soon == pytest.approx(70)
    assert later == 100


def test_without_a_speed_the_measured_speed_is_lowered(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=None)
    with database.writing() as session:
        pacing.slow_down(session, relay_id, going=50, now=START)
        grant = reserve(session, relay_id, most=100, now=START)
    assert grant.apart == timedelta(seconds=1 / 35)


def test_counts_older_than_a_day_are_removed(database: Database, clock: Clock) -> None:
    relay_id = set_up(database, per_second=None, per_day=10)
    with database.writing() as session:
        pacing.count(session, relay_id, 3, now=START)
        pacing.count(session, relay_id, 4, now=START + timedelta(hours=30))
        pacing.forget_old_uses(session, now=START + timedelta(hours=31))
        left = reserve(session, relay_id, most=100, now=START + timedelta(hours=31))
    assert left.number == 6
