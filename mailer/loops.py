"""The loops of worker processes: one that survives any fault, and when each of them last turned.

A web process has to tell whether the workers of its host live just when the database is away or the
disk is full. So each loop is an empty file in ``DATA_DIR/loops``, and what is set is the time of
that file, which needs neither. It is the time since the machine started, which is the same for all
of its processes and which nobody sets. A process holds a lock on a file of its own, so that one
that was killed is told from one that is stuck; one that ends as it should removes its files.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from contacts.database import AWAY
from contacts.disk import is_full

log = structlog.get_logger(__name__)

Turned = Callable[[Exception | None], None]

_PROCESS: Final = ".process"
_LOOP: Final = ".loop-"
_FULL: Final = ".full"
_CLOCK: Final = ".clock"
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def steady() -> float:
    """Seconds since the machine started, asleep or not; the same in every process."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _nobody(_fault: Exception | None) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop; ``turned`` is called after each turn, with what it failed by."""

    name: str
    turned: Turned = _nobody

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One turn: whatever it raises is logged, and the loop goes on."""
        fault: Exception | None = None
        try:
            yield
        except Exception as error:  # whatever it is, without this loop its work is never done
            fault = error
            if is_full(error):
                log.warning("a loop waits for room on the disk", loop=self.name)
            elif isinstance(error, AWAY):
                kind = type(error).__name__
                log.warning("a loop waits for the database", loop=self.name, kind=kind)
            else:
                log.exception("a turn failed, and the loop goes on", loop=self.name)
        self.turned(fault)


class LoopFiles:
    """The loops of this process, as files in ``folder``; ``name`` is the process's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = f"{_boot()}-{name}"
        self._lock: int | None = None

    def open(self) -> None:
        """Say that this process lives, and forget those that were killed."""
        with suppress(OSError):  # a disk without room for a name: the work goes on all the same
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / f"{self._name}{_PROCESS}"
            self._lock = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            for each in processes(self._folder):
                if not each.lives:
                    _remove(self._folder, each.name)

    def loop(self, name: str) -> Loop:
        """A loop of this process, which counts as having turned now."""

        def turned(fault: Exception | None) -> None:
            with suppress(OSError):
                _touch(path)
                if is_full(fault):
                    _touch(full)
                else:
                    full.unlink(missing_ok=True)

        path = self._folder / f"{self._name}{_LOOP}{name}"
        full = path.with_name(path.name + _FULL)
        turned(None)
        return Loop(name, turned)

    def clock_was_set(self, step: timedelta) -> None:
        """Say that the clock was set, by so much."""
        path = self._folder / f"{self._name}{_CLOCK}"
        with suppress(OSError):
            path.write_text(str(step.total_seconds()))
            _touch(path)

    def close(self) -> None:
        """Forget this process, which has ended as it should."""
        with suppress(OSError):
            _remove(self._folder, self._name)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@dataclass(slots=True)
class SeenProcess:
    """A worker process as its files tell of it; ``turned`` is when each loop last did, steadily."""

    name: str
    lives: bool
    turned: dict[str, float] = field(default_factory=dict)
    full: bool = False
    clock_step: tuple[timedelta, float] | None = None  # by how much it was set, and when, steadily


def processes(folder: Path) -> list[SeenProcess]:
    """The worker processes of this machine since it started, apart from those that ended well."""
    found: dict[str, SeenProcess] = {}
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
    for each in names:
        if each.endswith(_PROCESS):
            name = each.removesuffix(_PROCESS)
            # What another start of the machine left behind says nothing of now.
            lives = name.startswith(_boot()) and _is_locked(folder / each)
            found[name] = SeenProcess(name, lives, clock_step=_clock_step(folder, name))
    for each in names:
        name, is_loop, loop = each.partition(_LOOP)
        if not is_loop or name not in found:
            continue
        if loop.endswith(_FULL):
            found[name].full = True
            continue
        with suppress(FileNotFoundError):
            found[name].turned[loop] = (folder / each).stat().st_mtime_ns / 1e9
    return list(found.values())


def is_of_now(process: SeenProcess) -> bool:
    """Whether it was started since the machine was."""
    return process.name.startswith(_boot())


def _clock_step(folder: Path, name: str) -> tuple[timedelta, float] | None:
    path = folder / f"{name}{_CLOCK}"
    try:
        step, at = float(path.read_text()), path.stat().st_mtime_ns / 1e9
        return timedelta(seconds=step), at
    except (OSError, ValueError, OverflowError):
        return None


def _touch(path: Path) -> None:
    at = int(steady() * 1e9)
    try:
        os.utime(path, ns=(at, at))
    except FileNotFoundError:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(path, ns=(at, at))


def _remove(folder: Path, name: str) -> None:
    others = (folder / f"{name}{suffix}" for suffix in (_CLOCK, _PROCESS))
    for path in (*folder.glob(f"{name}{_LOOP}*"), *others):
        path.unlink(missing_ok=True)


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _boot() -> str:
    try:
        return _BOOT_ID.read_text()[:8]
    except OSError:
        return "unknown"
