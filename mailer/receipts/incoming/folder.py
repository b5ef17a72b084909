"""Mail that came back, kept in a folder until it has been read into the database.

One file a message and recipient: a line of JSON with the envelope and the number of octets, then
the message exactly as it came. ``put`` returns when the file is on the disk, whole and in its
place. What cannot be read is moved into ``to-look-at`` and never deleted.
"""

import errno
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Final

import structlog

log = structlog.get_logger(__name__)

LARGEST: Final = 10 * 1024 * 1024  # octets of one message that is kept whole
SUFFIX: Final = ".mail"
TO_LOOK_AT: Final = "to-look-at"
LOOKED_AT: Final = "looked-at"
_PART: Final = ".new"
_ABANDONED: Final = 3600  # seconds after which nobody can still be writing a part
_LONGEST_HEAD: Final = 32 * 1024
# The database may be on this disk: mail from strangers must not take its last free octets.
_SPARE: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that waits, of ``size`` octets; ``sent_from`` is "" for a null return path."""

    path: Path
    sent_to: str
    sent_from: str
    received_at: datetime
    size: int

    def octets(self) -> bytes:
        """The message exactly as it came."""
        return self.path.read_bytes().partition(b"\n")[2]


def put(
    folder: Path,
    message: bytes,
    *,
    sent_to: str,
    sent_from: str,
    name: str = "",
    spare: int = _SPARE,
) -> Path:
    """Keep a message; OSError, ENOSPC for a full disk, means that nothing of it was kept.

    A message under a ``name`` takes the place of one that was kept under it before. A disk counts
    as full when fewer than ``spare`` octets would be left.
    """
    _make_folder(folder)
    if _free_octets(folder) < spare + len(message):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    # The time comes first, so that names sort by it.
    name = name or f"{time.time_ns():019d}-{secrets.token_hex(8)}"
    path = folder / f"{name}{SUFFIX}"
    # Each writer has a part file of its own, so that a renamed file is always whole.
    part = folder / f"{name}-{secrets.token_hex(4)}{_PART}"
    head = {"sent_to": sent_to, "sent_from": sent_from, "octets": len(message)}
    try:
        part.touch(mode=0o600, exist_ok=False)
        with part.open("wb") as file:
            file.write(json.dumps(head).encode("ascii") + b"\n")
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    try:
        _sync(folder)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def was_set_aside(folder: Path, name: str) -> bool:
    """Whether a message put under this name was set aside; a person may be done with it since."""
    return any((folder / kept / f"{name}{SUFFIX}").exists() for kept in (TO_LOOK_AT, LOOKED_AT))


def waiting(folder: Path) -> Iterator[Incoming]:
    """The messages to read, oldest first; a torn file is set aside, a foreign one left alone."""
    if not folder.exists():
        return
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            if not S_ISREG(path.lstat().st_mode):
                continue
            if found := read(path):
                yield found
                continue
            set_aside(path)
            log.error("a kept message is torn and was set aside", file=path.name)
        except FileNotFoundError:
            continue  # somebody else has read it meanwhile
        except OSError as fault:
            log.warning("a kept message cannot be read", file=path.name, why=fault.strerror)


def count(folder: Path) -> int:
    """How many wait to be read, whole or torn."""
    return sum(1 for _ in folder.glob(f"*{SUFFIX}")) if folder.exists() else 0


def read(path: Path) -> Incoming | None:
    """One kept message, or None when its file is torn."""
    with path.open("rb") as file:
        line = file.readline(_LONGEST_HEAD)
        status = os.fstat(file.fileno())
    try:
        head = json.loads(line)
        sent_to, sent_from, octets = head["sent_to"], head["sent_from"], head["octets"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(sent_to, str) or not isinstance(sent_from, str):
        return None
    size = status.st_size - len(line)
    if octets != size:
        return None
    received_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return Incoming(path, sent_to, sent_from, received_at, size)


def remove(path: Path) -> None:
    """Delete a message that has been read into the database."""
    path.unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Move a message out of the way for a person to look at; gives its new path."""
    return _move(path, path.parent / TO_LOOK_AT)


def put_away(path: Path) -> Path:
    """Move a message that was set aside to those that a person is done with."""
    return _move(path, path.parent.parent / LOOKED_AT)


def put_back(path: Path) -> Path:
    """Move a message that was set aside to those that wait, to be read once more."""
    return _move(path, path.parent.parent)


def clear_parts(folder: Path) -> None:
    """Drop what a killed process had half written; nobody was told that it was kept."""
    for part in folder.glob(f"*{_PART}"):
        with suppress(FileNotFoundError):  # somebody else clears up, too
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()


def _move(path: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists() and target.read_bytes() != path.read_bytes():
        target = folder / f"{path.stem}-{secrets.token_hex(4)}{path.suffix}"
    path.rename(target)
    return target


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)


def _free_octets(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _sync(folder: Path) -> None:
    """Have the names in a folder outlive the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
