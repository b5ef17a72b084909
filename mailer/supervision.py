"""Children that live together: started in order, restarted when they die, stopped as one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

log = structlog.get_logger(__name__)

PARENT: Final = "CIRCULAR_PARENT"
_ASK_AGAIN: Final = 2.0
_GRACE: Final = 25.0
_QUICK: Final = 5.0  # a child that lived shorter than this is restarted more slowly


def die_with_parent(*, every: float = 1.0) -> None:
    """End this process soon after the supervisor that started it has gone, however it went.

    A killed supervisor can tell nobody, so its children look. Without a supervisor it does nothing.
    """
    parent = int(os.environ.get(PARENT, "0"))
    if parent:
        die_with(parent, every=every)


def die_with(parent: int, *, every: float = 1.0) -> None:
    """End this process soon after its parent, whose process id this is, has gone."""
    threading.Thread(target=_watch, args=(parent, every), daemon=True).start()


def _watch(parent: int, every: float) -> None:
    # An orphan gets another parent at once, even while the dead one still waits to be buried.
    while os.getppid() == parent:
        time.sleep(every)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)


@dataclass(slots=True)
class Child:
    """One process to keep alive; it has a process group of its own."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = field(default=0)


class Supervisor:
    """Keeps children alive until it is told to stop."""

    def __init__(self, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**environment, PARENT: str(os.getpid())}
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def add(self, name: str, *arguments: str) -> None:
        """Have a Python child: ``arguments`` follow the interpreter."""
        self._children.append(Child(name, (sys.executable, *arguments)))

    def start(self) -> None:
        """Start every child that is not running."""
        for child in self._children:
            self._start(child)

    def run(self, *, once: Callable[[], bool], then: Callable[[], None]) -> None:
        """Watch until SIGINT or SIGTERM, then stop every child and wait for it.

        As soon as ``once`` holds, ``then`` is done.
        """
        waiting = True
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self._stopping.wait(0.2):
            for child in self._children:
                self._look_after(child)
            if waiting and once():
                waiting = False
                then()
        self.stop()

    def stop(self) -> None:
        """Ask every child to end, last started first, and make sure of it."""
        running = [child for child in reversed(self._children) if child.process]
        for child in running:
            _signal_group(child, signal.SIGTERM, whole=False)
        until = time.monotonic() + _GRACE
        for child in running:
            assert child.process is not None
            # Asked more than once: the web server is deaf while it starts.
            while not _ended(child.process) and time.monotonic() < until:
                _signal_group(child, signal.SIGTERM, whole=False)
            if child.process.poll() is None:
                log.warning("killed, it did not stop", child=child.name)
            _signal_group(child, signal.SIGKILL, whole=True)
            child.process.wait()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603  # our own interpreter and modules
            child.command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            # A group of its own: Ctrl-C reaches only the supervisor, which stops things in order,
            # and what a killed child leaves behind can be found.
            start_new_session=True,
        )
        child.started_at = time.monotonic()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                self._start(child)
            return
        status = child.process.poll()
        if status is None:
            return
        _signal_group(child, signal.SIGKILL, whole=True)
        child.failures = child.failures + 1 if now - child.started_at < _QUICK else 0
        child.start_again_at = now + min(10.0, 0.5 * 2 ** min(child.failures, 5) - 0.5)
        child.process = None
        log.warning("a process ended and is started again", child=child.name, status=status)


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_ASK_AGAIN)
    except subprocess.TimeoutExpired:
        return False
    return True


def _signal_group(child: Child, number: int, *, whole: bool) -> None:
    assert child.process is not None
    try:
        if whole:
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)
    except (ProcessLookupError, PermissionError):
        return
