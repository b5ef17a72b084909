"""Campaigns that are sent at once share the relay; a small one is not behind a large one."""

from collections import Counter
from pathlib import Path

from sqlalchemy import update

from contacts.database import Database
from mailer import campaigns
from mailer.clock import now
from mailer.delivery import ledger
from mailer.delivery.concurrency import Concurrency
from mailer.delivery.connections import Connections
from mailer.delivery.endpoints import RelayAddress
from mailer.delivery.pacing import Pace
from mailer.delivery.relays import Place
from mailer.delivery.stations import Station
from mailer.delivery.turns import Turns, a_range
from mailer.freezing import freeze
from mailer.models import DeliveryStatus, Relay
from mailer.settings import Gate
from tests.factories import a_campaign, a_mailer, a_newsletter, many
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.running import a_worker, account_of, wait_for_end


def test_whoever_had_least_is_next_and_a_new_one_does_not_have_it_all() -> None:
    turns = Turns()
    had: Counter[int] = Counter()
    for _ in range(100):
        had[turns.hungriest([1])] += 1
        turns.note(1, 10)
    both: Counter[int] = Counter()
    for _ in range(100):
        chosen = turns.hungriest([1, 2])
        both[chosen] += 1
        turns.note(chosen, 10)

    assert had == {1: 100}
    assert both == {1: 50, 2: 50}


def test_a_small_campaign_is_through_long_before_a_large_one(
    database: Database, tmp_path: Path
) -> None:
    mailer = a_mailer(database, tmp_path)
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=60))
        newsletter = a_newsletter(session)
        many(session, newsletter, 400)
        large, small = (a_campaign(session, newsletter.id, slug=slug).id for slug in ("l", "s"))
        campaigns.launch(session, large, by="test", gate=Gate.OPEN, now=now())
    freeze(mailer.database, large, clock=now)

    with FaultServer(Script()) as relay, a_worker(mailer, port=relay.port):
        while not account_of(mailer, large).deliveries.get(DeliveryStatus.ACCEPTED):
            pass
        with mailer.database.writing() as session:
            campaigns.launch(session, small, by="test", gate=Gate.OPEN, now=now())
        until_small = 0
        while until_small < 40:
            until_small = account_of(mailer, small).deliveries.get(DeliveryStatus.ACCEPTED, 0)
        large_by_then = account_of(mailer, large).deliveries[DeliveryStatus.ACCEPTED]
        for each in (large, small):
            with mailer.database.writing() as session:
                campaigns.stop(session, each, now=now())
        wait_for_end(mailer, large)

    assert large_by_then < 250


def test_what_is_taken_in_hand_gets_less_towards_the_end(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 2000)
        campaign_id = a_campaign(session, newsletter.id).id
        campaigns.launch(session, campaign_id, by="test", gate=Gate.OPEN, now=now())
    freeze(database, campaign_id, clock=now)
    place = _a_place(database, one_takes=0.001)

    taken = []
    with database.writing() as session:
        while found := a_range(session, campaign_id, now=now()):
            claim = ledger.claim(
                session,
                campaign_id,
                found.first_id,
                found.last_id,
                courier_id="someone",
                now=now(),
                most=place.share_of(found.left),
            )
            assert claim
            taken.append(len(claim.ids))

    assert sum(taken) == 2000
    assert max(taken) > 50
    assert max(taken[-16:]) == 8


def test_a_place_that_no_connection_may_be_had_at_takes_the_least(database: Database) -> None:
    place = _a_place(database, one_takes=0.001)
    assert place.station
    assert place.share_of(None) == place.stretch == 1000

    place.station.concurrency.limit = 0

    assert place.share_of(12) == 8


def _a_place(database: Database, *, one_takes: float) -> Place:
    address = RelayAddress(host="127.0.0.1", port=9)
    return Place(
        Station(
            1,
            "Relay",
            address,
            connections=Connections(address, hello_name="localhost"),
            pace=Pace(database, 1, clock=now),
            concurrency=Concurrency(limit=8, speed=None, now=0),
            one_takes=one_takes,
        )
    )
