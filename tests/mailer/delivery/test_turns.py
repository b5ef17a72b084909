"""Campaigns that are sent at once share the relay; a small one is not behind a large one."""

from collections import Counter
from pathlib import Path

from sqlalchemy import update

from contacts.database import Database
from mailer import campaigns
from mailer.clock import now
from mailer.delivery.turns import Turns
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
