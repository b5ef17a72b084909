"""Distance: a relay that is near, made to seem so many milliseconds away.

Octets are passed on in both directions, each half a round trip late and in their order. When a
content ends on its way to the relay, that moment is kept.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_END = b"\r\n.\r\n"


class Distance:
    """Listens on ``port`` while it is open; ``ended`` are the moments at which contents ended."""

    def __init__(self, port: int, *, round_trip: float) -> None:
        self.port = 0
        self.ended: list[float] = []
        self.most = 0  # connections at once
        self._open = 0
        self._behind = port
        self._late = round_trip / 2

    @contextmanager
    def opened(self) -> Iterator["Distance"]:
        """Listen, in a thread of its own, until the block ends."""
        ready, over = threading.Event(), asyncio.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0, backlog=500)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            async with server:
                await over.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(10)

    async def _pass_on(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", self._behind)
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            await asyncio.gather(self._carry(near, on, watch=True), self._carry(far, back))
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
