"""The relay mail is handed to, and the open connections to it.

A connection belongs to one courier thread while it carries and waits here in between, so that the
next range starts without a greeting.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mailer.delivery.endpoints import RelayAddress
from mailer.delivery.smtp import Connection
from mailer.delivery.transactions import Timeouts


class Relay:
    """One relay. ``connection`` lends a connection that is known to be alive."""

    def __init__(
        self, address: RelayAddress, *, hello_name: str, timeouts: Timeouts | None = None
    ) -> None:
        self.address = address
        self._hello_name = hello_name
        self._timeouts = timeouts or Timeouts()
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection to carry with; RelayUnavailable or RelayRefused when there is none."""
        connection = self._waiting() or Connection.open(
            self.address, hello_name=self._hello_name, timeouts=self._timeouts
        )
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if connection.usable:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Say goodbye on every waiting connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _waiting(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.alive():
                return connection
            connection.close()
