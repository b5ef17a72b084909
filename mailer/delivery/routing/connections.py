"""The open connections of one process to one relay.

A connection is lent to one thread for a run and is idle here in between, so that the next run needs
no handshake. What a loan has shown about pipelining decides the mode of the next one.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from mailer.delivery.smtp.client import Connection
from mailer.delivery.smtp.pipelining import Loan, PipeliningMemory
from mailer.delivery.smtp.wire import Timeouts
from mailer.settings.relay_address import RelayAddress

log = structlog.get_logger(__name__)


class Connections:
    """Connections to one relay; shared by all threads."""

    def __init__(
        self, address: RelayAddress, *, hello_name: str, timeouts: Timeouts | None = None
    ) -> None:
        self.address = address
        self._hello_name = hello_name
        self._timeouts = timeouts or Timeouts()
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._pipelining = PipeliningMemory()
        self.round_trip: float | None = None  # seconds, of the connection lent last

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """A connection that is known to be alive; raises RelayUnavailable or RelayRefused."""
        connection = self._take_idle() or Connection.open(
            self.address, hello_name=self._hello_name, timeouts=self._timeouts
        )
        self.round_trip = connection.round_trip
        loan = self._pipelining.begin_loan(connection.capabilities, now=time.monotonic())
        connection.use(loan.grouping)
        try:
            yield connection
        except BaseException:  # the session may be in the middle of a message
            connection.close()
            raise
        finally:
            self._learn(loan, connection)
        if connection.usable:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _learn(self, loan: Loan, connection: Connection) -> None:
        change = self._pipelining.learn(
            loan,
            fault=connection.grouping_fault,
            carried=connection.carried,
            now=time.monotonic(),
        )
        if change:
            log.warning("pipelining changed", was=change.was, now=change.now, why=change.why)

    def _take_idle(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.alive():
                return connection
            connection.close()
