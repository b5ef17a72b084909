"""An SMTP server that behaves exactly as badly as a test asks it to, and writes everything down.

``with FaultServer(Script(...)) as server:`` runs it on a port of its own, in a thread of its own,
and ends it afterwards; it also ends by itself after ``Script.lifetime`` seconds.
"""

import asyncio
import ssl
from base64 import b64decode, b64encode
from dataclasses import dataclass

from tests.fakes.loopback import LoopbackServer
from tests.fakes.smtp_script import CLOSE, AfterChunk, Do, Script, Step


@dataclass(frozen=True)
class Kept:
    """A message the server took responsibility for."""

    return_path: str
    recipient: str
    content: bytes
    connection: int


class FaultServer(LoopbackServer):
    """Runs a script; read ``kept``, ``transcript`` and ``connections`` at any time."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        tls = self.script.tls if self.script.implicit_tls else None
        super().__init__(lifetime=self.script.lifetime, tls=tls.server_context() if tls else None)
        self.kept: list[Kept] = []
        self.transcript: list[list[bytes]] = []  # by connection, one entry for each read

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return len(self.transcript)

    @property
    def recipients(self) -> list[str]:
        """Who got something, in order, doubles and all."""
        return [kept.recipient for kept in self.kept]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session by the script, with all that is read."""
        reads: list[bytes] = []
        self.transcript.append(reads)
        session = _Session(self, len(self.transcript), reader, writer, reads)
        try:
            await session.run()
        except (_Closed, ConnectionError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
            return
        writer.close()


class _Closed(Exception):
    """The server has hung up."""


class _Session:
    def __init__(
        self,
        server: FaultServer,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        reads: list[bytes],
    ) -> None:
        self.server = server
        self.script = server.script
        self.number = number
        self.reader = reader
        self.writer = writer
        self.reads = reads
        self.buffer = b""
        self.replies = b""
        self.path: str | None = None
        self.recipients: list[str] = []
        self.chunks = b""
        self.chunking = False  # a BDAT has been seen in this transaction
        self.barred = False
        self.contents = 0
        self.secured = server.script.implicit_tls

    async def run(self) -> None:
        await self.do(self.script.greeting)
        while True:
            line = await self.line()
            await self.command(line)

    async def line(self) -> str:
        while b"\r\n" not in self.buffer:
            await self.read()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line.decode("utf-8", "replace")

    async def read(self) -> None:
        await self.flush()
        reading = self.reader.read(262_144)
        try:
            data = await asyncio.wait_for(reading, self.script.idle_close)
        except TimeoutError:
            data = b""
        if not data:
            raise _Closed
        self.reads.append(data)
        self.buffer += data

    async def flush(self) -> None:
        if not self.replies:
            return
        if self.script.latency:
            await asyncio.sleep(self.script.latency)
        out, self.replies = self.replies, b""
        pieces, pause = [out], 0.0
        if self.script.drip:
            pieces, pause = [out[n : n + 1] for n in range(len(out))], self.script.drip
        elif self.script.split_replies:
            pieces, pause = [out[:5], out[5:9], out[9:]], 0.001
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if pause:
                await asyncio.sleep(pause)

    async def do(self, step: Step) -> str:
        step = Do(step) if isinstance(step, str) else step
        if step.delay:
            await self.flush()
            await asyncio.sleep(step.delay)
        if step.reply is not None:
            octets = step.reply if isinstance(step.reply, bytes) else wire_form(step.reply)
            self.replies += octets
        if step.close:
            await self.flush()
            raise _Closed
        return said_code(step)

    async def command(self, line: str) -> None:
        verb = line.partition(" ")[0].upper()
        behind = bool(self.buffer)
        dropping = self.script.drops_behind
        if self.script.lying or (dropping and line.startswith(dropping)):
            self.buffer = b""
        if self.script.strict and behind and verb in {"EHLO", "DATA", "NOOP", "QUIT", "STARTTLS"}:
            await self.do(Do("554 5.5.0 Error: SMTP protocol synchronization", close=True))
        handler = {
            "EHLO": self.ehlo,
            "MAIL": self.mail,
            "RCPT": self.rcpt,
            "DATA": self.data,
            "BDAT": self.bdat,
            "RSET": self.rset,
            "NOOP": self.noop,
            "QUIT": self.quit,
            "STARTTLS": self.starttls,
            "AUTH": self.auth,
        }.get(verb)
        if handler and (self.script.knows_bdat or verb != "BDAT"):
            await handler(line)
        else:
            await self.do("500 5.5.2 what?")

    async def ehlo(self, line: str) -> None:
        offered = list(self.script.capabilities)
        if self.secured and self.script.capabilities_in_tls is not None:
            offered = list(self.script.capabilities_in_tls)
        elif self.script.tls and not self.secured:
            offered.append("STARTTLS")
        await self.do(self.script.ehlo or "\n".join(["250 fake", *offered]))

    async def mail(self, line: str) -> None:
        path = address_in(line)
        if self.barred:
            await self.do("503 5.5.1 MAIL after BDAT")
            return
        if self.path is not None:
            await self.do("503 5.5.1 nested MAIL command")
            return
        reply = await self.do(self.script.on_mail(path))
        if reply.startswith("2"):
            self.clear()
            self.path = path

    async def rcpt(self, line: str) -> None:
        recipient = address_in(line)
        if self.path is None or self.barred:
            await self.do("503 5.5.1 RCPT after BDAT" if self.barred else "503 5.5.1 need MAIL")
            return
        reply = await self.do(self.script.on_rcpt(recipient))
        if reply.startswith("2"):
            self.recipients.append(recipient)

    async def data(self, line: str) -> None:
        if self.chunking:
            await self.do("503 5.5.1 DATA after BDAT")
            return
        step = self.script.on_data(self.recipients[-1] if self.recipients else "")
        if step == "":
            step = "354 go" if self.recipients else "554 5.5.1 no valid recipients"
        reply = await self.do(step)
        if not reply.startswith("3"):
            return
        await self.judge(await self.content())

    async def bdat(self, line: str) -> None:
        """RFC 3030 2: the octets are taken off the wire whatever is said about them."""
        _, count, *last = line.upper().split(" ")
        while len(self.buffer) < int(count):
            await self.read()
            self.cut()
        octets, self.buffer = self.buffer[: int(count)], self.buffer[int(count) :]
        self.chunking = True
        if self.barred or not self.recipients:
            await self.do("503 5.5.1 need RCPT")
            return
        self.chunks += octets
        if last == ["LAST"]:
            await self.judge(self.chunks)
        else:
            await self.do("250 2.0.0 more")

    async def judge(self, content: bytes) -> None:
        self.contents += 1
        recipients, path = self.recipients, self.path
        if not recipients or path is None:
            self.clear()
            await self.do("250 2.0.0 for nobody")
            return
        verdict = self.script.on_content(recipients[-1])
        verdict = Do(verdict) if isinstance(verdict, str) else verdict
        code = said_code(verdict)
        keep = verdict.keep
        if keep is None:
            keep = code.startswith("2")
        if keep:
            self.server.kept.extend(
                Kept(path, recipient, content, self.number) for recipient in recipients
            )
        dropping = self.script.drops_behind_content
        if dropping and recipients[-1].startswith(dropping):
            self.buffer = b""
        after = self.script.after_chunk
        if not self.chunking or code.startswith("2") or after is AfterChunk.OVER:
            self.clear()
        else:
            self.chunks = b""
            self.barred = after is AfterChunk.BARRED
        await self.do(verdict)
        if self.contents == self.script.close_after_contents:
            await self.do(CLOSE)

    def clear(self) -> None:
        self.path = None
        self.recipients, self.chunks = [], b""
        self.chunking = self.barred = False

    def cut(self) -> None:
        at = self.script.cut_content_at
        if at is not None and len(self.buffer) >= at:
            self.writer.transport.abort()
            raise _Closed

    async def content(self) -> bytes:
        while not self.buffer.startswith(b".\r\n") and b"\r\n.\r\n" not in self.buffer:
            await self.read()
            self.cut()
        if self.buffer.startswith(b".\r\n"):
            self.buffer = self.buffer[3:]
            return b""
        content, _, self.buffer = self.buffer.partition(b"\r\n.\r\n")
        lines = (content + b"\r\n").split(b"\r\n")
        return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)

    async def rset(self, line: str) -> None:
        self.clear()
        await self.do(self.script.on_rset)

    async def noop(self, line: str) -> None:
        await self.do(self.script.on_noop)

    async def quit(self, line: str) -> None:
        await self.do(Do("221 2.0.0 bye", close=True))

    async def starttls(self, line: str) -> None:
        if not self.script.tls:
            await self.do("502 5.5.1 no")
            return
        self.replies += b"220 go ahead\r\n" + self.script.after_starttls
        await self.flush()
        await self.writer.start_tls(self.script.tls.server_context())
        self.secured = True
        self.clear()

    async def auth(self, line: str) -> None:
        _, mechanism, *initial = line.split(" ")
        if scripted := self.script.auth_replies.get(mechanism.upper()):
            await self.do(scripted)
            return
        if mechanism.upper() == "PLAIN":
            given = initial[0] if initial else await self.ask("")
            _, user, password = b64decode(given).decode().split("\0")
        else:
            user = b64decode(await self.ask("Username:")).decode()
            password = b64decode(await self.ask("Password:")).decode()
        right = (user, password) == self.script.credentials
        await self.do("235 2.7.0 welcome" if right else "535 5.7.8 wrong")

    async def ask(self, question: str) -> str:
        await self.do(f"334 {b64encode(question.encode()).decode()}")
        return await self.line()


def said_code(step: Do) -> str:
    """The reply's code, or what stands where it should."""
    reply = step.reply or ""
    return reply[:3] if isinstance(reply, str) else reply[:3].decode("latin-1")


def wire_form(reply: str) -> bytes:
    """The lines of a reply, each with its code; a text without a code as a line of its own."""
    code, text = reply[:3], reply[4:]
    if not code.isdigit():
        return f"{reply}\r\n".encode()
    *first, last = text.split("\n")
    lines = [f"{code}-{line}" for line in first] + [f"{code} {last}"]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8")


def address_in(line: str) -> str:
    """What stands between the angle brackets of a MAIL or RCPT command."""
    return line.partition("<")[2].partition(">")[0]
