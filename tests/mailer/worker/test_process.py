"""A worker process as Dramatiq's own command runs it: ``dramatiq worker:broker``."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.models import CourierHeartbeat
from mailer.receipts.tracking.drain import Drain
from mailer.worker.process import WorkerProcess
from tests.factories import a_mailer
from tests.fakes.smtp_server import FaultServer
from tests.killing import ROOT, Installation, add_subscribers, status_of
from tests.services import free_port

COMMAND = (sys.executable, "-m", "dramatiq", "worker:broker", "--processes", "1", "--threads", "4")


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path) -> Mailer:
    return a_mailer(Database(sqlite_url), tmp_path)


def couriers(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(CourierHeartbeat.id)))


def test_dramatiq_runs_a_worker_that_sends_and_ends_at_a_signal(
    tmp_path: Path, sqlite_url: str, redis_server: str
) -> None:
    with FaultServer() as relay:
        place = Installation(
            folder=tmp_path,
            port=free_port(),
            database_url=sqlite_url,
            redis_url=redis_server,
            relay_url=f"smtp://127.0.0.1:{relay.port}",
        )
        database = Database(sqlite_url)
        campaign_id = add_subscribers(place, 30)
        worker = subprocess.Popen(COMMAND, cwd=ROOT, env=place.environment)
        try:
            place.flask("campaigns", "launch", str(campaign_id))
            until = time.monotonic() + 60
            while status_of(place, campaign_id)["finished_at"] is None and worker.poll() is None:
                assert time.monotonic() < until
                time.sleep(0.2)
            named = couriers(database)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(40)

        assert status_of(place, campaign_id)["deliveries"] == {"accepted": 30}
        assert len(set(relay.recipients)) == len(relay.recipients) == 30
        assert len(named) == 1
        assert couriers(database) == []
        assert worker.returncode == 0
        database.dispose()


def test_without_a_redis_dramatiq_gets_one_sentence(tmp_path: Path, sqlite_url: str) -> None:
    place = Installation(folder=tmp_path, port=free_port(), database_url=sqlite_url)
    worker = subprocess.Popen(COMMAND, cwd=ROOT, env=place.environment, stderr=subprocess.PIPE)
    try:
        _, errors = worker.communicate(timeout=40)
    finally:
        worker.kill()

    assert b"Set REDIS_URL first" in errors
    assert worker.returncode != 0


def test_a_loop_that_dies_ends_its_process(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches over it starts it again: a worker without its drain would count nothing."""
    ended: list[bool] = []
    process = WorkerProcess(mailer, end=lambda: ended.append(True))

    def die(_self: Drain, _stopping: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Drain, "run", die)
    process.start()
    stopped = process.stopping.wait(10)
    process.finish()

    assert stopped
    assert process.failed
    assert ended == [True]


def test_a_process_that_is_told_to_end_has_not_failed(mailer: Mailer) -> None:
    process = WorkerProcess(mailer)

    process.start()
    process.stopping.set()
    process.finish()

    assert not process.failed
    assert couriers(mailer.database) == []
