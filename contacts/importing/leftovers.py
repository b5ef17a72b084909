"""What a killed process left of a file that was being uploaded, kept or rehearsed."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

UPLOAD: Final = "upload-"  # how files begin that are being received, in the data folder
REHEARSAL: Final = "rehearsal-"  # and folders of rehearsals
_OLD: Final = 24 * 3600.0  # seconds: no request takes so long, also on another host


def clear(data: Path, uploads: Path, *, now: float) -> None:
    """Remove what is older than a day; ``now`` is in seconds since 1970, as files have it."""
    for path in _leftovers(data, uploads):
        with suppress(OSError):
            if path.lstat().st_mtime > now - _OLD:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _leftovers(data: Path, uploads: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from data.glob(f"{UPLOAD}*")
        yield from data.glob(f"{REHEARSAL}*")
        yield from uploads.glob(".*")  # parts of what ``keep`` copies
