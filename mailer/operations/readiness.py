"""How this host stands, in words: its workers, its disk, its clock.

Each is looked at without the database, since one reason to ask is that it does not answer. The
words name no path and no person.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from contacts.disk import is_full
from mailer import loops
from mailer.settings.environment import Settings

OK: Final = "ok"
_PROBE: Final = b"\xa5" * 65_536
_GRACE: Final = 30.0  # seconds for a worker that was killed to be started again
_LONG_GONE: Final = 86_400.0  # seconds
_REMEMBERED: Final = 3600.0  # seconds for which a step of the clock is told of
_LONGEST: Final = 120.0  # seconds of one turn: a few waits for a busy database
_LONGEST_OF: Final = {"fetcher": 1800.0}  # a conversation with a slow server
_FULL: Final = "full: nothing can be written to DATA_DIR"
_NOT_WRITABLE: Final = "DATA_DIR cannot be written to"
_DATABASE_FULL: Final = "full: nothing can be written to the database"


@dataclass(frozen=True, slots=True)
class HostState:
    """Words on each; ``worker_is_bad`` says that a worker was here and does not do its work."""

    worker: str
    worker_is_bad: bool
    disk: str
    clock: str = OK

    @property
    def is_full(self) -> bool:
        """Whether nothing new can be kept."""
        return self.disk in {_FULL, _DATABASE_FULL}


def host_state(settings: Settings, *, now: datetime) -> HostState:
    """How this host stands at ``now``."""
    found = loops.processes(settings.loops_dir)
    worker, is_bad = _worker(found, now)
    disk = _disk(settings)
    if disk == OK and any(each.lives and each.full for each in found):
        disk = _DATABASE_FULL
    return HostState(worker, is_bad, disk, _clock(found))


def sentences(state: HostState) -> list[str]:
    """What an admin should know of it, each with what to do."""
    found = []
    if state.worker_is_bad:
        found.append(
            f"Nothing is sent from this server: {state.worker}. "
            "Look at the log of “flask serve” and start it again."
        )
    if state.is_full:
        found.append(
            "The disk of this server is full, or that of the database. Sending and imports wait, "
            "and go on by themselves when there is room."
        )
    elif state.disk != OK:
        found.append(
            "This server cannot write to its data folder. Give its user access to the folder."
        )
    if state.clock != OK:
        found.append(
            f"The clock of this server {state.clock}. Sending goes on; see that its time is right, "
            "and look at what is planned."
        )
    return found


def _clock(found: list[loops.SeenProcess]) -> str:
    at = loops.steady()
    steps = [each.clock_step for each in found if each.lives and each.clock_step]
    lately = [(moment, step) for step, moment in steps if at - moment <= _REMEMBERED]
    if not lately:
        return OK
    _, step = max(lately)
    way = "back" if step < timedelta(0) else "forward"
    return f"was set {way} by {timedelta(seconds=round(abs(step).total_seconds()))} lately"


def _worker(found: list[loops.SeenProcess], now: datetime) -> tuple[str, bool]:
    at = loops.steady()
    alive = [each for each in found if each.lives]
    if not alive:
        turned = [moment for each in found for moment in each.turned.values()]
        if not turned:
            return "no worker has been seen on this host", False
        if not any(loops.is_of_now(each) for each in found):
            return "no worker has been seen since this machine started", False
        age = at - max(turned)
        if age <= _GRACE:
            return OK, False
        # Where nobody has missed it for a day, it is at work elsewhere.
        return f"no worker has been seen since {_moment(now, age)}", age <= _LONG_GONE
    late = [
        (at - moment, name)
        for each in alive
        for name, moment in each.turned.items()
        if at - moment > _LONGEST_OF.get(name, _LONGEST)
    ]
    if not late:
        return OK, False
    age, name = max(late)
    return f"the {name} has not turned since {_moment(now, age)}", True


def _moment(now: datetime, age: float) -> str:
    return (now - timedelta(seconds=age)).isoformat(timespec="seconds")


def _disk(settings: Settings) -> str:
    # What people withdraw has a folder of its own, which may be out of reach by itself: then they
    # get a page of errors while the database is away, and nothing is sent while it is there.
    try:
        _write_to(settings.data_dir)
        if os.path.lexists(settings.withdrawals_dir):
            _write_to(settings.withdrawals_dir)
    except OSError as fault:
        return _FULL if is_full(fault) else _NOT_WRITABLE
    return OK


def _write_to(folder: Path) -> None:
    # The file has no name, or loses it before it is written to: nothing is ever left behind.
    with os.scandir(folder), tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(_PROBE)
        probe.flush()
