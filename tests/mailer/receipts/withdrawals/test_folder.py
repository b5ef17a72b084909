"""A withdrawal is on the disk when ``put`` returns, also where the disk has no room any more."""

import errno
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from contacts.actors import ActorKind
from mailer.receipts.withdrawals import folder
from mailer.receipts.withdrawals.folder import Withdrawal
from tests.factories import NOW
from tests.killing import ROOT
from tests.outages import fill_the_disk

ALICE = Withdrawal(7, False, ActorKind.ONE_CLICK, NOW)


def kept(place: Path) -> list[Withdrawal | None]:
    found = [folder.read(place, name) for name in folder.names(place)]
    return [each.withdrawal for each in found if each]


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    all_of_it = Withdrawal(8, True, ActorKind.PREFERENCE_PAGE, NOW)

    folder.put(tmp_path, ALICE)
    path = folder.put(tmp_path, all_of_it)

    assert kept(tmp_path) == [ALICE, all_of_it]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_press_takes_no_more_room(tmp_path: Path) -> None:
    later = Withdrawal(7, False, ActorKind.ONE_CLICK, NOW + timedelta(minutes=1))

    folder.put(tmp_path, ALICE)
    folder.put(tmp_path, later)

    assert kept(tmp_path) == [later]


def test_a_press_while_the_first_is_applied_is_not_removed_with_it(tmp_path: Path) -> None:
    later = Withdrawal(7, False, ActorKind.ONE_CLICK, NOW + timedelta(minutes=1))
    path = folder.put(tmp_path, ALICE)
    first = folder.read(tmp_path, path.name)
    assert first

    folder.put(tmp_path, later)
    folder.remove(first)

    assert kept(tmp_path) == [later]


def test_a_full_disk_takes_what_room_was_kept_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.keep_ready(tmp_path, number=2, spare=0)
    fill_the_disk(monkeypatch)

    for number in (1, 2):
        folder.put(tmp_path, Withdrawal(number, True, ActorKind.ONE_CLICK, NOW))
    with pytest.raises(OSError, match="No space left") as refused:
        folder.put(tmp_path, ALICE)

    assert refused.value.errno == errno.ENOSPC
    assert [each.delivery_id for each in kept(tmp_path) if each] == [1, 2]
    assert list(tmp_path.glob("*.new")) == []


def test_room_is_made_again_when_the_disk_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.keep_ready(tmp_path, number=3, spare=0)
    with monkeypatch.context() as full:
        fill_the_disk(full)
        folder.put(tmp_path, ALICE)
        folder.keep_ready(tmp_path, number=3, spare=0)
        left = len(list(tmp_path.glob("*.room")))
    folder.keep_ready(tmp_path, number=3, spare=0)

    assert left == 2
    assert len(list(tmp_path.glob("*.room"))) == 3
    assert list(tmp_path.glob("*.new")) == []


def test_no_room_is_taken_from_a_disk_that_has_little(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)

    folder.keep_ready(tmp_path, spare=disk.f_bavail * disk.f_frsize * 2)

    assert list(tmp_path.glob("*.room")) == []


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"delivery": 0, "everything": true, "how": "one-click", "asked_at": "2026-12-08"}',
        b'{"delivery": true, "everything": true, "how": "one-click", "asked_at": "2026-12-08"}',
        b'{"delivery": 1, "everything": 1, "how": "x", "asked_at": "2026-12-08T10:00:00+00:00"}',
    ],
    ids=range(9),
)
def test_a_file_that_is_none_of_ours_is_known_as_such(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "1-newsletter.withdrawal").write_bytes(octets)

    assert kept(tmp_path) == [None]


PUTTING = """
import sys
from pathlib import Path
from contacts.actors import ActorKind
from mailer.receipts.withdrawals import folder
from tests.factories import NOW
for number in range(1, 100_000):
    folder.put(Path(sys.argv[1]), folder.Withdrawal(number, False, ActorKind.ONE_CLICK, NOW))
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_said_to_be_kept(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", PUTTING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout
    said = [int(child.stdout.readline()) for _ in range(40)]
    child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().splitlines()]
    child.wait(10)
    child.stdout.close()

    there = {each.delivery_id for each in kept(tmp_path) if each}
    assert set(said) <= there
    assert None not in kept(tmp_path)
