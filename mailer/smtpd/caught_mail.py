"""The tray: a folder of caught messages, one file each, readable by any mail program.

``FOLDER/20260729/224115/20260729T224115123456-000042.eml`` holds the envelope in three or more
header lines, as a delivery agent would write them, and then the message exactly as it came::

    Return-Path: <bounces+x@example.org>
    X-Envelope-To: <alice@example.org>        (once for each recipient)
    X-Received-At: 2026-07-29T22:41:15.123456+00:00

Names sort by time. A folder for each second keeps every folder small, however fast mail comes: a
page of the tray reads the newest folders only. How many there are in the others is kept, so a tray
of a million messages opens as fast as a tray of ten. Trays of before had a folder for each minute.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_ID: Final = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9]{6}")
_DAY: Final = re.compile(r"[0-9]{8}")
_SECOND: Final = re.compile(r"[0-9]{4}(?:[0-9]{2})?")
_HEAD: Final = 262_144  # octets that hold the envelope lines of the most recipients of a message
_SETTLED: Final = 2_000_000_000  # ns after which a folder's time tells whether it changed
_INCOMING: Final = ".incoming"


@dataclass(frozen=True, slots=True)
class CaughtMessage:
    """One message in the tray."""

    id: str
    received_at: datetime
    return_path: str
    recipients: tuple[str, ...]
    path: Path

    def content(self, most: int = -1) -> bytes:
        """The message exactly as it came, without the envelope lines, or its beginning.

        ``most`` is how many octets of the file are read. A message that has gone is empty.
        """
        try:
            with self.path.open("rb") as file:
                whole = file.read(most)
        except FileNotFoundError:  # the tray was cleared just now
            return b""
        return whole[_envelope_ends(whole) :]


class Tray:
    """A folder of caught messages. Reading needs no lock and no server."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] | None = None) -> None:
        self._folder = folder
        self._now = now or _utc_now
        self._count = 0
        self._made = ""  # the folder of the second that was made last
        self._incoming = f"{folder}/{_INCOMING}"
        self._mark = os.getpid()
        self._counts: dict[Path, tuple[int, int]] = {}  # when a folder changed, how many it had

    def open(self) -> None:
        """Make the folder, and drop what a killed process had half written."""
        incoming = self._folder / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        for left in incoming.iterdir():
            left.unlink(missing_ok=True)

    def put(self, return_path: str, recipients: Sequence[str], content: bytes) -> CaughtMessage:
        """Keep one message; when this returns, the file is whole and in its place."""
        received_at = self._now()
        self._count = (self._count + 1) % 1_000_000
        name = f"{received_at:%Y%m%dT%H%M%S%f}-{self._count:06d}"
        path = f"{self._folder}/{name[:8]}/{name[9:15]}/{name}.eml"
        lines = [
            f"Return-Path: <{return_path}>",
            *(f"X-Envelope-To: <{recipient}>" for recipient in recipients),
            f"X-Received-At: {received_at.isoformat()}",
        ]
        head = "".join(f"{_one_line(line)}\r\n" for line in lines).encode()
        try:
            self._write(path, head, content)
        except FileNotFoundError:  # the tray has been cleared
            self._made = ""
            self._write(path, head, content)
        return CaughtMessage(name, received_at, return_path, tuple(recipients), Path(path))

    def list(self, limit: int = 50, offset: int = 0) -> list[CaughtMessage]:
        """A page of the tray, newest first."""
        page: list[CaughtMessage] = []
        for folder in self._folders():
            if (number := self._count_in(folder)) <= offset:
                offset -= number
                continue
            names = _names_in(folder)
            for name in reversed(names[: len(names) - offset]):
                if len(page) == limit:
                    return page
                if caught := self.get(name):
                    page.append(caught)
            offset = 0
        return page

    def count(self) -> int:
        """How many messages there are."""
        return sum(self._count_in(folder) for folder in self._folders())

    def get(self, id: str) -> CaughtMessage | None:
        """One message by its id, or None; an id that is none of ours never becomes a path."""
        if not _ID.fullmatch(id):
            return None
        path = self._path_of(id)
        try:
            with path.open("rb") as file:
                head = file.read(4096)
                if b"\r\nX-Received-At: " not in head:
                    head += file.read(_HEAD)
        except OSError:
            return None
        lines = head[: _envelope_ends(head)].decode().splitlines()
        if len(lines) < 2:
            return None
        return CaughtMessage(
            id=id,
            received_at=datetime.fromisoformat(lines[-1].partition(": ")[2]),
            return_path=_address_in(lines[0]),
            recipients=tuple(_address_in(line) for line in lines[1:-1]),
            path=path,
        )

    def clear(self) -> None:
        """Delete all messages; one that comes meanwhile may stay."""
        for folder in self._folders():
            shutil.rmtree(folder, ignore_errors=True)
        self._counts.clear()
        self._made = ""

    def _path_of(self, id: str) -> Path:
        path = self._folder / id[:8] / id[9:15] / f"{id}.eml"
        return path if path.parent.exists() else self._folder / id[:8] / id[9:13] / path.name

    def _write(self, path: str, head: bytes, content: bytes) -> None:
        # Strings, not Paths: this is done for every message, and a Path costs more than a write.
        second, _, name = path.rpartition("/")
        if self._made != second:
            Path(second).mkdir(parents=True, exist_ok=True)
            Path(self._incoming).mkdir(exist_ok=True)
            self._made = second
        part = f"{self._incoming}/{self._mark}-{name}"
        # Written whole before the rename, and renamed before the reply: a kill leaves no torn file.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            try:
                left = memoryview(head + content)
                while left:
                    left = left[os.write(descriptor, left) :]
            finally:
                os.close(descriptor)
            os.replace(part, path)  # noqa: PTH105
        except OSError:
            with suppress(OSError):  # a full disk must not get fuller
                os.unlink(part)  # noqa: PTH108
            raise

    def _folders(self) -> Iterator[Path]:
        """The folders of messages, newest first."""
        for day in _folders(self._folder, _DAY):
            yield from _folders(day, _SECOND)

    def _count_in(self, folder: Path) -> int:
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return 0
        known = self._counts.get(folder)
        if known and known[0] == changed:
            return known[1]
        number = len(_names_in(folder))
        if time.time_ns() - changed > _SETTLED:
            self._counts[folder] = (changed, number)
        return number


def _names_in(folder: Path) -> Sequence[str]:
    try:
        found = os.listdir(folder)  # noqa: PTH208 - a Path for each of 100,000 is slow
    except OSError:
        return []
    return sorted(name[:-4] for name in found if name.endswith(".eml") and _ID.fullmatch(name[:-4]))


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _folders(parent: Path, shape: re.Pattern[str]) -> Sequence[Path]:
    try:
        found = [folder for folder in parent.iterdir() if shape.fullmatch(folder.name)]
    except OSError:
        return []
    return sorted(found, reverse=True)


def _envelope_ends(whole: bytes) -> int:
    """Where the envelope's lines end; the first X-Received-At is ours, whatever follows."""
    start = whole.find(b"\r\nX-Received-At: ")
    return whole.find(b"\r\n", start + 2) + 2 if start >= 0 else 0


def _one_line(line: str) -> str:
    return line if line.isprintable() else "".join(c if c.isprintable() else "?" for c in line)


def _address_in(line: str) -> str:
    return line.partition("<")[2].removesuffix(">")
