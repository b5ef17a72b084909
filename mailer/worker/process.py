"""A worker process: its queue's threads, and beside them the sweep, the drain, intake and fetcher.

``python worker.py`` runs it, and so does ``dramatiq worker:broker``, with threads of Dramatiq's.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Protocol

import dramatiq
import structlog
from dramatiq import Worker

from mailer import logs, supervision
from mailer.bootstrap import Mailer, bootstrap
from mailer.delivery.claims import recovery
from mailer.errors import SettingsError
from mailer.loops import Loop, LoopFiles
from mailer.queue.broker import CHORES, LOOKS, MAIL, make_broker
from mailer.queue.jobs import QueuedJobs
from mailer.receipts.incoming.imap.fetching import Fetcher
from mailer.receipts.incoming.intake import Intake
from mailer.receipts.tracking.drain import Drain
from mailer.worker.carriers import carriers
from mailer.worker.sweep import Sweep
from mailer.worker.tasks import declare

log = structlog.get_logger(__name__)


class RunsLoop(Protocol):
    """Runs a loop until ``stopping``."""

    def __call__(self, stopping: threading.Event, /, *, loop: Loop) -> None: ...


class WorkerProcess:
    """What a worker process does beside its queue; ``broker`` has the actors declared on it."""

    def __init__(self, mailer: Mailer, *, end: Callable[[], None] = lambda: None) -> None:
        """``end`` is called when the process has to end by itself, because a loop of it died."""
        self.mailer = mailer
        self.failed = False
        self._end = end
        self._carrying = carriers(mailer)
        self.broker = make_broker(mailer.settings.redis_url)
        declare(self.broker, mailer, self._carrying)
        self.stopping = self._carrying.process.stopping
        self._name = self._carrying.process.name
        self._loops = LoopFiles(mailer.settings.loops_dir, self._name)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Write the first heartbeat, and start the loops, each in a thread of its own."""
        mailer = self.mailer
        self._loops.open()
        with mailer.database.writing() as session:
            recovery.heartbeat(session, self._name, now=mailer.clock())
        jobs = QueuedJobs(self.broker)
        sweep = Sweep(
            mailer,
            jobs,
            name=self._name,
            held=self._carrying.process.held,
            clock_was_set=self._loops.clock_was_set,
        )
        drain = Drain(mailer)
        intake = Intake(mailer)
        self._threads = [
            self._thread(sweep.run, "sweep"),
            self._thread(drain.run, "drain"),
            self._thread(intake.run, "intake"),
            self._thread(self._carrying.withdrawals.run, "withdrawals"),
        ]
        if mailbox := mailer.settings.bounce_mailbox:
            fetcher = Fetcher(mailer, mailbox, name=self._name)
            # It may be waiting for a server that does not answer. Ending it at any point loses
            # nothing.
            self._threads.append(self._thread(fetcher.run, "fetcher", daemon=True))
        for thread in self._threads:
            thread.start()

    def _thread(self, start: RunsLoop, name: str, *, daemon: bool = False) -> threading.Thread:
        """A thread for a loop that ends when the process does; one that ends before ends it."""

        def run() -> None:
            try:
                start(self.stopping, loop=self._loops.loop(name))
            except BaseException:
                log.exception("a loop has died, and its process ends", loop=name)
            if not self.stopping.is_set():
                self.failed = True
                self.stopping.set()
                self._end()

        return threading.Thread(target=run, name=name, daemon=daemon)

    def finish(self) -> None:
        """Wait for the threads of ``start``, after those of the queue, and deregister."""
        for thread in self._threads:
            thread.join(timeout=1 if thread.daemon else 20)
        self._carrying.relays.close()
        with self.mailer.database.writing() as session:
            recovery.deregister(session, self._name, now=self.mailer.clock())
        self.mailer.database.dispose()
        if not self.failed:
            self._loops.close()


def run() -> None:
    """Work until SIGTERM or SIGINT, then finish the begun groups and release all claims."""
    logs.configure()
    process = WorkerProcess(bootstrap())
    dramatiq.set_broker(process.broker)
    connections = process.mailer.settings.connections
    mail = Worker(process.broker, queues={MAIL}, worker_threads=connections, worker_timeout=LOOKS)
    mail.queue_prefetch = connections  # jobs that no thread here can begin are for other workers
    # Chores have threads of their own: a confirmation never waits behind a hundred thousand copies.
    chores = Worker(process.broker, queues={CHORES}, worker_threads=2, worker_timeout=LOOKS)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        process.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    supervision.die_with_parent()
    process.start()
    for worker in (mail, chores):
        worker.start()
    process.stopping.wait()
    for worker in (mail, chores):
        worker.stop(timeout=20_000)
    process.finish()
    if process.failed:
        sys.exit(1)  # whoever watches over this process starts it again


class _Beside(dramatiq.Middleware):
    """Starts and ends what a worker process does beside its queue, where Dramatiq runs that."""

    def __init__(self, process: WorkerProcess) -> None:
        self._process = process

    def after_process_boot(self, _broker: dramatiq.Broker) -> None:
        self._process.start()

    def before_worker_boot(self, _broker: dramatiq.Broker, worker: Worker) -> None:
        worker.queue_prefetch = worker.worker_threads  # what none can begin is for other workers

    def before_worker_shutdown(self, _broker: dramatiq.Broker, _worker: Worker) -> None:
        self._process.stopping.set()

    def after_worker_shutdown(self, _broker: dramatiq.Broker, _worker: Worker) -> None:
        self._process.finish()


def offer_to_dramatiq() -> None:
    """Make the broker that ``dramatiq worker:broker`` works on; SettingsError without a Redis."""
    logs.configure()
    mailer = bootstrap()
    if not mailer.settings.redis_url:
        raise SettingsError("Set REDIS_URL first: nobody else sees a queue inside a process.")
    process = WorkerProcess(mailer, end=lambda: os.kill(os.getpid(), signal.SIGTERM))
    process.broker.add_middleware(_Beside(process))
    dramatiq.set_broker(process.broker)
