"""Files that a killed process left without a row go after a day; a picture's own never does."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.authoring.pictures.orphans import KEPT_FOR, remove_orphans
from mailer.authoring.pictures.store import PictureFolder
from mailer.models import LibraryPicture
from tests.factories import NOW

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # before the clock of any machine that tests
_LATER = NOW + KEPT_FOR + timedelta(hours=1)


@pytest.fixture
def folder(tmp_path: Path) -> PictureFolder:
    return PictureFolder(tmp_path / "pictures")


def _put(folder: PictureFolder, tmp_path: Path, content: bytes, at: datetime = NOW) -> str:
    """A picture that was put there at this time."""
    name = folder.put(content, "png")
    os.utime(tmp_path / "pictures" / name[:2] / name, (at.timestamp(), at.timestamp()))
    return name


def _row(database: Database, name: str) -> None:
    with database.writing() as session:
        session.add(
            LibraryPicture(
                name=name,
                called="a.png",
                words="A hall",
                is_decoration=False,
                width=1,
                height=1,
                octets=1,
                added_by="command",
                added_at=NOW,
            )
        )


def test_only_what_no_row_names_goes_and_only_after_a_day(
    database: Database, folder: PictureFolder, tmp_path: Path
) -> None:
    named, orphan = (_put(folder, tmp_path, content) for content in (b"kept", b"left"))
    _row(database, named)

    with database.reading() as session:
        soon = remove_orphans(session, folder, now=NOW + KEPT_FOR - timedelta(hours=1))
        late = remove_orphans(session, folder, now=_LATER)

    assert (soon, late) == (0, 1)
    assert folder.read(named) == b"kept"
    assert folder.read(orphan) is None


def test_a_picture_that_is_put_again_is_young_again(
    database: Database, folder: PictureFolder, tmp_path: Path
) -> None:
    orphan = _put(folder, tmp_path, b"left", at=LONG_AGO)

    again = folder.put(b"left", "png")  # its row is about to be written
    taken = folder.remove(orphan, LONG_AGO + timedelta(hours=1))

    assert (again, taken) == (orphan, False)
    assert folder.read(orphan) == b"left"


def test_what_was_never_finished_goes_too(
    database: Database, folder: PictureFolder, tmp_path: Path
) -> None:
    half = tmp_path / "pictures" / "ab" / ".new-xyz"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    os.utime(half, (NOW.timestamp(), NOW.timestamp()))
    stranger = half.with_name("README")
    stranger.write_bytes(b"not ours")
    os.utime(stranger, (NOW.timestamp(), NOW.timestamp()))

    with database.reading() as session:
        assert remove_orphans(session, folder, now=_LATER) == 1

    assert not half.exists()
    assert stranger.exists()
