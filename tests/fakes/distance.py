"""Distance: a relay that is near, made to seem so many milliseconds away.

Octets are passed on in both directions, each half a round trip late and in their order. When a
content ends on its way to the relay, that moment is kept.
"""

import asyncio
import time
from contextlib import suppress

from tests.fakes.loopback import LoopbackServer

_END = b"\r\n.\r\n"


class Distance(LoopbackServer):
    """Stands before the server on ``behind``; ``ended`` are the moments at which contents ended."""

    def __init__(self, behind: int, *, round_trip: float, lifetime: float = 600) -> None:
        super().__init__(lifetime=lifetime)
        self.ended: list[float] = []
        self.most = 0  # connections at once
        self._open = 0
        self._behind = behind
        self._late = round_trip / 2

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass everything on until both sides have ended."""
        far, on = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            await asyncio.gather(self._carry(reader, on, watch=True), self._carry(far, writer))
        finally:
            self._open -= 1

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, watch: bool = False
    ) -> None:
        loop, tail = asyncio.get_running_loop(), b""
        with suppress(ConnectionError):
            while octets := await source.read(65536):
                if watch:
                    seen = tail + octets
                    self.ended += [time.monotonic()] * seen.count(_END)
                    tail = seen[-4:]
                loop.call_later(self._late, sink.write, octets)
        loop.call_later(self._late, sink.close)
