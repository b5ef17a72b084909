"""A small IMAP server that keeps mail in memory and behaves as badly as a test asks it to.

``with ImapServer(Manner(...)) as server:`` runs it on a port of its own, in a thread of its own; it
also ends by itself after ``Manner.lifetime`` seconds. It is strict where servers may be: a message
number that is not there is BAD, a folder that is not there is NO.
"""

import asyncio
import re
import ssl
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.certificates import Certificate
from tests.fakes.loopback import LoopbackServer

_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')
_PART = re.compile(rb"BODY\.PEEK\[\](?:<0\.(\d+)>)?")


@dataclass(frozen=True)
class Manner:
    """How a server behaves. Commands are named as they are sent: ``UID MOVE``, ``LOGIN``."""

    user: str = "bounces@network.example"
    password: str = "pass/word: ü"
    offers: str = "AUTH=PLAIN MOVE UIDPLUS NAMESPACE"
    separator: str = "/"
    prefix: str = ""
    validity: int = 7
    tls: Certificate | None = None
    implicit_tls: bool = False
    refuses: frozenset[str] = frozenset()  # answered with NO
    ignores: frozenset[str] = frozenset()  # answered with OK and not done
    hangs_up_before: frozenset[str] = frozenset()
    hangs_up_after: frozenset[str] = frozenset()  # done, and not answered
    breaks_off: int = 0  # octets of a message after which the connection is gone; 0 for never
    says: dict[str, bytes] = field(default_factory=dict)  # raw, in place of any answer
    when: dict[str, Callable[[], None]] = field(default_factory=dict)  # called first
    lifetime: float = 60


