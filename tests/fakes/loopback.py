"""Servers of a test's own: on loopback, in a thread of their own, ended by themselves."""

import asyncio
import ssl
import threading
from types import TracebackType
from typing import Self


class LoopbackServer:
    """Runs ``talk`` for each connection on ``port`` while its block lasts, ``lifetime`` s at most.

    ``tls`` is spoken from the first octet.
    """

    def __init__(self, *, lifetime: float, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._lifetime = lifetime
        self._tls = tls
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first octet to its last."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=self._tls, backlog=500)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            await asyncio.wait_for(self._stop.wait(), self._lifetime)
        except TimeoutError:
            pass
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
