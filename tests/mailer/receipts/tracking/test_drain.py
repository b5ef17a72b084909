"""The drain goes on: whatever a file or a line of hits is, the others are counted."""

import threading
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.receipts.tracking import spool
from mailer.receipts.tracking.drain import Drain
from mailer.receipts.tracking.spool import Hit
from tests.factories import a_mailer

GOOD = Hit(1_764_000_000_000, "A" * 32, 0).line()
BAD = [
    b"99999999999999999 " + b"A" * 32 + b" 0 0",  # a year that no calendar has
    b"9" * 5_000 + b" " + b"A" * 32 + b" 0 0",  # more digits than Python turns into a number
    b"1764000000000 " + b"A" * 32 + b" 99999999999999999999 0",
    b"1764000000000 \xff\xfe 0 0",
    b"1764000000000 " + b"A" * 500 + b" 0 0",
    b"torn by a full d",
]


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    mailer = a_mailer(database, tmp_path)
    mailer.settings.spool_dir.mkdir()
    return mailer


def a_file(mailer: Mailer, name: str, *lines: bytes) -> Path:
    path = mailer.settings.spool_dir / f"{name}.hits"
    path.write_bytes(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
    return path


def kept(mailer: Mailer) -> list[bytes]:
    return (mailer.settings.spool_dir / "unreadable.lines").read_bytes().splitlines()


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_a_line_that_is_no_hit_is_kept_aside_and_the_others_are_read(
    mailer: Mailer, line: bytes
) -> None:
    path = a_file(mailer, "one", GOOD, line, GOOD)

    found = spool.read(path, 0)
    drain = Drain(mailer)
    drain.take_all()
    drain.take_all()

    assert len(found.hits) == 2
    assert kept(mailer) == [line[:1000]]
    assert not path.exists()


def test_a_line_without_an_end_does_not_stop_its_file(mailer: Mailer) -> None:
    path = a_file(mailer, "long", b"9" * 600_000, GOOD)

    drain = Drain(mailer)
    for _ in range(4):
        drain.take_all()

    assert not path.exists()


@pytest.mark.parametrize("fault", [FileNotFoundError, OSError, ValueError, RuntimeError])
def test_a_file_with_a_fault_waits_and_the_others_are_taken(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    poison, sound = a_file(mailer, "a-poison", GOOD), a_file(mailer, "b-sound", GOOD)
    read, tries = spool.read, list[str]()

    def fail(path: Path, start: int, most: int = 512 * 1024) -> spool.Taken:
        tries.append(path.name)
        if path == poison:
            raise fault("of ours")
        return read(path, start, most)

    monkeypatch.setattr(spool, "read", fail)
    drain = Drain(mailer)
    for _ in range(3):
        drain.take_all()

    assert poison.exists()
    assert not sound.exists()
    assert tries.count(poison.name) == 1  # it waits for a minute, and is not asked all the time


def test_two_drains_on_one_folder_share_what_there_is(mailer: Mailer) -> None:
    """Each of 40 finished files is taken by one of two workers, whoever is quicker."""
    for number in range(40):
        a_file(mailer, f"file{number:02}", GOOD, GOOD)
    faults: list[BaseException] = []

    def take() -> None:
        try:
            drain = Drain(mailer)
            while spool.files(mailer.settings.spool_dir):
                drain.take_all()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert spool.files(mailer.settings.spool_dir) == []


def test_the_loop_survives_a_folder_that_cannot_be_listed(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping, looks = threading.Event(), list[int]()

    def fail(_folder: Path) -> list[Path]:
        looks.append(1)
        if len(looks) == 3:
            stopping.set()
        raise OSError("no such device")

    monkeypatch.setattr(spool, "files", fail)
    Drain(mailer).run(stopping, every=0.01)

    assert len(looks) >= 3
