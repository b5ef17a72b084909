"""Withdrawals of consent that could not be written to the database, kept until they are applied.

One small file for each mail and what was withdrawn by it; a second press takes the place of the
first. ``put`` returns when the file is on the disk, whole and in its place. So that a full disk
takes none of them, files of spaces are kept ready: one of those is written over and renamed, which
needs no room that it does not have already.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from contacts.actors import ActorKind
from contacts.disk import is_full

TO_LOOK_AT: Final = "to-look-at"
_SUFFIX: Final = ".withdrawal"
_PART: Final = ".new"
_ROOM: Final = ".room"
_SPACES: Final = b" " * 4096  # a block of a disk; what is written over it is followed by spaces
_READY: Final = 256  # files that are kept ready
_SPARE: Final = 64 * 1024 * 1024  # octets that are free before more are made ready
_ABANDONED: Final = 3600  # seconds after which nobody can still be writing a part
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What somebody told us through the mail of a delivery: to stop its newsletter, or everything.

    ``how`` is the button that they pressed, and ``asked_at`` when.
    """

    delivery_id: int
    everything: bool
    how: ActorKind
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class KeptWithdrawal:
    """A file that waits; ``withdrawal`` is None when it is none of ours, or torn."""

    path: Path
    octets: bytes
    withdrawal: Withdrawal | None


def put(folder: Path, withdrawal: Withdrawal) -> Path:
    """Keep a withdrawal; OSError means that it is not kept for certain."""
    _make_folder(folder)
    subject = "everything" if withdrawal.everything else "newsletter"
    path = folder / f"{withdrawal.delivery_id}-{subject}{_SUFFIX}"
    part = folder / f"{secrets.token_hex(8)}{_PART}"
    try:
        _write_part(part, _octets_of(withdrawal))
        with _alone(folder):
            part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(folder)
    return path


def names(folder: Path) -> list[str]:
    """The names of the files that wait; none where nothing was ever kept."""
    try:
        with os.scandir(folder) as entries:
            return sorted(each.name for each in entries if each.name.endswith(_SUFFIX))
    except FileNotFoundError:
        return []


def read(folder: Path, name: str) -> KeptWithdrawal | None:
    """One file that waits, or None when it has gone."""
    path = folder / name
    try:
        octets = path.read_bytes()
    except FileNotFoundError:  # another worker of this host was quicker
        return None
    return KeptWithdrawal(path, octets, _read(octets))


def remove(kept: KeptWithdrawal) -> None:
    """Delete a file that has been applied, unless a later press has taken its place."""
    with suppress(FileNotFoundError), _alone(kept.path.parent):
        if kept.path.read_bytes() == kept.octets:
            kept.path.unlink()


def set_aside(path: Path) -> None:
    """Move a file out of the way for a person to look at; it is never deleted."""
    place = path.parent / TO_LOOK_AT
    place.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        path.rename(place / f"{path.stem}-{secrets.token_hex(4)}{path.suffix}")


def count(folder: Path) -> int:
    """How many wait."""
    return len(names(folder))


def count_aside(folder: Path) -> int:
    """How many were set aside for a person."""
    return count(folder / TO_LOOK_AT)


def keep_ready(folder: Path, *, number: int = _READY, spare: int = _SPARE) -> None:
    """Keep room for so many, where the disk has it, and drop what a killed process half wrote."""
    _make_folder(folder)
    for part in folder.glob(f"*{_PART}"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                part.unlink()
    missing = [path for path in _ready(folder, number) if not path.exists()]
    disk = os.statvfs(folder)
    if not missing or disk.f_bavail * disk.f_frsize < spare:
        return
    for path in missing:
        part = path.with_name(f"{secrets.token_hex(8)}{_PART}")
        try:
            _write(part, _SPACES, os.O_CREAT | os.O_EXCL, sync=path is missing[-1])
            part.rename(path)
        except OSError as fault:
            part.unlink(missing_ok=True)
            if is_full(fault):
                return
            raise


def _ready(folder: Path, number: int) -> list[Path]:
    return [folder / f"for-one-withdrawal-{place:04d}{_ROOM}" for place in range(number)]


def _write_part(part: Path, octets: bytes) -> None:
    try:
        _write(part, octets, os.O_CREAT | os.O_EXCL)
        return
    except OSError as fault:
        part.unlink(missing_ok=True)
        if not is_full(fault):
            raise
        full = fault
    for ready in sorted(part.parent.glob(f"*{_ROOM}")):
        try:
            ready.rename(part)  # it is nobody else's from here on
        except FileNotFoundError:
            continue
        _write(part, octets)
        return
    raise full


def _write(path: Path, octets: bytes, flags: int = 0, *, sync: bool = True) -> None:
    file = os.open(path, os.O_WRONLY | flags, 0o600)
    try:
        left = memoryview(octets)
        while left:
            left = left[os.write(file, left) :]
        if sync:
            os.fsync(file)
    finally:
        os.close(file)


def _octets_of(withdrawal: Withdrawal) -> bytes:
    fields = {
        "delivery": withdrawal.delivery_id,
        "everything": withdrawal.everything,
        "how": withdrawal.how.value,
        "asked_at": withdrawal.asked_at.astimezone(UTC).isoformat(),
    }
    return json.dumps(fields).encode("ascii") + b"\n"


def _read(octets: bytes) -> Withdrawal | None:
    try:
        fields: dict[str, Any] = json.loads(octets)
        delivery_id, everything = fields["delivery"], fields["everything"]
        how, asked_at = ActorKind(fields["how"]), datetime.fromisoformat(fields["asked_at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if type(delivery_id) is not int or not 0 < delivery_id <= _LARGEST_ID:
        return None
    if type(everything) is not bool or asked_at.tzinfo is None:
        return None
    return Withdrawal(delivery_id, everything, how, asked_at)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(folder.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While the block runs no other process puts a file in place or removes one."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    """Have the names in a folder outlive the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
