"""The intake: mail that came back goes from its folder into the database, each message once.

A message leaves the folder only when what it says has been committed; one that is read again after
a kill is known by its octets and changes nothing. A message that cannot be understood is set aside
for a person and never deleted.
"""

import threading
import time
from collections.abc import Iterator
from typing import Final

import structlog

from contacts.database import AWAY
from mailer.bootstrap import Mailer
from mailer.loops import Loop
from mailer.receipts.consequences import apply
from mailer.receipts.incoming import folder
from mailer.receipts.incoming.folder import Incoming
from mailer.receipts.matching import match_report

log = structlog.get_logger(__name__)

_TRY_AGAIN: Final = 60.0  # seconds until a file that has a fault is looked at again


class Intake:
    """Takes this host's mail that came back into the database."""

    def __init__(self, mailer: Mailer) -> None:
        self._database = mailer.database
        self._tokens = mailer.tokens
        self._folder = mailer.settings.incoming_dir
        self._clock = mailer.clock
        self._failing: dict[str, float] = {}  # files that have a fault: until when they wait

    def run(
        self, stopping: threading.Event, *, every: float = 1.0, loop: Loop = Loop("intake")
    ) -> None:
        """Take what there is until ``stopping``; a database that is away is waited for."""
        while not stopping.wait(every):
            with loop.turn():
                for _ in self._messages(stopping):
                    loop.turned(None)

    def take_all(self, stopping: threading.Event | None = None) -> int:
        """One look at the folder; how many messages were read."""
        return sum(self._messages(stopping))

    def _messages(self, stopping: threading.Event | None) -> Iterator[bool]:
        """Take each in turn, saying whether it was read; a faulty one keeps no other back."""
        for message in folder.waiting(self._folder):
            if stopping is not None and stopping.is_set():
                return
            name = message.path.name
            if self._failing.get(name, 0.0) > time.monotonic():
                continue
            try:
                self._take_or_set_aside(message)
            except FileNotFoundError:
                yield False  # another worker of this host, or a person, was quicker
            except OSError as fault:
                log.warning("a message that came back waits", file=name, why=fault.strerror)
                self._failing[name] = time.monotonic() + _TRY_AGAIN
                yield False
            else:
                self._failing.pop(name, None)
                yield True

    def _take_or_set_aside(self, message: Incoming) -> None:
        try:
            self._take(message)
        except (*AWAY, OSError):
            raise  # the database is away, or this file: it waits
        except Exception as fault:
            # A fault of ours about this one must not keep the others from being read. It changed
            # nothing, and the message is kept for the person who mends the fault.
            kind = type(fault).__name__
            log.exception(
                "a message that came back was set aside", file=message.path.name, kind=kind
            )
            folder.set_aside(message.path)

    def _take(self, message: Incoming) -> None:
        reports = match_report(message.octets(), sent_to=message.sent_to, tokens=self._tokens)
        if any(report.about for report in reports):
            with self._database.writing() as session:
                for report in reports:
                    apply(session, report, now=self._clock())
        if all(report.is_settled for report in reports):
            folder.remove(message.path)
        else:
            folder.set_aside(message.path)
