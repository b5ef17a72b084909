"""The task door: a worker process with its couriers, its sweep, its drain, intake and fetcher.

``flask serve`` starts one. More may run on other hosts, with ``python worker.py`` or, where every
worker shares one Redis, with ``dramatiq worker:broker``.
"""

import signal
import sys
import threading
from types import FrameType

import dramatiq
from dramatiq import Worker

from mailer import logs, supervision
from mailer.bootstrap import bootstrap, carriers
from mailer.delivery.claims import recovery
from mailer.errors import MailerError
from mailer.queue.broker import CHORES, LOOKS, MAIL, make_broker
from mailer.queue.jobs import QueuedJobs
from mailer.receipts.incoming.imap.fetching import Fetcher
from mailer.receipts.incoming.intake import Intake
from mailer.receipts.tracking.drain import Drain
from mailer.worker.sweep import Sweep
from mailer.worker.tasks import declare


def run() -> None:
    """Work until SIGTERM or SIGINT, then finish the group in hand and leave nothing behind."""
    logs.configure()
    mailer = bootstrap()
    carrying = carriers(mailer)
    broker = make_broker(mailer.settings.redis_url)
    dramatiq.set_broker(broker)
    declare(broker, mailer, carrying)
    name = carrying.courier.id
    with mailer.database.writing() as session:
        recovery.pulse(session, name, now=mailer.clock())

    stopping = carrying.stopping
    sweep = Sweep(mailer, QueuedJobs(broker), name=name, hands=carrying.hands)
    drain = Drain(mailer)
    intake = Intake(mailer)
    threads = [
        threading.Thread(target=sweep.run, args=(stopping,), name="sweep"),
        threading.Thread(target=drain.run, args=(stopping,), name="drain"),
        threading.Thread(target=intake.run, args=(stopping,), name="intake"),
    ]
    if mailbox := mailer.settings.bounce_mailbox:
        fetcher = Fetcher(mailer, mailbox, name=name)
        # It may be waiting for a server that does not answer; an end at any point loses nothing.
        threads.append(
            threading.Thread(target=fetcher.run, args=(stopping,), name="fetcher", daemon=True)
        )
    connections = mailer.settings.connections
    mail = Worker(broker, queues={MAIL}, worker_threads=connections, worker_timeout=LOOKS)
    mail.queue_prefetch = connections  # what no thread here can begin is for other workers
    # Chores have threads of their own: a confirmation never waits behind a hundred thousand copies.
    chores = Worker(broker, queues={CHORES}, worker_threads=2, worker_timeout=LOOKS)
    workers = [mail, chores]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    supervision.die_with_parent()
    for thread in threads:
        thread.start()
    for worker in workers:
        worker.start()
    stopping.wait()
    for worker in workers:
        worker.stop(timeout=20_000)
    for thread in threads:
        thread.join(timeout=1 if thread.daemon else 20)
    carrying.relays.close()
    with mailer.database.writing() as session:
        recovery.farewell(session, name, now=mailer.clock())
    mailer.database.dispose()


if __name__ == "__main__":
    try:
        run()
    except MailerError as error:
        sys.exit(str(error))
