"""A worker process as Dramatiq's own command runs it: ``dramatiq worker:broker``."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select

from contacts.database import Database
from mailer.models import CourierHeartbeat
from tests.fakes.smtp_server import FaultServer
from tests.killing import ROOT, Installation, add_subscribers, status_of
from tests.services import free_port

COMMAND = (sys.executable, "-m", "dramatiq", "worker:broker", "--processes", "1", "--threads", "4")


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
