"""The reception desk of a mail server: connections, their number, their time and their memory.

What is said on a connection is ``dialogue``'s business; what becomes of a message is the caller's.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from mailer.dialogue import Arrival, Dialogue, Terms
from mailer.errors import SettingsError

log = structlog.get_logger(__name__)

Keep = Callable[[Arrival], bytes | Awaitable[bytes]]

_FAREWELL: Final = 5.0  # seconds for a goodbye to be read


@dataclass(frozen=True, slots=True)
class Limits:
    """How many clients there may be, and for how many seconds one may say nothing."""

    connections: int = 200
    idle: float = 300  # RFC 5321 4.5.3.2.7


async def serve(
    host: str,
    port: int,
    terms: Terms,
    keep: Keep,
    stop: asyncio.Event,
    *,
    limits: Limits,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Take mail until ``stop`` is set; ``ready`` is told the port, which matters for port 0.

    ``keep`` gets each whole message and gives the reply to it; it may take its time, and then
    nothing more is read from that client meanwhile.
    """
    desk = _Desk(terms, keep, limits)
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: _Guest(desk), host, port, backlog=128)
    except OSError as fault:
        raise SettingsError(
            f"The {terms.name} cannot listen on {host}:{port}: {fault.strerror}."
        ) from None
    async with server:
        if ready:
            ready(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()
        await desk.close()


async def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


class _Desk:
    """What the guests of one server share."""

    def __init__(self, terms: Terms, keep: Keep, limits: Limits) -> None:
        self.terms = terms
        self.keep = keep
        self.limits = limits
        self.guests: set[_Guest] = set()

    async def close(self) -> None:
        """See everybody off; whoever waits for the reply to a message gets it first."""
        for guest in list(self.guests):
            guest.see_off(b"421 4.3.2 The server is closing\r\n")
        until = asyncio.get_running_loop().time() + 2 * _FAREWELL
        while self.guests and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)


class _Guest(asyncio.Protocol):
    """One connection."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._dialogue = Dialogue(desk.terms)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._keeping: asyncio.Future[bytes] | None = None
        self._goodbye = b""
        self._choked = False
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self._desk.guests) >= self._desk.limits.connections:
            self.see_off(b"421 4.3.2 Too many connections\r\n")
            return
        self._desk.guests.add(self)
        self._timer = self._loop.call_later(self._desk.limits.idle, self._look_at_the_clock)
        transport.write(self._dialogue.greeting)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's shape
        # A message that is being kept stays kept: its sender sends it again, and twice is not lost.
        self._desk.guests.discard(self)
        self._dialogue.over = True
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def pause_writing(self) -> None:
        # A client that does not read its replies is not listened to either.
        self._choked = True
        self._listen_or_not()

    def resume_writing(self) -> None:
        self._choked = False
        self._listen_or_not()

    def data_received(self, data: bytes) -> None:
        if self._dialogue.over:
            return
        self._heard_at = self._loop.time()
        self._dialogue.hear(data)
        if self._keeping is None:
            self._talk()

    def see_off(self, goodbye: bytes) -> None:
        """Say goodbye and hang up, after the reply that is due if a message is being kept."""
        self._goodbye = goodbye
        if self._keeping is None:
            self._hang_up()

    def _talk(self) -> None:
        replies: list[bytes] = []
        while (said := self._dialogue.go_on()) is not None:
            if isinstance(said, Arrival):
                answer = self._desk.keep(said)
                if not isinstance(answer, bytes):
                    self._wait_for(answer)
                    break
                said = answer
            replies.append(said)
        # RFC 2920 3.2: replies leave together, once there is no more to read.
        if replies and self._transport:
            self._transport.write(b"".join(replies))
        if self._dialogue.over:
            self._hang_up()

    def _wait_for(self, answer: Awaitable[bytes]) -> None:
        self._keeping = asyncio.ensure_future(answer)
        self._keeping.add_done_callback(self._kept)
        self._listen_or_not()

    def _kept(self, answer: "asyncio.Future[bytes]") -> None:
        self._keeping = None
        if not self._transport:
            return
        self._heard_at = self._loop.time()
        if fault := answer.exception():
            log.error("a message met a fault of ours", fault=type(fault).__name__)
            self.see_off(b"421 4.3.0 Something is wrong here, try later\r\n")
            return
        self._transport.write(answer.result())
        if self._goodbye:
            self._hang_up()
            return
        self._listen_or_not()
        self._talk()

    def _listen_or_not(self) -> None:
        if self._transport is None:
            return
        if self._choked or self._keeping:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _hang_up(self) -> None:
        self._dialogue.over = True
        if self._transport and not self._transport.is_closing():
            self._transport.write(self._goodbye)
            self._transport.close()
            # A client that reads nothing would keep its goodbye, and the connection, for ever.
            self._loop.call_later(_FAREWELL, self._transport.abort)

    def _look_at_the_clock(self) -> None:
        left = self._heard_at + self._desk.limits.idle - self._loop.time()
        if left <= 0:
            self.see_off(b"421 4.4.2 Idle for too long\r\n")
        else:
            self._timer = self._loop.call_later(left, self._look_at_the_clock)
