"""A launch to a million: how long the freeze takes, and how long SQLite's writer is held."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from contacts.database import Database
from mailer import migrations
from mailer.audience.counting import count
from mailer.audience.selecting import Audience
from mailer.campaigns import editing, sending
from mailer.campaigns.freezing import freeze_some
from mailer.clock import now
from mailer.settings.environment import Gate
from tests import services
from tests.benches.populating import populate
from tests.factories import TESTER, a_campaign


def run(number: int = 1_000_000) -> None:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(Database(f"sqlite:///{Path(folder) / 'bench.db'}"), number)
    with services.postgres(durable=True) as server:
        server.execute("CREATE DATABASE bench")
        _measure(Database(server.url("bench")), number)


def _measure(database: Database, number: int) -> None:
    migrations.upgrade(database.engine)
    newsletter_id = populate(database, number)
    began = time.perf_counter()
    with database.reading() as session:
        counted = count(session, Audience(newsletter_id), now=now())
    counting = time.perf_counter() - began
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    held: list[float] = []
    began = time.perf_counter()
    done = False
    while not done:
        step = time.perf_counter()
        with database.writing() as session:
            campaign = editing.find(session, campaign_id, lock=True)
            done = freeze_some(session, campaign, Audience(newsletter_id), now=now())
        held.append(time.perf_counter() - step)
    took = time.perf_counter() - began
    print(
        f"{database.engine.dialect.name}: {counted.total} people counted in {counting:.2f} s, "
        f"frozen in {took:.2f} s; steps: median {statistics.median(held):.3f} s, "
        f"longest {max(held):.3f} s"
    )
    database.dispose()


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
