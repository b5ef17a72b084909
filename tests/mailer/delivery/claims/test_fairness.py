"""Campaigns that are sent at once share the relay; a small one does not wait for a large one."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.clock import now
from mailer.delivery.claims import claiming
from mailer.delivery.claims.dispatching import RENUDGE, nudge
from mailer.delivery.claims.fairness import Backlog, FairShare, pick_batch
from mailer.models import Batch, DeliveryStatus, Relay
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_mailer, a_newsletter, many
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.routing.slots import a_slot
from tests.running import a_worker, account_of, launched, wait_for_end


def test_the_campaign_with_the_least_is_next_and_a_new_one_starts_level() -> None:
    turns = FairShare()
    had: Counter[int] = Counter()
    for _ in range(100):
        had[turns.next_campaign([1])] += 1
        turns.count(1, 10)
    both: Counter[int] = Counter()
    for _ in range(100):
        chosen = turns.next_campaign([1, 2])
        both[chosen] += 1
        turns.count(chosen, 10)

    assert had == {1: 100}
    assert both == {1: 50, 2: 50}


def test_a_small_campaign_ends_long_before_a_large_one(database: Database, tmp_path: Path) -> None:
    mailer = a_mailer(database, tmp_path)
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=60))
        newsletter = a_newsletter(session)
        many(session, newsletter, 400)
        large, small = (
            a_campaign(session, newsletter.id, slug=slug, subject=slug).id for slug in ("l", "s")
        )
        sending.launch(session, large, actor=TESTER, gate=Gate.OPEN, now=now())
    freeze(mailer.database, large, clock=now)

    with FaultServer(Script()) as relay, a_worker(mailer, port=relay.port):
        while not account_of(mailer, large).deliveries.get(DeliveryStatus.ACCEPTED):
            pass
        with mailer.database.writing() as session:
            sending.launch(session, small, actor=TESTER, gate=Gate.OPEN, now=now())
        until_small = 0
        while until_small < 40:
            until_small = account_of(mailer, small).deliveries.get(DeliveryStatus.ACCEPTED, 0)
        large_by_then = account_of(mailer, large).deliveries[DeliveryStatus.ACCEPTED]
        for each in (large, small):
            with mailer.database.writing() as session:
                sending.stop(session, each, actor=TESTER, now=now())
        wait_for_end(mailer, large)

    assert large_by_then < 250


def test_however_batches_are_claimed_and_cut_nobody_is_left_out(
    database: Database, tmp_path: Path
) -> None:
    campaign_id = launched(a_mailer(database, tmp_path), 600)
    slot = a_slot(one_takes=0.001)

    taken: list[int] = []
    with database.writing() as session:
        while found := pick_batch(session, campaign_id, now=now()):
            assert found.backlog
            claim = claiming.claim(
                session,
                campaign_id,
                found.first_id,
                found.last_id,
                courier_id="someone",
                now=now(),
                most=slot.share_of(found.backlog),
                pieces=slot.pieces_of(found.backlog),
            )
            assert claim
            taken += claim.ids

    assert sorted(taken) == list(range(min(taken), min(taken) + 600))


def test_shares_get_smaller_and_batches_are_cut_when_few_are_left() -> None:
    slot = a_slot(one_takes=0.001)

    assert slot.most_at_once == 1000
    assert slot.share_of(Backlog(100_000, batches=100)) == 1000
    assert slot.share_of(Backlog(1600, batches=2)) == 100
    assert slot.share_of(Backlog(10, batches=2)) == 4
    assert slot.pieces_of(Backlog(1600, batches=100)) == 1
    assert slot.pieces_of(Backlog(1600, batches=2)) == 4


def test_the_farther_the_relay_the_larger_the_crew() -> None:
    crews = [a_slot(one_takes=takes).crew for takes in (0.0003, 0.01, 0.25)]
    groups = [
        a_slot(one_takes=takes).group(connections)
        for takes, connections in ((0.0003, 1), (0.01, 5), (0.25, 1), (0.25, 60))
    ]

    assert crews == [1, 5, 128]
    assert groups == [128, 125, 4, 60]


def test_crews_share_the_backlog() -> None:
    slot = a_slot(one_takes=0.25, connections=120)

    assert slot.share_of(Backlog(1600, batches=2)) == 800
    assert slot.share_of(Backlog(10, batches=2)) == 30
    assert slot.pieces_of(Backlog(1600, batches=2)) == 1


def test_a_slot_without_connections_claims_the_least() -> None:
    slot = a_slot(one_takes=0.001)
    assert slot.relay
    slot.relay.concurrency.limit = 0

    assert slot.share_of(Backlog(4, batches=1)) == 4


@pytest.mark.parametrize("pieces", [1, 3, 100])
def test_the_rest_of_a_claimed_batch_becomes_new_batches_without_gaps(
    database: Database, tmp_path: Path, pieces: int
) -> None:
    campaign_id = launched(a_mailer(database, tmp_path), 40)

    with database.writing() as session:
        before = session.scalars(select(Batch).order_by(Batch.first_id)).all()
        first, last = before[0].first_id, before[0].last_id
        claim = claiming.claim(
            session,
            campaign_id,
            first,
            last,
            courier_id="someone",
            now=now(),
            most=3,
            pieces=pieces,
        )
        session.expire_all()
        after = session.scalars(select(Batch).order_by(Batch.first_id)).all()

    assert claim
    assert claim.ids == (first, first + 1, first + 2)
    assert len(after) == len(before) + min(pieces, last - first - 2)
    assert after[0].last_id == claim.last_id
    assert {each.due_at for each in after} == {before[0].due_at}
    for one, other in pairwise(after):
        assert other.first_id == one.last_id + 1


def test_many_couriers_and_nudges_at_once_do_not_deadlock(
    database: Database, tmp_path: Path
) -> None:
    campaign_id = launched(a_mailer(database, tmp_path), 400)
    ended = threading.Event()

    def courier(number: int) -> list[int]:
        taken: list[int] = []
        while True:
            with database.reading() as session:
                found = pick_batch(session, campaign_id, now=now())
            if found is None:
                return taken
            with database.writing() as session:
                claim = claiming.claim(
                    session,
                    campaign_id,
                    found.first_id,
                    found.last_id,
                    courier_id=f"courier {number}",
                    now=now(),
                    most=3,
                    pieces=3,
                )
            taken += claim.ids if claim else ()

    def nudging() -> None:
        later = now()
        while not ended.is_set():
            later += 2 * RENUDGE
            with database.writing() as session:
                nudge(session, campaign_id, now=later)

    with ThreadPoolExecutor(12) as pool:
        nudges = [pool.submit(nudging) for _ in range(2)]
        couriers = [pool.submit(courier, number) for number in range(10)]
        taken = [each for one in couriers for each in one.result()]
        ended.set()
        for each in nudges:
            each.result()

    assert len(taken) == len(set(taken)) == 400
