"""What a killed process left is cleared when it is old, and nothing else."""

import os
from pathlib import Path

from contacts.importing import leftovers

NOW, DAY = 2_000_000_000.0, 24 * 3600.0


def lay(path: Path, age: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Name,Email\n")
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_old_parts_go_and_everything_else_stays(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    old = [
        lay(tmp_path / "upload-abc", 2 * DAY),
        lay(uploads / ".digest-part", 2 * DAY),
    ]
    rehearsal = lay(tmp_path / "rehearsal-x" / "copy.db", 2 * DAY).parent
    os.utime(rehearsal, (NOW - 2 * DAY, NOW - 2 * DAY))
    kept = [
        lay(tmp_path / "upload-new", 60),
        lay(tmp_path / "circular.db", 90 * DAY),
        lay(uploads / "digest.csv", 90 * DAY),
    ]

    leftovers.clear(tmp_path, uploads, now=NOW)

    assert [path for path in [*old, rehearsal] if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    leftovers.clear(tmp_path / "nowhere", tmp_path / "nowhere" / "uploads", now=NOW)
