"""The built-in catcher: an SMTP server on loopback that keeps every message in a folder.

It stands in for a relay where there is none. It never passes anything on, and a message it has
answered with 250 survives a kill of the process (not of the machine: nothing is synced).
"""

import asyncio
import re
import signal
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Final

from mailer.delivery.endpoints import is_loopback
from mailer.errors import SettingsError
from mailer.tray import Caught, Tray

__all__ = ["Caught", "Tray", "main", "serve"]

_LARGEST: Final = 50 * 1024 * 1024  # octets of one message
_LONGEST_LINE: Final = 2048  # octets of one command
_MOST_RECIPIENTS: Final = 1000
_MOST_FAULTS: Final = 50
_MOST_CONNECTIONS: Final = 200
_IDLE: Final = 300  # seconds (RFC 5321 4.5.3.2.7)
_END: Final = b"\r\n.\r\n"
_PATH: Final = re.compile(rb"(FROM|TO):[ \t]*<([^<>\x00-\x20\x7f]*)>(.*)", re.IGNORECASE)
_CAPABILITIES: Final = (
    b"250-catcher\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    b"250-ENHANCEDSTATUSCODES\r\n250 SIZE %d\r\n" % _LARGEST
)


async def serve(
    host: str,
    port: int,
    tray: Tray,
    stop: asyncio.Event,
    *,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Catch mail until ``stop`` is set; ``ready`` is told the port, which matters for port 0.

    Files are written from the event loop: one takes less time than handing it to a thread.
    """
    if not is_loopback(host):
        raise SettingsError(
            f"The catcher accepts mail from anybody, so it cannot listen on {host}."
        )
    tray.open()
    sessions: set[_Session] = set()
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: _Session(tray, sessions), host, port, backlog=128)
    except OSError as fault:
        raise SettingsError(
            f"The catcher cannot listen on {host}:{port}: {fault.strerror}."
        ) from None
    async with server:
        if ready:
            ready(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()
        for session in list(sessions):
            session.close(b"421 4.3.2 The catcher is closing\r\n")


def main(host: str, port: int, folder: Path) -> None:
    """Catch mail into a folder until SIGTERM or SIGINT."""

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await serve(host, port, Tray(folder), stop)

    asyncio.run(run())


class _Reading(Enum):
    COMMANDS = auto()
    CONTENT = auto()
    OVERFLOW = auto()  # a content too large to keep; only its end is looked for


class _Session(asyncio.Protocol):
    """One client. Memory is bounded: one line, or one message of the largest size."""

    def __init__(self, tray: Tray, sessions: "set[_Session]") -> None:
        self._tray = tray
        self._sessions = sessions
        self._buffer = bytearray()
        self._searched = 0
        self._reading = _Reading.COMMANDS
        self._return_path: str | None = None
        self._recipients: list[str] = []
        self._faults = 0
        self._closing = False
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._heard_at = 0.0
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self._sessions) >= _MOST_CONNECTIONS:
            self.close(b"421 4.3.2 Too many connections\r\n")
            return
        self._sessions.add(self)
        self._heard_at = self._loop.time()
        self._idle = self._loop.call_later(_IDLE, self._look_at_the_clock)
        transport.write(b"220 catcher ESMTP\r\n")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's shape
        self._sessions.discard(self)
        if self._idle:
            self._idle.cancel()
        self._buffer.clear()
        self._closing = True

    def pause_writing(self) -> None:
        # A client that does not read its replies is not listened to either.
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._heard_at = self._loop.time()
        self._buffer += data
        replies: list[bytes] = []
        while not self._closing:
            if self._reading is _Reading.COMMANDS:
                reply = self._next_command()
            else:
                reply = self._next_content()
            if reply is None:
                break
            replies.append(reply)
        # RFC 2920 3.2: replies leave together, once there is no more to read.
        if replies and self._transport:
            self._transport.write(b"".join(replies))
            if self._closing:
                self._transport.close()

    def close(self, goodbye: bytes = b"") -> None:
        """Say goodbye and hang up."""
        self._closing = True
        if self._transport:
            self._transport.write(goodbye)
            self._transport.close()

    def _look_at_the_clock(self) -> None:
        left = self._heard_at + _IDLE - self._loop.time()
        if left <= 0:
            self.close(b"421 4.4.2 Idle for too long\r\n")
        else:
            self._idle = self._loop.call_later(left, self._look_at_the_clock)

    def _next_command(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) < _LONGEST_LINE:
                return None
            self._closing = True
            return b"500 5.5.2 Line too long\r\n"
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        verb, _, argument = line.partition(b" ")
        reply = self._obey(verb.upper(), argument)
        if reply.startswith(b"5"):
            self._faults += 1
            if self._faults > _MOST_FAULTS:
                self._closing = True
                return b"421 4.7.0 Too many errors\r\n"
        return reply

    def _obey(self, verb: bytes, argument: bytes) -> bytes:
        if verb == b"MAIL":
            return self._mail(argument)
        if verb == b"RCPT":
            return self._rcpt(argument)
        command = _COMMANDS.get(verb)
        return command(self) if command else b"500 5.5.2 Command not recognised\r\n"

    def _ehlo(self) -> bytes:
        self._forget()
        return _CAPABILITIES

    def _helo(self) -> bytes:
        self._forget()
        return b"250 catcher\r\n"

    def _mail(self, argument: bytes) -> bytes:
        found = _PATH.fullmatch(argument)
        if found is None or found[1].upper() != b"FROM":
            return b"501 5.1.7 Write MAIL FROM:<address>\r\n"
        if self._return_path is not None:
            return b"503 5.5.1 A transaction is open\r\n"
        for parameter in found[3].upper().split():
            name, _, value = parameter.partition(b"=")
            if name not in {b"SIZE", b"BODY", b"SMTPUTF8"}:
                return b"555 5.5.4 Parameter not known\r\n"
            if name == b"SIZE" and not value.isdigit():
                return b"501 5.5.4 SIZE is a number\r\n"
            if name == b"SIZE" and (len(value) > 12 or int(value) > _LARGEST):
                return b"552 5.3.4 Message too large\r\n"
        self._return_path = found[2].decode("utf-8", "replace")
        return b"250 2.1.0 Ok\r\n"

    def _rcpt(self, argument: bytes) -> bytes:
        found = _PATH.fullmatch(argument)
        if found is None or found[1].upper() != b"TO" or not found[2]:
            return b"501 5.1.3 Write RCPT TO:<address>\r\n"
        if self._return_path is None:
            return b"503 5.5.1 MAIL comes first\r\n"
        if len(self._recipients) >= _MOST_RECIPIENTS:
            return b"452 4.5.3 Too many recipients\r\n"
        self._recipients.append(found[2].decode("utf-8", "replace"))
        return b"250 2.1.5 Ok\r\n"

    def _data(self) -> bytes:
        if not self._recipients:
            return b"503 5.5.1 RCPT comes first\r\n"
        self._reading = _Reading.CONTENT
        self._searched = 0
        return b"354 End with a dot on a line of its own\r\n"

    def _rset(self) -> bytes:
        self._forget()
        return b"250 2.0.0 Ok\r\n"

    def _noop(self) -> bytes:
        return b"250 2.0.0 Ok\r\n"

    def _vrfy(self) -> bytes:
        return b"252 2.5.0 Send it, and it will be kept\r\n"

    def _quit(self) -> bytes:
        self._closing = True
        return b"221 2.0.0 Bye\r\n"

    def _next_content(self) -> bytes | None:
        buffer = self._buffer
        overflowed = self._reading is _Reading.OVERFLOW
        if buffer.startswith(b".\r\n") and not overflowed:
            end, size = 0, 3
        else:
            found = buffer.find(_END, max(0, self._searched - len(_END)))
            end, size = (found + 2, 3) if found >= 0 else (-1, 0)
        if end < 0:
            if overflowed or len(buffer) > _LARGEST:
                self._reading = _Reading.OVERFLOW
                del buffer[: -len(_END)]
            self._searched = len(buffer)
            return None
        content = b"" if overflowed else bytes(memoryview(buffer)[:end])
        del buffer[: end + size]
        self._reading = _Reading.COMMANDS
        try:
            if overflowed or len(content) > _LARGEST:
                return b"552 5.3.4 Message too large\r\n"
            return self._keep(content)
        finally:
            self._forget()

    def _keep(self, content: bytes) -> bytes:
        if b"\r\n." in content:
            content = content.replace(b"\r\n..", b"\r\n.")
        if content.startswith(b".."):
            content = content[1:]
        try:
            caught = self._tray.put(self._return_path or "", self._recipients, content)
        except OSError:
            return b"452 4.3.1 The folder cannot be written to\r\n"
        return f"250 2.0.0 Kept as {caught.id}\r\n".encode("ascii")

    def _forget(self) -> None:
        self._return_path = None
        self._recipients = []


_COMMANDS: Final[dict[bytes, Callable[[_Session], bytes]]] = {
    b"EHLO": _Session._ehlo,
    b"HELO": _Session._helo,
    b"DATA": _Session._data,
    b"RSET": _Session._rset,
    b"NOOP": _Session._noop,
    b"VRFY": _Session._vrfy,
    b"QUIT": _Session._quit,
}
