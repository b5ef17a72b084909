"""CPU affinity: keeps the threads that carry on one core, as only one of them runs at a time.

On several cores, the threads pass the interpreter's lock from core to core, each time with a cold
cache, and they compete with the relay and the database. On one core, sending is about a tenth
faster (measured against a sink on a machine with two cores). RSA signing runs outside the
interpreter's lock, so it is faster on several cores.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class CpuAffinity:
    """Reserves a core that no other worker on this machine has; does nothing when none is free."""

    def __init__(self, folder: Path) -> None:
        self._own: int | None = None
        self._lock: IO[bytes] | None = None  # held until the process ends, however it ends
        all_of_them = _cores()
        if len(all_of_them) < 2:
            return
        folder.mkdir(parents=True, exist_ok=True)
        for core in sorted(all_of_them, reverse=True):
            lock = (folder / f"core-{core}").open("wb")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            self._own, self._lock = core, lock
            return

    @contextmanager
    def pinned(self, *, spread: bool = False) -> Iterator[None]:
        """Keep the calling thread on the reserved core; with ``spread``, on all cores."""
        if self._own is None or spread:
            yield
            return
        before = os.sched_getaffinity(0)
        _stay_on({self._own})
        try:
            yield
        finally:
            _stay_on(before)


def _cores() -> set[int]:
    # Only Linux has this call.
    return os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()


def _stay_on(cores: set[int]) -> None:
    try:
        os.sched_setaffinity(0, cores)
    except OSError:  # the core was taken away from this container meanwhile
        return
