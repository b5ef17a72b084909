"""A worker in the test's own process: the real broker, sweep and couriers, and a clean end."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dramatiq import Worker

from mailer.bootstrap import Mailer
from mailer.campaigns import editing, sending
from mailer.campaigns.freezing import freeze
from mailer.queue.broker import CHORES, MAIL, make_broker
from mailer.queue.jobs import QueuedJobs
from mailer.reports.accounting import Account, account
from mailer.settings.environment import Gate
from mailer.settings.relay_address import RelayAddress
from mailer.worker.carriers import Carriers, carriers
from mailer.worker.sweep import Sweep
from mailer.worker.tasks import declare
from tests.factories import TESTER, a_campaign, a_newsletter, many


@contextmanager
def a_worker(mailer: Mailer, *, port: int, redis_url: str = "") -> Iterator[Carriers]:
    """Everything a worker process runs, sending to the server on ``port``."""
    carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{port}"))
    broker = make_broker(redis_url)
    declare(broker, mailer, carrying)
    process = carrying.process
    sweep = Sweep(mailer, QueuedJobs(broker), name=process.name, held=process.held)
    sweeping = threading.Thread(target=sweep.run, args=(process.stopping,), kwargs={"every": 0.05})

    workers = [
        Worker(broker, queues={MAIL}, worker_threads=4, worker_timeout=50),
        Worker(broker, queues={CHORES}, worker_threads=1, worker_timeout=50),
    ]
    sweeping.start()
    for worker in workers:
        worker.start()
    try:
        yield carrying
    finally:
        process.stopping.set()
        for worker in workers:
            worker.stop(timeout=5000)
        sweeping.join(5)
        carrying.relays.close()
        broker.close()


def launched(mailer: Mailer, people: int) -> int:
    """A launched and frozen campaign to ``people`` numbered people."""
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, people)
        campaign_id = a_campaign(session, newsletter.id).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())
    freeze(mailer.database, campaign_id, clock=mailer.clock)
    return campaign_id


def wait_for_end(mailer: Mailer, campaign_id: int, *, seconds: float = 90) -> Account:
    """The account of a campaign once it has finished."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = account_of(mailer, campaign_id)
        if found.finished_at is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not finished in {seconds} s: {account_of(mailer, campaign_id)}")


def account_of(mailer: Mailer, campaign_id: int) -> Account:
    with mailer.database.reading() as session:
        return account(session, editing.find(session, campaign_id))
