"""A relay with bad days, fast enough for a hundred thousand messages: a process of its own.

``python -m tests.fakes.unsteady_relay FOLDER SEED`` answers fifty milliseconds late, says 451 to
some addresses once or twice, 550 to others for good, and hangs up at random moments. Whom it says
what to follows from the address and the seed, so that whoever runs it knows whom to expect. What it
takes is in ``FOLDER/taken`` before its 250 is on the way, a line each; each hang-up is in
``FOLDER/hangups``; its port is in ``FOLDER/port``.
"""

import asyncio
import os
import random
import re
import sys
from collections import Counter, deque
from enum import StrEnum
from pathlib import Path
from typing import Final
from zlib import crc32

LATE: Final = 0.05  # seconds
_HANGUPS: Final = 0.001  # of all transactions
_DEFERRED, _UNKNOWN = 20, 30  # of a thousand addresses; the second from the first on
_MESSAGE_ID: Final = re.compile(rb"^message-id: <([^@>]+)", re.IGNORECASE | re.MULTILINE)
_HELLO: Final = (
    b"250-unsteady.example\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
)


class HangUp(StrEnum):
    """When it hangs up."""

    GROUP = "in the middle of a group"
    INSIDE = "before the final dot"
    LOST = "after the final dot, not kept"
    KEPT = "after the final dot, kept"


def deferrals(recipient: str, seed: int) -> int:
    """How many times an address is put off before it is accepted."""
    place = _place(recipient, seed)
    return 1 + place % 2 if place < _DEFERRED else 0


def unknown(recipient: str, seed: int) -> bool:
    """Whether there is no such mailbox."""
    return _DEFERRED <= _place(recipient, seed) < _UNKNOWN


def _place(recipient: str, seed: int) -> int:
    return crc32(f"{seed}:{recipient}".encode()) % 1000


class RelayRecord:
    """What all connections share: who was put off how often, and the files."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.put_off: Counter[str] = Counter()
        appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._taken = os.open(folder / "taken", appending)
        self._hangups = os.open(folder / "hangups", appending)

    def take(self, recipient: str, content: bytes) -> None:
        """Write down an acceptance; it survives whatever ends this process."""
        found = _MESSAGE_ID.search(content)
        message_id = found[1].decode() if found else "?"
        os.write(self._taken, f"{recipient}\t{message_id}\n".encode())

    def hung_up(self, how: HangUp, recipient: str) -> None:
        os.write(self._hangups, f"{how}\t{recipient}\n".encode())


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, record: RelayRecord) -> None:
        self._record = record
        self._buffer = bytearray()
        self._later: deque[bytes] = deque()
        self._recipient = ""
        self._hangup: HangUp | None = None
        self._chunk: int | None = None  # octets of a BDAT still to come
        self._reading = False  # the content of a DATA
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._say(b"220 unsteady.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        replies: list[bytes] = []
        while not self._gone and (reply := self._step()) is not None:
            replies.append(reply)
        if replies:
            self._say(b"".join(replies))

    def _say(self, reply: bytes) -> None:
        self._later.append(reply)
        asyncio.get_running_loop().call_later(LATE, self._flush)

    def _flush(self) -> None:
        reply = self._later.popleft()
        if self._transport.is_closing():
            return
        self._transport.write(reply)
        if reply.endswith(b"221 2.0.0 bye\r\n"):
            self._transport.close()

    def _step(self) -> bytes | None:
        """Take one command or content; its reply, or None while there is none whole."""
        if self._chunk is not None or self._reading:
            return self._content()
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        verb, _, argument = line.decode("ascii", "replace").partition(" ")
        match verb.upper():
            case "EHLO":
                return _HELLO
            case "MAIL":
                self._recipient = ""
                self._hangup = None
                if self._record.chance.random() < _HANGUPS:
                    self._hangup = self._record.chance.choice(list(HangUp))
                return b"250 2.1.0 ok\r\n"
            case "RCPT":
                return self._rcpt(argument.partition("<")[2].partition(">")[0])
            case "DATA":
                if not self._recipient:
                    return b"554 5.5.1 no valid recipients\r\n"
                self._reading = True
                return b"354 go\r\n"
            case "BDAT":
                self._chunk = int(argument.split()[0])
                return self._step()
            case "QUIT":
                return b"221 2.0.0 bye\r\n"
            case "RSET" | "NOOP":
                return b"250 2.0.0 ok\r\n"
        return b"500 5.5.2 what?\r\n"

    def _rcpt(self, recipient: str) -> bytes:
        record = self._record
        if unknown(recipient, record.seed):
            return b"550 5.1.1 no such user here\r\n"
        if record.put_off[recipient] < deferrals(recipient, record.seed):
            record.put_off[recipient] += 1
            return b"451 4.3.0 not just now\r\n"
        self._recipient = recipient
        if self._hangup is HangUp.GROUP:
            self._hang_up()
        return b"250 2.1.5 ok\r\n"

    def _content(self) -> bytes | None:
        if self._hangup is HangUp.INSIDE and self._buffer and self._recipient:
            self._hang_up()
            return None
        if self._chunk is not None:
            if len(self._buffer) < self._chunk:
                return None
            content = bytes(self._buffer[: self._chunk])
            del self._buffer[: self._chunk]
        else:
            found = self._buffer.find(b"\r\n.\r\n")
            if found < 0:
                return None
            content = bytes(self._buffer[: found + 2])
            del self._buffer[: found + 5]
        self._chunk, self._reading = None, False
        if not self._recipient:
            return b"503 5.5.1 need RCPT\r\n"
        if self._hangup is HangUp.LOST:
            self._hang_up()
            return None
        self._record.take(self._recipient, content)
        if self._hangup is HangUp.KEPT:
            self._hang_up()
            return None
        self._recipient = ""
        return b"250 2.0.0 kept\r\n"

    def _hang_up(self) -> None:
        assert self._hangup
        self._record.hung_up(self._hangup, self._recipient)
        self._gone = True
        self._transport.abort()


async def serve(folder: Path, seed: int) -> None:
    """Receive until the process is ended."""
    record = RelayRecord(folder, seed)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(record), "127.0.0.1", 0, backlog=512)
    part = folder / "port.new"
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(folder / "port")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
