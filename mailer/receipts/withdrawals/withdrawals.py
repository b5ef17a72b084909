"""Withdrawals on one host: done at once or kept, and done before anything else is sent.

Whoever withdraws is told that it is done as soon as it is either in the database or on the disk. So
couriers of this host ask ``all_applied`` before they claim or begin anything.
"""

import threading
import time
from typing import Final

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from contacts.database import AWAY
from contacts.models import Newsletter
from mailer.bootstrap import Mailer
from mailer.errors import NotFound
from mailer.loops import Loop
from mailer.receipts.withdrawals import folder
from mailer.receipts.withdrawals.applying import apply
from mailer.receipts.withdrawals.folder import KeptWithdrawal, Withdrawal

log = structlog.get_logger(__name__)

_PATIENCE: Final = 3.0  # seconds that somebody who withdraws waits for the database
_TRY_AGAIN: Final = 60.0  # seconds until a file that has a fault is looked at again
_KEEP_READY_EVERY: Final = 60.0


class Withdrawals:
    """The withdrawals of this host; shared by all threads of a process."""

    def __init__(self, mailer: Mailer) -> None:
        self._database = mailer.database
        self._folder = mailer.settings.withdrawals_dir
        self._clock = mailer.clock
        self._one_at_a_time = threading.Lock()
        self._failing: dict[str, float] = {}  # files that have a fault: until when they wait

    def take(self, withdrawal: Withdrawal) -> Newsletter | None:
        """Do it, and give its newsletter; where it cannot be written, keep it, and give None.

        NotFound when there is no such mail; OSError when it can be neither written nor kept.
        """
        try:
            with self._database.writing(patience=_PATIENCE) as session:
                return apply(session, withdrawal, now=self._clock())
        except NotFound:
            raise
        except Exception as fault:  # whatever it is, what was asked is not lost
            log.warning("a withdrawal is kept for the database", kind=type(fault).__name__)
            folder.put(self._folder, withdrawal)
            return None

    def run(
        self, stopping: threading.Event, *, every: float = 1.0, loop: Loop = Loop("withdrawals")
    ) -> None:
        """Apply what is kept until ``stopping``; a database that is away is waited for."""
        ready_at = 0.0
        while True:
            with loop.turn():
                if time.monotonic() >= ready_at:
                    ready_at = time.monotonic() + _KEEP_READY_EVERY
                    folder.keep_ready(self._folder)
            with loop.turn():
                self.apply_all()
            if stopping.wait(every):
                return

    def all_applied(self) -> bool:
        """Whether nothing waits, when what did has been applied; raises if the database is away."""
        try:
            if not folder.names(self._folder):
                return True
            self.apply_all()
            return all(self._waits(name) for name in folder.names(self._folder))
        except AWAY:
            raise
        except Exception:  # whatever it is, somebody may be waiting to be left alone
            log.exception("nothing is sent, since withdrawals cannot be applied")
            return False

    def apply_all(self) -> int:
        """Apply what is kept; how many. A faulty file is set aside and keeps no other back."""
        number = 0
        with self._one_at_a_time:
            for name in folder.names(self._folder):
                if not self._waits(name):
                    number += self._apply_or_set_aside(name)
        return number

    def _waits(self, name: str) -> bool:
        return self._failing.get(name, 0.0) > time.monotonic()

    def _apply_or_set_aside(self, name: str) -> bool:
        try:
            kept = folder.read(self._folder, name)
            if kept is None:
                return False
            if self._apply(kept):
                folder.remove(kept)
                return True
            log.error("a withdrawal was set aside", file=name)
            folder.set_aside(kept.path)
        except OSError as fault:
            log.warning("a withdrawal cannot be read or moved", file=name, why=fault.strerror)
            self._failing[name] = time.monotonic() + _TRY_AGAIN
        return False

    def _apply(self, kept: KeptWithdrawal) -> bool:
        """Whether it could be applied; raises when the database has to be waited for."""
        if kept.withdrawal is None:
            return False
        try:
            with self._database.writing() as session:
                apply(session, kept.withdrawal, now=self._clock())
        except (NotFound, DataError, IntegrityError):
            return False
        except SQLAlchemyError:
            raise
        except Exception:  # a fault of ours about this one: it is kept for whoever mends it
            log.exception("a withdrawal cannot be applied", file=kept.path.name)
            return False
        return True
