"""What is said of a host's workers and disk is true, needs no database, and names no path."""

import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from contacts.database import Database
from mailer import loops
from mailer.bootstrap import Mailer
from mailer.loops import LoopFiles
from mailer.operations import readiness
from mailer.operations.readiness import HostState
from mailer.worker.process import WorkerProcess
from tests.factories import NOW, a_mailer
from tests.killing import ROOT
from tests.outages import no_space


@pytest.fixture
def mailer(tmp_path: Path, sqlite_url: str) -> Mailer:
    return a_mailer(Database(sqlite_url), tmp_path)


def state(mailer: Mailer) -> HostState:
    return readiness.host_state(mailer.settings, now=NOW)


def after(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """So long after now, with nothing turned meanwhile."""
    at = loops.steady() + seconds
    patch.setattr(loops, "steady", lambda: at)


def test_a_host_without_a_worker_says_so_and_is_not_bad(mailer: Mailer) -> None:
    found = state(mailer)

    assert found.worker == "no worker has been seen on this host"
    assert not found.worker_is_bad


def test_a_worker_that_ended_as_it_should_is_forgotten(mailer: Mailer) -> None:
    process = WorkerProcess(mailer)
    process.start()
    lives = state(mailer)
    process.stopping.set()
    process.finish()

    assert (lives.worker, lives.worker_is_bad) == ("ok", False)
    assert not state(mailer).worker_is_bad
    assert list(mailer.settings.loops_dir.iterdir()) == []


def test_every_loop_of_a_worker_is_seen(mailer: Mailer, tmp_path: Path) -> None:
    process = WorkerProcess(mailer)
    process.start()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        [found] = loops.processes(mailer.settings.loops_dir)
        if len(found.turned) == 4:
            break
    process.stopping.set()
    process.finish()

    assert set(found.turned) == {"sweep", "drain", "intake", "withdrawals"}


def test_a_loop_that_is_stuck_is_named_with_its_time(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    process.loop("drain")
    after(monkeypatch, 604)
    process.loop("sweep")

    found = state(mailer)
    process.close()

    assert found.worker.startswith("the drain has not turned since 2026-12-08T09:49:5")
    assert found.worker_is_bad


def test_a_fetcher_may_take_longer(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    process.loop("fetcher")
    after(monkeypatch, 600)

    found = state(mailer)
    process.close()

    assert found.worker == "ok"


LIVING = """
import sys, time
from datetime import timedelta
from pathlib import Path
from mailer.loops import LoopFiles
process = LoopFiles(Path(sys.argv[1]), "killed")
process.open()
process.loop("sweep")
print("lives", flush=True)
time.sleep(60)
"""


def test_a_killed_worker_is_awaited_then_missed_and_forgotten_by_the_next(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mailer.settings.loops_dir
    child = subprocess.Popen(
        [sys.executable, "-c", LIVING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout
    child.stdout.readline()
    lives = state(mailer)
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()
    awaited = state(mailer)
    with monkeypatch.context() as later:
        after(later, 60)
        missed = state(mailer)
        after(later, 100_000)
        moved = state(mailer)
    with monkeypatch.context() as rebooted:
        rebooted.setattr(loops, "_boot", lambda: "another")
        gone = state(mailer)
    nxt = LoopFiles(folder, "next")
    nxt.open()
    nxt.loop("sweep")
    names = [each.name for each in loops.processes(folder)]
    again = state(mailer)
    nxt.close()

    assert (lives.worker, awaited.worker) == ("ok", "ok")
    assert missed.worker.startswith("no worker has been seen since 2026-12-08T")
    assert missed.worker_is_bad
    assert moved.worker.startswith("no worker has been seen since 2026-12-07T")
    assert gone.worker == "no worker has been seen since this machine started"
    assert not moved.worker_is_bad
    assert not gone.worker_is_bad
    assert [name.partition("-")[2] for name in names] == ["next"]
    assert again.worker == "ok"


def test_a_folder_of_withdrawals_that_is_out_of_reach_is_said(mailer: Mailer) -> None:
    folder = mailer.settings.withdrawals_dir
    folder.mkdir(parents=True)
    good = state(mailer)
    folder.rmdir()
    folder.touch()  # whoever runs the tests as root may write to any folder

    assert good.disk == "ok"
    assert state(mailer).disk == "DATA_DIR cannot be written to"


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(mailer.settings.data_dir.iterdir())
    roomy = state(mailer)

    class Full:
        def __init__(self, **_: Any) -> None:
            pass

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def write(self, octets: bytes) -> int:
            raise no_space()

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    full = state(mailer)

    assert roomy.disk == "ok"
    assert full.disk == "full: nothing can be written to DATA_DIR"
    assert "full" in readiness.sentences(full)[0]
    assert sorted(mailer.settings.data_dir.iterdir()) == before


def test_a_database_without_room_is_said_until_a_turn_succeeds(mailer: Mailer) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    sweep = process.loop("sweep")

    with sweep.turn():
        raise OperationalError("", {}, no_space())
    full = state(mailer)
    with sweep.turn():
        pass
    again = state(mailer)
    process.close()

    assert full.disk == "full: nothing can be written to the database"
    assert full.is_full
    assert again.disk == "ok"


def test_it_is_quick_and_names_no_path(mailer: Mailer) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    for name in ("sweep", "drain", "intake", "withdrawals", "fetcher"):
        process.loop(name)
    state(mailer)
    began = time.perf_counter()
    for _ in range(10):
        found = state(mailer)
    took = (time.perf_counter() - began) / 10
    process.close()

    assert took < 0.05
    assert str(mailer.settings.data_dir) not in found.worker + found.disk


def test_a_loop_goes_on_where_its_file_cannot_be_touched(mailer: Mailer) -> None:
    folder = mailer.settings.loops_dir
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("no folder")
    process = LoopFiles(folder, "one")
    turned = threading.Event()

    process.open()
    with process.loop("sweep").turn():
        turned.set()
    process.close()

    assert turned.is_set()


def test_a_clock_that_was_set_is_said_for_an_hour(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = LoopFiles(mailer.settings.loops_dir, "one")
    process.open()
    before = state(mailer)
    process.clock_was_set(timedelta(days=-1, seconds=0.2))
    lately = state(mailer)
    after(monkeypatch, 4000)
    later = state(mailer)
    process.close()

    assert (before.clock, later.clock) == ("ok", "ok")
    assert lately.clock == "was set back by 1 day, 0:00:00 lately"
    assert "The clock of this server was set back by 1 day" in readiness.sentences(lately)[0]
    assert list(mailer.settings.loops_dir.iterdir()) == []