@dataclass
class Kept:
    """A message in a folder."""

    uid: int
    octets: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer(LoopbackServer):
    """Read ``folders``, ``commands`` and ``connections`` at any time."""

    def __init__(self, manner: Manner | None = None, folder: str = "INBOX") -> None:
        self.manner = manner or Manner()
        tls = self.manner.tls if self.manner.implicit_tls else None
        super().__init__(lifetime=self.manner.lifetime, tls=tls.server_context() if tls else None)
        self.folders: dict[str, list[Kept]] = {"INBOX": [], folder: []}
        self.commands: list[bytes] = []  # all of them, without their tags
        self.connections = 0
        self._last_uid = 0
        self._inbox = folder

    def add(self, octets: bytes, *flags: str, folder: str = "") -> int:
        """Have a message come in; its UID."""
        self._last_uid += 1
        kept = Kept(self._last_uid, octets, set(flags))
        self.folders[folder or self._inbox].append(kept)
        return self._last_uid

    def commands_named(self, *names: str) -> list[bytes]:
        """The commands of these names, in order."""
        wanted = tuple(name.encode() for name in names)
        return [line for line in self.commands if line.upper().startswith(wanted)]

    def octets_in(self, folder: str) -> list[bytes]:
        """The messages of a folder, in order."""
        return [kept.octets for kept in self.folders.get(folder, [])]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session; it is counted."""
        self.connections += 1
        try:
            await _Session(self, reader, writer).run()
        except (_Gone, ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            return
        writer.close()


class _Gone(Exception):
    """The server has hung up."""


class _No(Exception):
    """The command cannot be done."""


class _Bad(Exception):
    """The command makes no sense."""


class _Session:
    def __init__(
        self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._selected = ""
        self._secure = server.manner.implicit_tls

    @property
    def _manner(self) -> Manner:
        return self._server.manner  # a test may change it at any time

    async def run(self) -> None:
        await self._say(self._manner.says.get("greeting", b"* OK ready"))
        while line := await self._reader.readline():
            tag, _, command = line.strip().partition(b" ")
            self._server.commands.append(command)
            text = [one or two or three for one, two, three in _TOKEN.findall(command)]
            name = text.pop(0).decode().upper()
            if name == "UID":
                name = f"UID {text.pop(0).decode().upper()}"
            await self._answer(tag, name, text)
            if name == "LOGOUT":
                return

    async def _answer(self, tag: bytes, name: str, text: list[bytes]) -> None:
        manner = self._manner
        if name in manner.when:
            await asyncio.get_running_loop().run_in_executor(None, manner.when[name])
        if name in manner.hangs_up_before:
            raise _Gone
        if name in manner.says:
            await self._say(manner.says[name].replace(b"TAG", tag))
            return
        try:
            await self._do(name, text)
            if name in manner.hangs_up_after:
                raise _Gone
            ending = b"OK done"
        except _No:
            ending = f"NO {manner.user} may not do that".encode()
        except (_Bad, IndexError, ValueError):
            ending = b"BAD what?"
        await self._say(tag + b" " + ending)
        if name == "STARTTLS" and manner.tls and not self._secure:
            await self._writer.start_tls(manner.tls.server_context())
            self._secure = True

    async def _do(self, name: str, text: list[bytes]) -> None:
        if name in self._manner.refuses:
            raise _No
        if name in self._manner.ignores:
            return
        method = getattr(self, "_" + name.lower().replace(" ", "_"), None)
        if method is None:
            raise _Bad
        result = method(*text)
        if result is not None:
            await result

    async def _say(self, line: bytes) -> None:
        self._writer.write(line + b"\r\n")
        await self._writer.drain()

    # Commands of any state

    async def _capability(self) -> None:
        offered = "STARTTLS" if self._manner.tls and not self._secure else self._manner.offers
        await self._say(f"* CAPABILITY IMAP4rev1 {offered}".encode())

    async def _logout(self) -> None:
        await self._say(b"* BYE")

    def _starttls(self) -> None:
        if not self._manner.tls:
            raise _Bad

    def _login(self, user: bytes, password: bytes) -> None:
        self._check(user.replace(b"\\", b"").decode(), password.replace(b"\\", b"").decode())

    async def _authenticate(self, mechanism: bytes) -> None:
        assert mechanism == b"PLAIN"
        await self._say(b"+ ")
        _, user, password = b64decode(await self._reader.readline()).decode().split("\0")
        self._check(user, password)

    def _check(self, user: str, password: str) -> None:
        if (user, password) != (self._manner.user, self._manner.password):
            raise _No

    # Folders

    async def _namespace(self) -> None:
        prefix, separator = self._manner.prefix, self._manner.separator
        await self._say(f'* NAMESPACE (("{prefix}" "{separator}")) NIL NIL'.encode())

    async def _list(self, _root: bytes, pattern: bytes) -> None:
        separator = f'"{self._manner.separator}"' if self._manner.separator else "NIL"
        names = [""] if not pattern else [each for each in self._names() if each == pattern]
        for name in names:
            flags = r"\Noselect" if not name else ""
            shown = name.decode() if isinstance(name, bytes) else name
            await self._say(f'* LIST ({flags}) {separator} "{shown}"'.encode())

    def _create(self, name: bytes) -> None:
        if name in self._names() or not name.decode().startswith(self._manner.prefix):
            raise _No
        self._server.folders[name.decode()] = []

    def _subscribe(self, name: bytes) -> None:
        pass

    async def _select(self, name: bytes) -> None:
        if name not in self._names():
            raise _No
        self._selected = name.decode()
        await self._say(f"* {len(self._messages)} EXISTS".encode())
        await self._say(f"* OK [UIDVALIDITY {self._manner.validity}] valid".encode())

    def _names(self) -> list[bytes]:
        return [name.encode() for name in self._server.folders]

    # Messages

    @property
    def _messages(self) -> list[Kept]:
        if not self._selected:
            raise _Bad
        return self._server.folders[self._selected]

    async def _fetch(self, places: bytes, what: bytes) -> None:
        first, _, last = places.partition(b":")
        start, end = int(first), int(last or first)
        if not 0 < start <= end <= len(self._messages):
            raise _Bad
        for kept in self._messages[start - 1 : end]:
            await self._tell(kept, what)

    async def _uid_fetch(self, uids: bytes, what: bytes) -> None:
        for kept in self._chosen(uids):
            await self._tell(kept, what)

    async def _tell(self, kept: Kept, what: bytes) -> None:
        head = f"* {self._messages.index(kept) + 1} FETCH (UID {kept.uid}".encode()
        if b"RFC822.SIZE" in what:
            head += b" RFC822.SIZE %d" % len(kept.octets)
        if found := _PART.search(what):
            octets = kept.octets[: int(found[1])] if found[1] else kept.octets
            head += b" BODY[]%s {%d}\r\n" % (b"<0>" if found[1] else b"", len(octets))
            if self._manner.breaks_off:
                self._writer.write(head + octets[: self._manner.breaks_off])
                await self._writer.drain()
                raise _Gone
            head += octets
        await self._say(head + b")")

    def _uid_move(self, uids: bytes, folder: bytes) -> None:
        self._uid_copy(uids, folder)
        chosen = self._chosen(uids)
        self._messages[:] = [kept for kept in self._messages if kept not in chosen]

    def _uid_copy(self, uids: bytes, folder: bytes) -> None:
        if folder not in self._names():
            raise _No
        for kept in self._chosen(uids):
            self._server.add(kept.octets, *kept.flags, folder=folder.decode())

    def _uid_store(self, uids: bytes, _how: bytes, flags: bytes) -> None:
        for kept in self._chosen(uids):
            kept.flags.update(flags.decode().strip("()").split())

    def _uid_expunge(self, uids: bytes) -> None:
        chosen = self._chosen(uids)
        gone = [kept for kept in chosen if "\\Deleted" in kept.flags]
        self._messages[:] = [kept for kept in self._messages if kept not in gone]

    def _chosen(self, uids: bytes) -> list[Kept]:
        wanted = {int(uid) for uid in uids.split(b",")}
        return [kept for kept in self._messages if kept.uid in wanted]

    def _expunge(self) -> None:
        self._messages[:] = [kept for kept in self._messages if "\\Deleted" not in kept.flags]

    _close = _expunge
