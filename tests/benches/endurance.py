"""A million copies through one worker: its memory and its time a message must not grow on the way.

The sink discards. Told for each tenth of the way: copies a second, microseconds of the worker's
CPU a copy, and its memory.
"""

import os
import time
from pathlib import Path

from sqlalchemy import func, select

from contacts.database import Database
from mailer import migrations
from mailer.campaigns import sending
from mailer.clock import now
from mailer.models import Campaign, Delivery, DeliveryStatus
from mailer.settings.environment import Gate
from tests import services
from tests.benches.populating import populate
from tests.benches.send import a_worker
from tests.factories import TESTER, a_campaign

DOCUMENT = {
    "version": 1,
    "blocks": [{"id": "b1", "type": "text", "text": "Dear {{first_name|friend}}, a short word."}],
}
TENTHS = 10
_TICKS = os.sysconf("SC_CLK_TCK")


def run(number: int = 1_000_000) -> None:
    """PostgreSQL and Redis, one worker."""
    with services.sink() as port, services.postgres() as server, services.redis() as redis_url:
        server.execute("CREATE DATABASE bench")
        url = server.url("bench")
        database = Database(url)
        migrations.upgrade(database.engine)
        newsletter_id = populate(database, number)
        with a_worker(url, redis_url, port, connections=8) as worker:
            time.sleep(5)
            _send(database, newsletter_id, worker)
        database.dispose()


def _send(database: Database, newsletter_id: int, worker: int) -> None:
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id, DOCUMENT, subject=f"News of {now()}").id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    while not (people := _people(database, campaign_id)):
        time.sleep(0.5)
    done, at, spent, tenth = 0, time.monotonic(), _cpu(worker), 1
    while tenth <= TENTHS:
        time.sleep(1)
        gone = _accepted(database, campaign_id)
        if gone < people * tenth // TENTHS:
            continue
        number, seconds, cpu = gone - done, time.monotonic() - at, _cpu(worker) - spent
        print(
            f"  {gone * 100 // people:3} %  {number / seconds:6,.0f}/s  "
            f"{cpu / number * 1e6:4.0f} µs a copy  {_memory(worker):.0f} MB",
            flush=True,
        )
        done, at, spent = gone, time.monotonic(), _cpu(worker)
        tenth = gone * TENTHS // people + 1


def _people(database: Database, campaign_id: int) -> int:
    """How many are to receive it, once that is known."""
    with database.reading() as session:
        if session.get_one(Campaign, campaign_id).frozen_at is None:
            return 0
        carried = Delivery.status != DeliveryStatus.EXCLUDED
        query = select(func.count()).where(Delivery.campaign_id == campaign_id, carried)
        return session.scalar(query) or 0


def _accepted(database: Database, campaign_id: int) -> int:
    with database.reading() as session:
        accepted = Delivery.status == DeliveryStatus.ACCEPTED
        query = select(func.count()).where(Delivery.campaign_id == campaign_id, accepted)
        return session.scalar(query) or 0


def _cpu(worker: int) -> float:
    """Seconds of CPU a process has had."""
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(worker: int) -> float:
    """Megabytes that a process holds."""
    status = Path(f"/proc/{worker}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    run()
