"""The reception desk of a mail server: connections, their number, their time and their memory.

What is said on a connection is ``dialogue``'s business; what becomes of a message is the caller's.
"""

import asyncio
import errno
import math
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from mailer.errors import SettingsError
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd.protocol import Arrival, Dialogue, Terms

log = structlog.get_logger(__name__)

Keep = Callable[[Arrival], bytes | Awaitable[bytes]]

_SMALL: Final = 256 * 1024  # octets a client may have in memory, however much others have


@dataclass(frozen=True, slots=True)
class Limits:
    """What all clients together may take, and one of them.

    ``connections`` in all and ``each`` from one address; ``idle`` seconds without a word,
    ``lifetime`` seconds in all and ``farewell`` seconds to read a goodbye; ``held`` octets of
    messages in memory, beyond which contents that are not small are refused for now.
    """

    connections: int
    each: int
    held: int
    idle: float = 300  # RFC 5321 4.5.3.2.7
    lifetime: float = math.inf
    farewell: float = 5


async def serve(
    entrance: ListenAddress,
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
    try:
        async with listening(entrance, lambda: _Guest(desk)) as server:
            if ready:
                ready(0 if entrance.path else server.sockets[0].getsockname()[1])
            await stop.wait()
            server.close()
            await desk.close()
    except OSError as fault:
        raise SettingsError(f"A mail server cannot listen on {entrance}: {why(fault)}.") from None


@asynccontextmanager
async def listening(
    entrance: ListenAddress, protocol: Callable[[], asyncio.BaseProtocol]
) -> AsyncIterator[asyncio.Server]:
    """A server at this entrance while the block runs; OSError when it cannot be had."""
    loop = asyncio.get_running_loop()
    if not entrance.path:
        async with await loop.create_server(
            protocol, entrance.host, entrance.port, backlog=128
        ) as server:
            yield server
        return
    # asyncio takes the place of any socket, of one that somebody listens at too.
    with suppress(FileNotFoundError, ConnectionRefusedError):
        _, writer = await asyncio.open_unix_connection(entrance.path)
        writer.close()
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    async with await loop.create_unix_server(protocol, entrance.path, backlog=128) as server:
        # A mail server has a user of its own. Whoever may enter the folder may write to us, as
        # anybody on this machine may where the entrance is a port.
        Path(entrance.path).chmod(0o666)
        try:
            yield server
        finally:
            Path(entrance.path).unlink(missing_ok=True)


def why(fault: OSError) -> str:
    """The reason in a few words, without the address that asyncio puts around it."""
    # The resolver's faults have numbers below nought and words of their own.
    number = fault.errno or 0
    return os.strerror(number) if number > 0 else str(fault.strerror)


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

    def refusal(self, address: str) -> bytes:
        """What to say instead of a greeting, if there is no place for a client from here."""
        if len(self.guests) >= self.limits.connections:
            return b"421 4.3.2 Too many connections\r\n"
        if address and self._number_from(address) >= self.limits.each:
            return b"421 4.7.0 Too many connections from your address\r\n"
        return b""

    def is_full(self) -> bool:
        """Whether memory holds as much mail as it may."""
        return sum(guest.held for guest in self.guests) > self.limits.held

    def _number_from(self, address: str) -> int:
        return sum(guest.address == address for guest in self.guests)

    async def close(self) -> None:
        """See everybody off; whoever waits for the reply to a message gets it first."""
        for guest in list(self.guests):
            guest.see_off(b"421 4.3.2 The server is closing\r\n")
        loop = asyncio.get_running_loop()
        until = loop.time() + 2 * self.limits.farewell
        while self.guests and loop.time() < until:
            await asyncio.sleep(0.02)


class _Guest(asyncio.Protocol):
    """One connection."""

    def __init__(self, desk: _Desk) -> None:
        self.address = ""
        self._desk = desk
        self._dialogue = Dialogue(desk.terms)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._keeping: asyncio.Future[bytes] | None = None
        self._goodbye = b""
        self._choked = False
        self._timer: asyncio.TimerHandle | None = None
        self._being_kept = 0
        self._came_at = self._heard_at = self._loop.time()

    @property
    def held(self) -> int:
        """Octets in memory."""
        return self._dialogue.held + self._being_kept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""  # none through a socket
        if refusal := self._desk.refusal(self.address):
            self.see_off(refusal)
            return
        self._desk.guests.add(self)
        self._look_at_the_clock()
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
        if self._dialogue.held > _SMALL and self._desk.is_full():
            self._dialogue.discard()
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
                    self._being_kept = len(said.octets)
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
        self._being_kept = 0
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
            self._loop.call_later(self._desk.limits.farewell, self._transport.abort)

    def _look_at_the_clock(self) -> None:
        now, limits = self._loop.time(), self._desk.limits
        left = min(self._heard_at + limits.idle, self._came_at + limits.lifetime) - now
        if left > 0:
            self._timer = self._loop.call_later(left, self._look_at_the_clock)
        else:
            self.see_off(b"421 4.4.2 This takes too long\r\n")
