"""A whole send next to Postfix's own generator: same sink, size and connections, in one run.

Everything is counted that a real send does: claims, attempts committed before they begin, a copy
composed for each person, outcomes committed. The sink takes mail as fast as mail can be taken.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select, text

from contacts.database import Database
from mailer import migrations
from mailer.campaigns import editing, sending
from mailer.campaigns.letters import draft_letter
from mailer.clock import now
from mailer.composition.composer import Composer
from mailer.composition.letter import Recipient
from mailer.models import Campaign, Delivery, DeliveryStatus
from mailer.security.tokens import Tokens
from mailer.settings.environment import Gate, Settings
from tests import services
from tests.benches.populating import populate
from tests.factories import TESTER, a_campaign

ROOT = Path(__file__).resolve().parent.parent.parent
CONNECTIONS = 8
PARAGRAPH = "All work and no play makes councils dull places. " * 10
BLOCKS = [
    {"id": f"b{place}", "type": "text", "text": f"Dear {{{{first_name|friend}}}}, {PARAGRAPH}"}
    for place in range(10)
]
DOCUMENT = {"version": 1, "blocks": BLOCKS}


def run(number: int = 60_000, rounds: int = 3) -> None:
    """Embedded, then PostgreSQL and Redis; medians of the ratio to smtp-source."""
    with services.sink() as port:
        folder = Path(tempfile.mkdtemp(prefix="circular-send-"))
        _compare(f"sqlite:///{folder / 'bench.db'}", "", port, number, rounds)
        with services.postgres(durable=True) as server, services.redis() as redis_url:
            server.execute("CREATE DATABASE bench")
            _compare(server.url("bench"), redis_url, port, number, rounds)


def _compare(url: str, redis_url: str, port: int, number: int, rounds: int) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    newsletter_id = populate(database, number)
    octets = _octets_of_a_copy(database, newsletter_id)
    print(f"  {number:,} copies of {octets:,} octets")
    ratios = []
    with a_worker(url, redis_url, port, connections=CONNECTIONS):
        time.sleep(5)
        for _ in range(rounds):
            reference = _smtp_source(port, number, octets)
            ours = _send(database, newsletter_id)
            ratios.append(ours / reference)
            print(f"  smtp-source {reference:,.0f}/s, ours {ours:,.0f}/s: {ours / reference:.2f}")
    kind = "PostgreSQL + Redis" if redis_url else "embedded"
    print(f"{kind}: median ratio {statistics.median(ratios):.2f}", flush=True)
    database.dispose()


def _octets_of_a_copy(database: Database, newsletter_id: int) -> int:
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, DOCUMENT, subject=f"News of {now()}").id
    with database.reading() as session:
        campaign = editing.find(session, campaign_id)
        letter = draft_letter(session, campaign, settings=Settings())
    recipient = Recipient(delivery_id=1, address="person1@council1.example", first_name="Person")
    return len(Composer(letter, tokens=Tokens(b"bench")).compose(recipient).content)


def _smtp_source(port: int, number: int, octets: int) -> float:
    binary = shutil.which("smtp-source", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert binary, "Postfix is needed for this bench"
    began = time.perf_counter()
    subprocess.run(
        [
            *(binary, "-d", "-l", str(octets), "-s", str(CONNECTIONS), "-m", str(number)),
            *("-f", "a@a.example", "-t", "b@b.example", f"127.0.0.1:{port}"),
        ],
        check=True,
    )
    return number / (time.perf_counter() - began)


def _send(database: Database, newsletter_id: int) -> float:
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, DOCUMENT, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    # The worker freezes it and goes on from there, as after a press of the button.
    while True:
        time.sleep(0.2)
        with database.reading() as session:
            campaign = session.get_one(Campaign, campaign_id)
            if campaign.finished_at is None:
                continue
            accepted, last = session.execute(
                select(func.count(), func.max(Delivery.changed_at)).where(
                    Delivery.campaign_id == campaign_id,
                    Delivery.status == DeliveryStatus.ACCEPTED,
                )
            ).one()
            assert campaign.frozen_at
            rate: float = accepted / (last - campaign.frozen_at).total_seconds()
        if not database.is_sqlite:
            with database.engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
        return rate


@contextmanager
def a_worker(url: str, redis_url: str, port: int, *, connections: int) -> Iterator[int]:
    """A worker process that sends to the relay on ``port``; its process id."""
    made = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
        "DATA_DIR": tempfile.mkdtemp(prefix="circular-send-"),
        "SECRET_KEY": "a secret for benches, and long enough",
        "CONNECTIONS": str(connections),
    }
    environment = {**os.environ, **{name: value for name, value in made.items() if value}}
    process = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environment)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))
