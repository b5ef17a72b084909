"""A clock that jumps is noticed and harmless: what waits goes out, once, and the sums agree."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import approval, timing
from mailer.clock import ClockWatch
from mailer.delivery.claims import recovery
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.delivery.routing import pacing
from mailer.models import (
    Batch,
    CourierHeartbeat,
    Delivery,
    DeliveryStatus,
    Lease,
    Relay,
    RelayUse,
    Step,
    SystemMail,
)
from mailer.queue.leases import hold_lease
from mailer.settings.environment import Gate
from mailer.worker.sweep import Sweep
from tests.factories import TESTER, a_campaign, a_mailer, a_newsletter, a_notice, many
from tests.fakes.smtp_server import FaultServer
from tests.mailer.worker.test_isolation import NoJobs
from tests.running import a_worker, account_of, launched, wait_for_end

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MANY = 200


class SetClock:
    """The clock of this machine, and by how much it is wrong."""

    def __init__(self, wrong: timedelta = timedelta(0)) -> None:
        self.wrong = wrong

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.wrong


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def mailer(database: Database, tmp_path: Path, clock: SetClock) -> Mailer:
    return replace(a_mailer(database, tmp_path), clock=clock)


def at_a_pace(mailer: Mailer, per_second: float = 100) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=per_second))


def until_half(relay: FaultServer) -> None:
    until = time.monotonic() + 30
    while len(relay.recipients) < MANY // 4:
        assert time.monotonic() < until, "nothing was sent"
        time.sleep(0.01)


def once_each(relay: FaultServer) -> None:
    assert set(Counter(relay.recipients).values()) == {1}
    assert len(relay.recipients) == MANY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "then"),
    [
        ([DAY], timedelta(0)),
        ([timedelta(hours=1)], timedelta(0)),
        ([timedelta(0), 2 * DAY], timedelta(0)),
    ],
    ids=["a day back", "an hour back", "two days forward and back"],
)
def test_what_is_being_sent_goes_on_when_the_clock_is_set(
    mailer: Mailer, clock: SetClock, wrong: list[timedelta], then: timedelta
) -> None:
    clock.wrong = wrong[0]
    at_a_pace(mailer)
    issue = launched(mailer, MANY)

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        for each in wrong:
            clock.wrong = each
            time.sleep(0.3)
        until_half(relay)
        clock.wrong = then
        account = wait_for_end(mailer, issue, seconds=60)

    once_each(relay)
    assert account.deliveries == {DeliveryStatus.ACCEPTED: MANY}
    assert account.balanced


@pytest.mark.slow
def test_it_goes_on_as_well_where_the_worker_was_started_again(
    mailer: Mailer, clock: SetClock
) -> None:
    clock.wrong = DAY
    at_a_pace(mailer)
    issue = launched(mailer, MANY)
    with FaultServer() as relay:
        with a_worker(mailer, port=relay.port):
            until_half(relay)
        clock.wrong = timedelta(0)
        meanwhile = account_of(mailer, issue)
        with a_worker(mailer, port=relay.port):
            account = wait_for_end(mailer, issue, seconds=60)

    assert meanwhile.finished_at is None
    once_each(relay)
    assert account.deliveries == {DeliveryStatus.ACCEPTED: MANY}


def a_sweep(
    mailer: Mailer, *, name: str = "sweep", steady: Callable[[], float] = time.monotonic
) -> Sweep:
    return Sweep(mailer, NoJobs(), name=name, held=HeldClaims(), steady=steady)


def test_copies_that_are_to_be_tried_again_are_due_and_others_stay_put_off(
    mailer: Mailer, clock: SetClock
) -> None:
    issue = launched(mailer, 4)
    now = clock()
    soon = now + timedelta(minutes=5)
    with mailer.database.writing() as session:
        [batch] = session.scalars(select(Batch)).all()
        ids = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
        for number, due_at in zip(ids, (now + DAY, now + 2 * DAY, soon, soon), strict=True):
            delivery = session.get_one(Delivery, number)
            delivery.status, delivery.due_at = DeliveryStatus.DEFERRED, due_at
        batch.due_at = now + DAY

    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        due = [session.get_one(Delivery, number).due_at for number in ids]
        batch = session.get_one(Batch, batch.id)
    assert due == [now, now, soon, soon]
    assert batch.due_at == now
    assert account_of(mailer, issue).finished_at is None


def test_a_wait_that_is_as_long_as_the_schedule_says_is_left_alone(
    mailer: Mailer, clock: SetClock
) -> None:
    launched(mailer, 1)
    now = clock()
    due_at = now + timedelta(seconds=7200)
    with mailer.database.writing() as session:
        session.execute(update(Batch).values(due_at=due_at))
        session.execute(update(Delivery).values(due_at=due_at, status=DeliveryStatus.DEFERRED))

    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        assert session.scalars(select(Batch.due_at)).one() == due_at
        assert session.scalars(select(Delivery.due_at)).one() == due_at


def test_a_system_mail_that_was_never_tried_is_due(mailer: Mailer, clock: SetClock) -> None:
    now = clock()
    with mailer.database.writing() as session:
        a_notice(session, "alice@a.example", now=now + timedelta(hours=1))
        other = a_notice(session, "bob@b.example", now=now + timedelta(hours=1)).id
        session.get_one(SystemMail, other).status = DeliveryStatus.DEFERRED

    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        due = session.scalars(select(SystemMail.due_at).order_by(SystemMail.id)).all()
    assert due == [now, now + timedelta(hours=1)]


def test_a_worker_that_died_while_the_clock_was_ahead_is_found_out(
    mailer: Mailer, clock: SetClock
) -> None:
    launched(mailer, 2)
    now = clock()
    with mailer.database.writing() as session:
        recovery.heartbeat(session, "dead", now=now + DAY)
        session.execute(update(Batch).values(courier_id="dead"))
    sweep = a_sweep(mailer)

    sweep.tick(now)
    sweep.tick(now + timedelta(seconds=20))

    with mailer.database.reading() as session:
        assert session.scalars(select(Batch.courier_id)).one() is None
        assert "dead" not in session.scalars(select(CourierHeartbeat.id)).all()


def test_a_sweep_writes_its_heartbeat_also_after_a_step_back(
    mailer: Mailer, clock: SetClock
) -> None:
    sweep, now = a_sweep(mailer), clock()

    sweep.tick(now + DAY)
    sweep.tick(now)

    with mailer.database.reading() as session:
        seen = session.scalars(select(CourierHeartbeat.seen_at)).one()
    assert seen == now


def test_a_lease_that_no_clock_of_now_gave_is_free(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        hold_lease(session, "sweep", "dead", now=NOW + DAY)
    with mailer.database.writing() as session:
        taken = hold_lease(session, "sweep", "next", now=NOW)
        between = hold_lease(session, "sweep", "third", now=NOW + timedelta(seconds=5))

    assert taken
    assert not between
    with mailer.database.reading() as session:
        assert session.scalars(select(Lease.until)).one() == NOW + timedelta(seconds=10)


def test_a_job_that_was_sent_in_the_future_is_sent_again(mailer: Mailer, clock: SetClock) -> None:
    launched(mailer, 1)
    now = clock()
    with mailer.database.writing() as session:
        session.execute(update(Batch).values(nudged_at=now + DAY))

    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        assert session.scalars(select(Batch.nudged_at)).one() == now


def test_a_relay_rests_no_longer_and_what_it_took_counts_from_now(
    mailer: Mailer, clock: SetClock
) -> None:
    now = clock()
    with mailer.database.writing() as session:
        relay = session.scalars(select(Relay)).one()
        relay.per_hour, relay.try_again_at, relay.slowed_at = 10, now + DAY, now + DAY
        relay.slowed_to = 5.0
        for minutes in (0, 1):
            pacing.count(session, relay.id, 3, now=now + DAY + timedelta(minutes=minutes))

    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        relay = session.scalars(select(Relay)).one()
        uses = session.execute(select(RelayUse.minute, RelayUse.number)).all()
    assert (relay.try_again_at, relay.slowed_at) == (now, now)
    assert relay.speed(now) == 5.0
    assert [tuple(each) for each in uses] == [(int(now.timestamp() // 60), 6)]


def test_permits_of_a_clock_that_was_ahead_are_dropped(mailer: Mailer, clock: SetClock) -> None:
    at_a_pace(mailer, 50)
    clock.wrong = DAY
    with mailer.database.reading() as session:
        relay_id = session.scalars(select(Relay.id)).one()
    pace = pacing.RelayPace(mailer.database, relay_id, clock=clock)
    pace.adapt(pacing.RelayLimits(per_second=50), free=False)
    taken = pace.take(1)

    clock.wrong = timedelta(0)
    grant = pace.take(4)

    assert taken.number == 1
    assert grant.number == 4
    assert abs(grant.at - clock()) < timedelta(seconds=5)


def test_what_is_planned_stays_as_it_is(mailer: Mailer, clock: SetClock) -> None:
    now = clock()
    wall = f"{now + 30 * DAY:%Y-%m-%dT10:00}"
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id).id
        approval.approve(session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=now)
        timing.plan(session, issue, wall=wall, zone="UTC", actor=TESTER, gate=Gate.OPEN, now=now)
    a_sweep(mailer).tick(now)  # which plans its timeline
    with mailer.database.reading() as session:
        planned = session.scalars(select(Step.due_at).order_by(Step.id)).all()

    a_sweep(mailer).tick(now + DAY)
    a_sweep(mailer).tick(now)

    with mailer.database.reading() as session:
        assert session.scalars(select(Step.due_at).order_by(Step.id)).all() == planned
    assert planned


def test_a_step_is_noticed_in_either_way_and_drift_is_not() -> None:
    passed = [0.0]
    watch = ClockWatch(lambda: passed[0])
    noticed = [watch.step(NOW)]
    for steady, wall in ((1.0, 1.2), (2.0, 3602.0), (3.0, 3603.0), (4.0, -86_400.0)):
        passed[0] = steady
        noticed.append(watch.step(NOW + timedelta(seconds=wall)))

    assert [round(each.total_seconds()) for each in noticed] == [0, 0, 3600, 0, -90_004]


def test_a_machine_that_slept_has_not_had_its_clock_set() -> None:
    passed = [0.0]
    watch = ClockWatch(lambda: passed[0])
    watch.step(NOW)
    passed[0] = 40_000.0

    assert not watch.step(NOW + timedelta(seconds=40_000))
