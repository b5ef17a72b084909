"""When a message is uncertain: once its last octet has left, and not one octet earlier."""

import socket
from collections.abc import Sequence
from typing import cast

import pytest

from mailer.delivery.smtp.client import Grouping
from mailer.delivery.smtp.exchange import SmtpExchange
from mailer.delivery.smtp.replies import Capabilities, Lost, Reply
from mailer.delivery.smtp.socket_wire import SocketWire
from tests.mailer.delivery.smtp.talking import BODY, PATIENT, envelope, fates

BOTH = Capabilities(pipelining=True, chunking=True)


class CutWire:
    """Answers like a willing server until a write is cut short after so many octets."""

    def __init__(self, cut_at: int, replies: Sequence[int]) -> None:
        self.broken = self.unread = False
        self.written = 0
        self._cut_at = cut_at
        self._replies = list(replies)

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        size = sum(map(len, pieces))
        if self.written + size > self._cut_at:
            self.broken = True
        gone = min(size, self._cut_at - self.written)
        self.written += gone
        return gone

    def read(self, seconds: float) -> Reply:
        if self.broken or not self._replies:
            raise Lost("connection lost")
        return Reply(self._replies.pop(0), "")


@pytest.mark.parametrize(
    ("grouping", "before", "ends"),
    [
        (Grouping.CHUNKING, [250, 250], len(b"BDAT %d LAST\r\n" % len(BODY)) + len(BODY)),
        (Grouping.FULL, [250, 250, 354], len(BODY) + 1),  # the dot, with no line end behind it
        (Grouping.ENVELOPE, [250, 250, 354], len(BODY) + 1),
        (Grouping.SINGLE, [250, 250, 354], len(BODY) + 1),
    ],
)
@pytest.mark.parametrize("messages", [1, 2])
def test_a_message_is_uncertain_only_once_its_last_octet_has_left(
    grouping: Grouping, before: list[int], ends: int, messages: int
) -> None:
    opening = b"MAIL FROM:<back@example.org>\r\nRCPT TO:<r0@example.com>\r\n"
    start = len(opening) + (len(b"DATA\r\n") if 354 in before else 0)
    for cut_at in range(start, start + ends + 2):
        wire = CutWire(cut_at, before)
        exchange = SmtpExchange(wire, BOTH, grouping=grouping, timeouts=PATIENT)
        outcomes = list(exchange.carry(envelope(key) for key in range(messages)))

        expected = "uncertain" if cut_at - start >= ends else "untouched"
        assert fates(outcomes)[0] == expected, cut_at - start
        assert set(fates(outcomes[1:]).values()) <= {"untouched"}
        assert not exchange.usable


class TornSocket:
    """A socket under TLS whose records leave until one of them fails."""

    def __init__(self, records: int) -> None:
        self._records = records

    def settimeout(self, seconds: float | None) -> None: ...

    def send(self, octets: memoryview) -> int:
        if self._records == 0:
            raise BrokenPipeError
        self._records -= 1
        return len(octets)


@pytest.mark.parametrize(("records", "gone"), [(0, 16_384), (1, 32_768), (2, 40_000), (3, 40_000)])
def test_all_of_a_failed_tls_record_may_have_left(records: int, gone: int) -> None:
    wire = SocketWire(cast(socket.socket, TornSocket(records)))
    wire._secured = True

    assert wire.write([b"a" * 10_000, b"b" * 30_000], 1) == gone
    assert wire.broken is (records < 3)


@pytest.mark.parametrize("grouping", Grouping)
def test_a_reply_read_on_a_broken_wire_counts_and_ends_it(grouping: Grouping) -> None:
    """The write of a TLS record may fail although it arrived; then the reply counts."""

    class Torn(CutWire):
        def write(self, pieces: Sequence[bytes], seconds: float) -> int:
            self.broken = any(BODY in piece for piece in pieces)
            return sum(map(len, pieces))

        def read(self, seconds: float) -> Reply:
            return Reply(self._replies.pop(0), "")

    before = [250, 250] if grouping is Grouping.CHUNKING else [250, 250, 354]
    exchange = SmtpExchange(Torn(0, [*before, 250]), BOTH, grouping=grouping, timeouts=PATIENT)

    assert fates(list(exchange.carry([envelope(1)]))) == {1: "accepted"}
    assert not exchange.usable
