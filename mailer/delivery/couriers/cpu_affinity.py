"""One core for the threads that carry: the interpreter runs one of them at a time anyway.

Spread over the cores, they hand the interpreter from one to the next, each time with a cold cache,
and get in the way of the relay and the database beside them. On one core a send is about a tenth
faster (measured against a sink on a machine with two). Signing with RSA is different: that is done
outside the interpreter, and several cores sign more.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class CpuAffinity:
    """A core that no other worker on this machine has taken; none when there is none to take."""

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
        """Keep the calling thread on the core; ``spread`` leaves it on all of them."""
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
    # Only Linux tells, and lets a thread choose.
    return os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()


def _stay_on(cores: set[int]) -> None:
    try:
        os.sched_setaffinity(0, cores)
    except OSError:  # the core was taken away from this container meanwhile
        return
