"""The spool: hits on pixels and links, written to files before anything else is done with them.

Each web process appends to a file of its own, one write a hit, so a hit survives the end
of the process and a database that is away. The writer holds a shared lock on its file; when the
lock is free, the file will grow no more and can be deleted once it has been taken.
"""

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from mailer.receipts.tracking.grounds import LETTERS, Ground

log = structlog.get_logger(__name__)

_LARGEST: Final = 8 * 1024 * 1024
_ROOM: Final = 64 * 1024 * 1024  # octets of the disk that hits leave to what matters more
_LOOK_EVERY: Final = 256  # hits between two looks at the disk
_SUFFIX: Final = ".hits"
_OF_OLD: Final = LETTERS[Ground.PRIVACY_PROXY]
# Milliseconds up to the year 5138, a token, the number of a link, what makes it a machine's as
# letters (0 for nothing; older versions wrote 1 for something), and its source if it has one.
_LINE: Final = re.compile(
    rb"([0-9]{1,14}) ([!-~]{1,80}) ([0-9]{1,9}) ([01]|[a-z]{1,20})(?: ([0-9a-f]{16}))?"
)
_UNREADABLE: Final = "unreadable.lines"
_MOST_UNREADABLE: Final = 1024 * 1024  # octets that are kept to be looked at


@dataclass(frozen=True, slots=True)
class Hit:
    """One request: when (milliseconds since 1970), which token, which link (0 for the pixel).

    ``letters`` and ``source`` are what is kept of how it was made.
    """

    at_ms: int
    token: str
    link: int
    letters: str = ""
    source: str = ""

    def line(self) -> bytes:
        told = f"{self.letters or 0} {self.source}".rstrip()
        return f"{self.at_ms} {self.token} {self.link} {told}\n".encode()

    @classmethod
    def read(cls, line: bytes) -> "Hit | None":
        """The hit on a line, or None for one that is none: torn by a full disk, or no time."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        at_ms, token, link, told, source = (each.decode("ascii") for each in found.groups(b""))
        letters = {"0": "", "1": _OF_OLD}.get(told, told)
        return cls(int(at_ms), token, int(link), letters, source)


class SpoolWriter:
    """Appends hits; used from every thread of one web process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0
        self._torn = False
        self._until_look = 0
        self._has_room = True

    def append(self, hit: Hit) -> None:
        """Write one hit. A disk that is nearly full loses it; the visitor gets the same answer."""
        line = hit.line()
        with self._lock:
            try:
                if not self._look_for_room():
                    return
                if self._file is None or self._size > _LARGEST:
                    self._open()
                assert self._file is not None
                if self._torn:
                    line = b"\n" + line
                written = os.write(self._file, line)
            except OSError as error:
                log.warning("a hit could not be written down", why=error.strerror)
                self._torn = True
                return
            self._torn = written < len(line)
            self._size += written

    def _look_for_room(self) -> bool:
        self._until_look -= 1
        if self._until_look < 0:
            self._folder.mkdir(parents=True, exist_ok=True)
            disk = os.statvfs(self._folder)
            had_room, self._has_room = self._has_room, disk.f_bavail * disk.f_frsize > _ROOM
            self._until_look = _LOOK_EVERY
            if had_room and not self._has_room:
                log.warning("opens and clicks are not kept: the disk is nearly full")
        return self._has_room

    def close(self) -> None:
        """Finish the file; the next hit opens another."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _open(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(12)}{_SUFFIX}"
        # It is renamed only when it is locked, so that it never looks finished before it is used.
        opened = path.with_suffix(".new")
        file = os.open(opened, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_SH)
            opened.rename(path)
        except OSError:
            os.close(file)
            opened.unlink(missing_ok=True)
            raise
        self._file = file
        self._size = 0
        self._torn = False


def files(folder: Path) -> list[Path]:
    """The spool files there are."""
    return sorted(folder.glob(f"*{_SUFFIX}")) if folder.exists() else []


@dataclass(frozen=True, slots=True)
class Taken:
    """What stands in a file from some octet on, in whole lines, and the octet behind them."""

    hits: list[Hit]
    unreadable: list[bytes]
    end: int


def read(path: Path, start: int, most: int = 256 * 1024) -> Taken:
    """The whole lines from octet ``start`` on. A file that has gone meanwhile has none."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(most)
    except FileNotFoundError:  # another worker of this host, or a person, was quicker
        return Taken([], [], start)
    whole = data[: data.rfind(b"\n") + 1]
    if not whole and len(data) == most:  # no line of ours is so long
        whole = data
    read = [(line, Hit.read(line)) for line in whole.split(b"\n") if line]
    hits = [hit for _, hit in read if hit is not None]
    return Taken(hits, [line for line, hit in read if hit is None], start + len(whole))


def keep_unreadable(folder: Path, lines: list[bytes]) -> None:
    """Keep lines that are no hits, to be looked at; where too many are kept already, none more."""
    path = folder / _UNREADABLE
    with suppress(OSError):  # a full disk: they are not worth a hit of somebody else
        if path.exists() and path.stat().st_size > _MOST_UNREADABLE:
            return
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, b"".join(line[:1000] + b"\n" for line in lines))
        finally:
            os.close(file)


@contextmanager
def finished(path: Path) -> Iterator[bool]:
    """Whether the file's writer has gone; while the block runs nobody can be writing to it."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(file)
