"""The spool: hits on pixels and links, written to files before anything else is done with them.

Each web process appends to a file of its own, one write a hit, so a hit survives the end
of the process and a database that is away. The writer holds a shared lock on its file; when the
lock is free, the file will grow no more and can be deleted once it has been taken.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_LARGEST: Final = 8 * 1024 * 1024
_SUFFIX: Final = ".hits"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request: when (milliseconds since 1970), which token, which link (0 for the pixel)."""

    at_ms: int
    token: str
    link: int
    automatic: bool

    def line(self) -> bytes:
        return b"%d %s %d %d\n" % (self.at_ms, self.token.encode(), self.link, self.automatic)

    @classmethod
    def read(cls, line: bytes) -> "Hit | None":
        """The hit on a line, or None for a line that was torn by a full disk."""
        parts = line.split(b" ")
        if len(parts) != 4 or not (parts[0].isdigit() and parts[2].isdigit()):
            return None
        try:
            return cls(int(parts[0]), parts[1].decode("ascii"), int(parts[2]), parts[3] == b"1")
        except UnicodeDecodeError:
            return None


class SpoolWriter:
    """Appends hits; used from every thread of one web process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0
        self._torn = False

    def append(self, hit: Hit) -> None:
        """Write one hit. A full disk loses the hit; the visitor gets the answer all the same."""
        line = hit.line()
        with self._lock:
            try:
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
        self._file = os.open(opened, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_SH)
        opened.rename(path)
        self._size = 0
        self._torn = False


def files(folder: Path) -> list[Path]:
    """The spool files there are."""
    return sorted(folder.glob(f"*{_SUFFIX}")) if folder.exists() else []


def read(path: Path, start: int, most: int = 512 * 1024) -> tuple[list[Hit], int]:
    """The hits on whole lines from octet ``start`` on, and where the next call begins."""
    with path.open("rb") as file:
        file.seek(start)
        data = file.read(most)
    whole = data[: data.rfind(b"\n") + 1]
    hits = [hit for line in whole.splitlines() if (hit := Hit.read(line)) is not None]
    return hits, start + len(whole)


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
