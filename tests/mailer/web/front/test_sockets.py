"""Whoever reads no answer is cut off by the kernel, by an option of the socket that listens."""

import asyncio
import socket
import sys

import pytest

from mailer.web.front import sockets


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an option of Linux")
def test_a_client_that_reads_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_UNREAD", 500)
    lost = asyncio.Event()

    class Talker(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.write(b"x" * 50_000_000)

        def connection_lost(self, exc: Exception | None) -> None:
            assert isinstance(exc, OSError)
            lost.set()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(Talker, "127.0.0.1", 0) as server:
            sockets.limit_unread(loop)
            with socket.create_connection(server.sockets[0].getsockname()):
                await asyncio.wait_for(lost.wait(), 30)

    asyncio.run(run())
