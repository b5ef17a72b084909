"""A set speed is kept: 5, 50 and 500 messages a second, to a relay 0, 50 and 200 ms away.

Two worker processes share the speed and nothing else is set. Told is the rate at which contents
arrived, from the first to the last, and how many connections it took.
"""

import tempfile
import time
from contextlib import ExitStack
from itertools import product
from pathlib import Path

from sqlalchemy import update

from contacts.database import Database
from mailer import migrations
from mailer.campaigns import sending
from mailer.clock import now
from mailer.models import Campaign, Relay
from mailer.settings.environment import Gate
from tests import services
from tests.benches.populating import populate
from tests.benches.send import DOCUMENT, a_worker
from tests.factories import TESTER, a_campaign
from tests.fakes.distance import Distance

SPEEDS = (5, 50, 500)
ROUND_TRIPS = (0.0, 0.05, 0.2)
SECONDS = 20  # of sending at each speed


def run(seconds: int = SECONDS) -> None:
    """PostgreSQL and Redis with two workers, then SQLite with one."""
    with services.sink() as port, services.postgres() as server, services.redis() as redis_url:
        print("PostgreSQL + Redis, 2 workers", flush=True)
        for number, (round_trip, speed) in enumerate(product(ROUND_TRIPS, SPEEDS)):
            server.execute(f"CREATE DATABASE bench{number}")
            url = server.url(f"bench{number}")
            _measure(url, redis_url, port, round_trip, speed, seconds, workers=2)
        print("SQLite, 1 worker", flush=True)
        for round_trip, speed in product(ROUND_TRIPS, SPEEDS):
            folder = Path(tempfile.mkdtemp(prefix="circular-rates-"))
            url = f"sqlite:///{folder / 'bench.db'}"
            _measure(url, "", port, round_trip, speed, seconds, workers=1)


def _measure(
    url: str,
    redis_url: str,
    port: int,
    round_trip: float,
    speed: int,
    seconds: int,
    *,
    workers: int,
) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    newsletter_id = populate(database, speed * seconds)
    with database.writing() as session:
        session.execute(update(Relay).values(per_second=speed))
    with ExitStack() as running:
        relay = running.enter_context(Distance(port, round_trip=round_trip))
        for _ in range(workers):
            running.enter_context(a_worker(url, redis_url, relay.port, connections=150))
        time.sleep(4)
        _send(database, newsletter_id)
        rate = (len(relay.ended) - 1) / (relay.ended[-1] - relay.ended[0])
        print(
            f"  {round_trip * 1000:3.0f} ms away, {speed:3}/s set: {rate:6.1f}/s "
            f"({rate / speed - 1:+.1%}), {relay.most} connections",
            flush=True,
        )
    database.dispose()


def _send(database: Database, newsletter_id: int) -> None:
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, DOCUMENT, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    while True:
        time.sleep(0.3)
        with database.reading() as session:
            if session.get_one(Campaign, campaign_id).finished_at is not None:
                return


if __name__ == "__main__":
    run()
