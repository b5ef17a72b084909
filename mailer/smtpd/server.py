"""A mail server's connections: their number, their time and their memory.

``protocol`` decides what is said on a connection; the caller decides what becomes of a message.
"""

import asyncio
import errno
import math
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import structlog

from mailer.errors import SettingsError
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd.protocol import Arrival, SmtpDialogue, Terms

log = structlog.get_logger(__name__)

Keep = Callable[[Arrival], bytes | Awaitable[bytes]]

_SMALL: Final = 256 * 1024  # octets a client may have in memory, however much others have


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of all clients together, and of each.

    ``connections`` in all, ``each`` from one address and ``network`` from the addresses around it.
    Where all are taken, the network that has most of them loses its least useful one to a client
    of another. ``idle`` seconds without data, ``useless`` seconds without a whole message,
    ``lifetime`` seconds in all and ``farewell`` seconds to read the last reply; ``held`` octets of
    messages in memory, beyond which contents that are not small are refused for now.
    """

    connections: int
    each: int
    held: int
    network: int = sys.maxsize
    idle: float = 300  # RFC 5321 4.5.3.2.7
    useless: float = math.inf
    lifetime: float = math.inf
    farewell: float = 5


async def serve(
    address: ListenAddress,
    terms: Terms,
    keep: Keep,
    stop: asyncio.Event,
    *,
    limits: Limits,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Take mail until ``stop`` is set; ``ready`` gets the port, which matters for port 0.

    ``keep`` gets each whole message and gives the reply to it. While it is awaited, nothing more is
    read from that client.
    """
    shared = _SharedState(terms, keep, limits)
    try:
        async with listening(address, lambda: _Connection(shared)) as server:
            if ready:
                ready(0 if address.path else server.sockets[0].getsockname()[1])
            await stop.wait()
            server.close()
            await shared.close()
    except OSError as fault:
        raise SettingsError(f"A mail server cannot listen on {address}: {why(fault)}.") from None


@asynccontextmanager
async def listening(
    address: ListenAddress, protocol: Callable[[], asyncio.BaseProtocol]
) -> AsyncIterator[asyncio.Server]:
    """A server at this address while the block runs; OSError when it is in use."""
    loop = asyncio.get_running_loop()
    if not address.path:
        async with await loop.create_server(
            protocol, address.host, address.port, backlog=128
        ) as server:
            yield server
        return
    # asyncio replaces any socket file, also one on which another process listens.
    with suppress(FileNotFoundError, ConnectionRefusedError):
        _, writer = await asyncio.open_unix_connection(address.path)
        writer.close()
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
    async with await loop.create_unix_server(protocol, address.path, backlog=128) as server:
        # A mail server runs as another user. All users who may enter the folder may connect, as all
        # users of this machine may where the address is a port.
        Path(address.path).chmod(0o666)
        try:
            yield server
        finally:
            Path(address.path).unlink(missing_ok=True)


def why(fault: OSError) -> str:
    """The reason in a few words, without the address that asyncio puts around it."""
    # The resolver's faults have negative numbers and texts of their own.
    number = fault.errno or 0
    return os.strerror(number) if number > 0 else str(fault.strerror)


async def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


class _SharedState:
    """What the connections of one server share."""

    def __init__(self, terms: Terms, keep: Keep, limits: Limits) -> None:
        self.terms = terms
        self.keep = keep
        self.limits = limits
        self.connections: set[_Connection] = set()

    def refusal(self, address: str, network: str) -> bytes:
        """The reply instead of a greeting if there are too many connections, else ""."""
        networks = Counter(connection.network for connection in self.connections)
        if address and self._number_from(address) >= self.limits.each:
            return b"421 4.7.0 Too many connections from your address\r\n"
        if address and networks[network] >= self.limits.network:
            return b"421 4.7.0 Too many connections from your network\r\n"
        if len(self.connections) < self.limits.connections:
            return b""
        greediest, most = networks.most_common(1)[0]
        if most <= networks[network] + 1 or not self._make_room(greediest):
            return b"421 4.3.2 Too many connections\r\n"
        return b""

    def _make_room(self, network: str) -> bool:
        """End the one connection of this network that was useful longest ago, if there is one."""
        idle = [each for each in self.connections if each.network == network and not each.is_kept]
        if not idle:
            return False
        least = min(idle, key=lambda each: each.useful_at)
        self.connections.discard(least)
        least.say_goodbye(b"421 4.3.2 Others are waiting\r\n")
        return True

    def is_full(self) -> bool:
        """Whether messages in memory exceed their limit."""
        return sum(connection.held for connection in self.connections) > self.limits.held

    def _number_from(self, address: str) -> int:
        return sum(connection.address == address for connection in self.connections)

    async def close(self) -> None:
        """Close every connection; a client that waits for the reply to a message gets it first."""
        for connection in list(self.connections):
            connection.say_goodbye(b"421 4.3.2 The server is closing\r\n")
        loop = asyncio.get_running_loop()
        until = loop.time() + 2 * self.limits.farewell
        while self.connections and loop.time() < until:
            await asyncio.sleep(0.02)


