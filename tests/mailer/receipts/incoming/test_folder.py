"""Mail that came back waits on the disk: whole or not at all, and nothing of it is ever deleted."""

import errno
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailer.receipts.incoming.folder import (
    clear_parts,
    put,
    remove,
    set_aside,
    waiting,
    was_set_aside,
)

BOUNCE = b"From: <>\r\nSubject: Undelivered\r\n\r\n\xff\x00\n.\r\nnot there\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "incoming"


def test_a_message_is_kept_as_it_came_with_its_envelope(folder: Path) -> None:
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="jörg\n@y.example")

    (found,) = waiting(folder)

    assert found.path == path
    assert found.octets() == BOUNCE
    assert (found.sent_to, found.sent_from) == ("b+1@x.example", "jörg\n@y.example")
    assert abs(found.received_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert path.stat().st_mode & 0o077 == 0


def test_the_oldest_message_is_first(folder: Path) -> None:
    put_in_order = [
        put(folder, b"%d" % number, sent_to="b+1@x.example", sent_from="") for number in range(20)
    ]

    assert [each.path for each in waiting(folder)] == put_in_order


def test_an_absent_folder_has_no_messages(folder: Path) -> None:
    assert list(waiting(folder)) == []


def test_an_empty_message_is_a_message(folder: Path) -> None:
    put(folder, b"", sent_to="b+1@x.example", sent_from="")

    assert [each.octets() for each in waiting(folder)] == [b""]


def test_a_removed_message_is_gone_and_may_be_removed_twice(folder: Path) -> None:
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")

    remove(path)
    remove(path)

    assert list(waiting(folder)) == []
    assert list(folder.iterdir()) == []


def test_a_message_set_aside_is_moved_and_kept(folder: Path) -> None:
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")
    (folder / "to-look-at").mkdir()
    (folder / "to-look-at" / path.name).write_bytes(b"an earlier one")

    moved = set_aside(path)

    assert list(waiting(folder)) == []
    assert moved.parent == folder / "to-look-at"
    assert moved.read_bytes().endswith(BOUNCE)
    assert (folder / "to-look-at" / path.name).read_bytes() == b"an earlier one"


def test_a_message_put_again_under_its_name_is_there_once(folder: Path) -> None:
    for message in (b"first", b"second"):
        put(folder, message, sent_to="", sent_from="", name="mailbox-1-2")

    assert [each.octets() for each in waiting(folder)] == [b"second"]
    assert len(list(folder.iterdir())) == 1


def test_the_same_message_set_aside_again_is_there_once(folder: Path) -> None:
    for message in (BOUNCE, BOUNCE, b"another under the same name"):
        set_aside(put(folder, message, sent_to="", sent_from="", name="mailbox-1-2"))

    assert was_set_aside(folder, "mailbox-1-2")
    assert not was_set_aside(folder, "mailbox-1-3")
    assert len(list((folder / "to-look-at").iterdir())) == 2


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b"\x00\xff\xfe",
        b"[]\n",
        b"3\nhello",
        b'{"sent_to": "a", "sent_from": 1, "octets": 5}\nhello',
        b'{"sent_to": "a", "sent_from": "", "octets": 6}\nhello',
        b'{"sent_to": "a", "octets": 5}\nhello',
        b'{"sent_to": "' + b"a" * 100_000,
        b"[" * 30_000 + b"\n",
    ],
)
def test_a_torn_file_is_set_aside_and_the_others_are_read(folder: Path, torn: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "0000000000000000000-0.mail").write_bytes(torn)
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")

    found = [each.path for each in waiting(folder)]

    assert found == [path]
    assert (folder / "to-look-at" / "0000000000000000000-0.mail").read_bytes() == torn


def test_foreign_things_in_the_folder_are_left_alone(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_bytes(b"not mail")
    (folder / "0-folder.mail").mkdir()
    os.mkfifo(folder / "0-pipe.mail")
    (folder / "0-link.mail").symlink_to("/dev/zero")
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")

    found = [each.path for each in waiting(folder)]

    assert found == [path]
    assert len(list(folder.iterdir())) == 5


def test_a_file_somebody_else_took_meanwhile_is_passed_over(folder: Path) -> None:
    paths = [put(folder, b"%d" % n, sent_to="b+1@x.example", sent_from="") for n in range(3)]

    reading = waiting(folder)
    first = next(reading)
    remove(paths[1])
    rest = [each.path for each in reading]

    assert [first.path, *rest] == [paths[0], paths[2]]


def test_a_part_of_a_killed_writer_is_never_read_and_is_deleted_when_old(folder: Path) -> None:
    folder.mkdir(parents=True)
    old, young = folder / "1-a.new", folder / "2-b.new"
    for part in (old, young):
        part.write_bytes(b'{"sent_to": "b+')
    os.utime(old, (0, 0))

    clear_parts(folder)

    assert list(waiting(folder)) == []
    assert (old.exists(), young.exists()) == (False, True)


def test_a_disk_that_fills_up_leaves_nothing_half_written(folder: Path) -> None:
    """The system refuses files above 5,000 octets, as a full disk refuses the next block."""
    code = """
import resource, sys
from pathlib import Path
from mailer.receipts.incoming.folder import put
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
put(Path(sys.argv[1]), b"small", sent_to="b+1@x.example", sent_from="")
try:
    put(Path(sys.argv[1]), b"x" * 10_000, sent_to="b+2@x.example", sent_from="")
except OSError as fault:
    sys.exit(fault.errno)
"""
    tried = subprocess.run([sys.executable, "-c", code, folder], check=False)

    assert tried.returncode == errno.EFBIG
    assert [each.octets() for each in waiting(folder)] == [b"small"]
    assert len(list(folder.iterdir())) == 1


def test_a_reserve_of_the_disk_is_left_to_the_database(folder: Path) -> None:
    no_disk_has_that_much = 1 << 60

    with pytest.raises(OSError, match="No space left") as caught:
        put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="", spare=no_disk_has_that_much)

    assert caught.value.errno == errno.ENOSPC
    assert list(waiting(folder)) == []


def test_a_folder_that_was_removed_is_made_again(folder: Path) -> None:
    path = put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")
    remove(path)
    folder.rmdir()

    put(folder, BOUNCE, sent_to="b+1@x.example", sent_from="")

    assert len(list(waiting(folder))) == 1
