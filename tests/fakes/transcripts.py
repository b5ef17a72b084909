"""What a client wrote, one entry for each write, held against RFC 2920 3.1 and RFC 3030 2.

A server cannot tell one write from two, so the client's own wire is listened to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailer.delivery.smtp.pipelining import Grouping
from mailer.delivery.smtp.replies import Lost, Reply
from mailer.delivery.smtp.wire import Wire

_ANYWHERE = {"RSET", "MAIL", "RCPT"}
_LAST_ONLY = {"DATA"}
_FIRST_ONLY = {"content", "BDAT"}

Event = bytes | Reply | Lost


class Recording:
    """A wire that remembers what passed over it."""

    def __init__(self, wire: Wire) -> None:
        self.events: list[Event] = []
        self._wire = wire

    @property
    def broken(self) -> bool:
        return self._wire.broken

    @property
    def unread(self) -> bool:
        return self._wire.unread

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        self.events.append(b"".join(pieces))
        return self._wire.write(pieces, seconds)

    def read(self, seconds: float) -> Reply:
        try:
            reply = self._wire.read(seconds)
        except Lost as loss:
            self.events.append(loss)
            raise
        self.events.append(reply)
        return reply


def groups_in(events: Sequence[Event], grouping: Grouping) -> list[tuple[str, ...]]:
    """The commands of each write; AssertionError where the rules were broken."""
    reader = _Reader(grouping)
    for event in events:
        assert not reader.lost, "something was said on a wire that was lost"
        if isinstance(event, bytes):
            reader.wrote(event)
        elif isinstance(event, Reply):
            reader.heard(event)
        else:
            reader.lost = True
    return reader.groups


@dataclass
class _Reader:
    grouping: Grouping
    groups: list[tuple[str, ...]] = field(default_factory=list)
    owed: list[str] = field(default_factory=list)  # commands whose replies have not been read
    lost: bool = False
    content_due: bool = False  # 354 was heard
    stands_open: bool = False  # a transaction that only content or RSET ends
    recipients: int = 0
    failed_chunk: bool = False  # nothing but RSET may follow (RFC 3030 2)

    def wrote(self, octets: bytes) -> None:
        assert not self.owed, f"written before the replies to {self.owed} were read"
        group = tuple(self.commands(octets))
        self.groups.append(group)
        self.owed = list(group)
        self.check_order(group)
        self.check_rung(group)
        self.check_transaction(group)

    def commands(self, octets: bytes) -> list[str]:
        found: list[str] = []
        if self.content_due:
            end = 0 if octets.startswith(b".\r\n") else octets.index(b"\r\n.\r\n") + 2
            octets = octets[end + 3 :]
            found.append("content")
            self.content_due = False
        while octets:
            line, ended, octets = octets.partition(b"\r\n")
            assert ended, f"a command without an end: {line!r}"
            verb = line[:4].decode()
            found.append(verb)
            if verb == "BDAT":
                _, count, last = line.split(b" ")
                assert last == b"LAST"
                assert len(octets) >= int(count), "fewer octets than the chunk counts"
                octets = octets[int(count) :]
        return found

    def check_order(self, group: tuple[str, ...]) -> None:
        known = _ANYWHERE | _LAST_ONLY | _FIRST_ONLY
        assert set(group) <= known, f"unexpected in {group}"
        assert not set(group[1:]) & _FIRST_ONLY, f"content may only come first: {group}"
        assert not set(group[:-1]) & _LAST_ONLY, f"DATA may only come last: {group}"

    def check_rung(self, group: tuple[str, ...]) -> None:
        if self.grouping is Grouping.SINGLE:
            assert len(group) == 1, group
        if self.grouping is Grouping.ENVELOPE:
            assert group == ("content",) or "content" not in group, group
        if self.grouping is Grouping.CHUNKING:
            assert not set(group) & {"DATA", "content"}, group
        else:
            assert "BDAT" not in group, group

    def check_transaction(self, group: tuple[str, ...]) -> None:
        if self.failed_chunk:
            assert group[0] == "RSET", f"after a chunk that failed: {group}"
        opened = self.stands_open
        for verb in group:
            if verb == "MAIL":
                assert not opened, f"MAIL inside a transaction: {group}"
            if verb == "BDAT":
                assert self.recipients == 1, f"a chunk for {self.recipients} recipients"
            opened = opened and verb not in {"RSET", "BDAT", "content"}

    def heard(self, reply: Reply) -> None:
        if not self.owed:
            return  # said unasked: the client must find out, and end
        verb = self.owed.pop(0)
        good = reply.kind == 2
        if self.failed_chunk and verb != "RSET":
            return
        if verb in {"RSET", "content", "BDAT"}:
            self.failed_chunk = verb == "BDAT" and not good
            self.stands_open, self.recipients = False, 0
        elif verb == "MAIL" and good:
            self.stands_open, self.recipients = True, 0
        elif verb == "RCPT" and good:
            self.recipients += 1
        elif verb == "DATA":
            self.content_due = reply.kind == 3