class _Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, shared: _SharedState) -> None:
        self.address = self.network = ""
        self._shared = shared
        self._dialogue = SmtpDialogue(shared.terms)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._keeping: asyncio.Future[bytes] | None = None
        self._goodbye = b""
        self._writing_paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._being_kept = 0
        self._connected_at = self._received_at = self.useful_at = self._loop.time()

    @property
    def held(self) -> int:
        """Octets in memory."""
        return self._dialogue.held + self._being_kept

    @property
    def is_kept(self) -> bool:
        """Whether a message of it is just being kept."""
        return self._keeping is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""  # none through a socket
        self.network = _network_of(self.address)
        if refusal := self._shared.refusal(self.address, self.network):
            self.say_goodbye(refusal)
            return
        self._shared.connections.add(self)
        self._check_timeouts()
        transport.write(self._dialogue.greeting)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's shape
        # A message that is being kept stays kept: its sender sends it again, and a double loses
        # nothing.
        self._shared.connections.discard(self)
        self._dialogue.over = True
        self._transport = None
        if self._timer:
            self._timer.cancel()

    def pause_writing(self) -> None:
        # Nothing more is read from a client that does not read its replies.
        self._writing_paused = True
        self._pause_or_resume()

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._pause_or_resume()

    def data_received(self, data: bytes) -> None:
        if self._dialogue.over:
            return
        self._received_at = self._loop.time()
        self._dialogue.receive(data)
        if self._dialogue.held > _SMALL and self._shared.is_full():
            self._dialogue.discard()
        if self._keeping is None:
            self._talk()

    def say_goodbye(self, goodbye: bytes) -> None:
        """Send a last reply and close, after the reply that is due if a message is being kept."""
        self._goodbye = goodbye
        if self._keeping is None:
            self._hang_up()

    def _talk(self) -> None:
        replies: list[bytes] = []
        while (action := self._dialogue.next_action()) is not None:
            if isinstance(action, Arrival):
                self.useful_at = self._loop.time()
                answer = self._shared.keep(action)
                if not isinstance(answer, bytes):
                    self._being_kept = len(action.octets)
                    self._wait_for(answer)
                    break
                action = answer
            replies.append(action)
        # RFC 2920 3.2: replies leave together, once there is no more to read.
        if replies and self._transport:
            self._transport.write(b"".join(replies))
        if self._dialogue.over:
            self._hang_up()

    def _wait_for(self, answer: Awaitable[bytes]) -> None:
        self._keeping = asyncio.ensure_future(answer)
        self._keeping.add_done_callback(self._kept)
        self._pause_or_resume()

    def _kept(self, answer: "asyncio.Future[bytes]") -> None:
        self._keeping = None
        self._being_kept = 0
        if not self._transport:
            return
        self._received_at = self.useful_at = self._loop.time()
        if fault := answer.exception():
            log.error("a message met a fault of ours", fault=type(fault).__name__)
            self.say_goodbye(b"421 4.3.0 Something is wrong here, try later\r\n")
            return
        self._transport.write(answer.result())
        if self._goodbye:
            self._hang_up()
            return
        self._pause_or_resume()
        self._talk()

    def _pause_or_resume(self) -> None:
        if self._transport is None:
            return
        if self._writing_paused or self._keeping:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _hang_up(self) -> None:
        self._dialogue.over = True
        if self._transport and not self._transport.is_closing():
            self._transport.write(self._goodbye)
            self._transport.close()
            # A client that reads nothing would keep the last reply, and the connection, open for
            # ever.
            self._loop.call_later(self._shared.limits.farewell, self._transport.abort)

    def _check_timeouts(self) -> None:
        now, limits = self._loop.time(), self._shared.limits
        ends = [self._received_at + limits.idle, self._connected_at + limits.lifetime]
        if not self.is_kept:
            ends.append(self.useful_at + limits.useless)
        left = min(ends) - now
        if left > 0:
            self._timer = self._loop.call_later(left, self._check_timeouts)
        else:
            self.say_goodbye(b"421 4.4.2 This takes too long\r\n")


def _network_of(address: str) -> str:
    """The network that one customer of a provider may have; "" for a client without an address."""
    if not address:
        return ""
    bits = 64 if ":" in address else 24
    return str(ip_network(f"{address.partition('%')[0]}/{bits}", strict=False))
