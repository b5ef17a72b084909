"""Which commands share a write, in each mode: RFC 2920 3.1 and RFC 3030 to the letter."""

from collections.abc import Iterator

import pytest

from mailer.delivery.smtp.client import Grouping, Outcome, Phase
from mailer.delivery.smtp.replies import Reply
from tests.fakes.smtp_script import AfterChunk, Do, Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.fakes.transcripts import Event, groups_in
from tests.mailer.delivery.smtp.talking import (
    BODY,
    FULL_OFFER,
    connect,
    deliver,
    envelope,
    fates,
    listened_to,
)

OPENING = b"MAIL FROM:<back@example.org>\r\nRCPT TO:<r%d@example.com>\r\n"
OFFER = ("MAIL", "RCPT")
STEADY = {
    Grouping.CHUNKING: [OFFER, ("BDAT", *OFFER), ("BDAT", *OFFER), ("BDAT",)],
    Grouping.FULL: [
        (*OFFER, "DATA"),
        ("content", *OFFER, "DATA"),
        ("content", *OFFER, "DATA"),
        ("content",),
    ],
    Grouping.ENVELOPE: [(*OFFER, "DATA"), ("content",)] * 3,
    Grouping.SINGLE: [("MAIL",), ("RCPT",), ("DATA",), ("content",)] * 3,
}
AFTER_A_REFUSAL = {
    Grouping.CHUNKING: [OFFER, ("BDAT", *OFFER), ("RSET", *OFFER), ("BDAT",)],
    Grouping.FULL: [
        (*OFFER, "DATA"),
        ("content", *OFFER, "DATA"),
        ("RSET", *OFFER, "DATA"),
        ("content",),
    ],
    Grouping.ENVELOPE: [
        (*OFFER, "DATA"),
        ("content",),
        (*OFFER, "DATA"),
        ("RSET", *OFFER, "DATA"),
        ("content",),
    ],
    Grouping.SINGLE: [
        *[("MAIL",), ("RCPT",), ("DATA",), ("content",)],
        *[("MAIL",), ("RCPT",)],
        *[("RSET",), ("MAIL",), ("RCPT",), ("DATA",), ("content",)],
    ],
}


def groups(script: Script, grouping: Grouping) -> list[tuple[str, ...]]:
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        exchange, wire = listened_to(connection)
        list(exchange.carry(envelope(key) for key in (1, 2, 3)))
    return groups_in(wire.events, grouping)


@pytest.mark.parametrize("grouping", Grouping)
def test_the_writes_of_three_accepted_messages(grouping: Grouping) -> None:
    assert groups(Script(strict=True, capabilities=FULL_OFFER), grouping) == STEADY[grouping]


@pytest.mark.parametrize("grouping", Grouping)
def test_the_writes_around_a_refused_recipient(grouping: Grouping) -> None:
    def refuse_the_second(recipient: str) -> str:
        return "550 5.1.1 no" if recipient.startswith("r2") else "250 ok"

    script = Script(strict=True, capabilities=FULL_OFFER, on_rcpt=refuse_the_second)

    assert groups(script, grouping) == AFTER_A_REFUSAL[grouping]


def test_a_chunk_is_counted_to_the_octet_and_not_dot_stuffed() -> None:
    content = b".dot\r\n..two\r\n.\r\nno end"
    with FaultServer(Script(capabilities=(*FULL_OFFER, "SIZE"))) as server:
        deliver(server, envelope(1, content), envelope(2), grouping=Grouping.CHUNKING)

    sized = OPENING.replace(b"org>", b"org> SIZE=%d")
    assert b"".join(server.transcript[0][1:-1]) == (
        sized % (len(content) + 2, 1)
        + b"BDAT %d LAST\r\n" % (len(content) + 2)
        + content
        + b"\r\n"
        + sized % (len(BODY), 2)
        + b"BDAT %d LAST\r\n" % len(BODY)
        + BODY
    )
    assert [kept.content for kept in server.kept] == [content + b"\r\n", BODY]


def test_chunking_needs_pipelining_beside_it() -> None:
    with FaultServer(Script(capabilities=("CHUNKING",))) as server, connect(server) as connection:
        assert connection.grouping is Grouping.SINGLE


@pytest.mark.parametrize("after", AfterChunk)
@pytest.mark.parametrize(
    ("reply", "fate"), [("452 4.3.1 full", "deferred"), ("554 5.6.0 no", "refused")]
)
def test_after_a_failed_chunk_the_next_envelope_is_sent_again_behind_a_reset(
    after: AfterChunk, reply: str, fate: str
) -> None:
    """Whatever the server replied to MAIL and RCPT: an acceptance may be for the failed message."""
    script = Script(
        capabilities=FULL_OFFER,
        on_content=lambda recipient: reply if recipient.startswith("r1") else "250 ok",
        after_chunk=after,
    )
    with FaultServer(script) as server, connect(server, grouping=Grouping.CHUNKING) as connection:
        exchange, wire = listened_to(connection)
        outcomes = list(exchange.carry(envelope(key) for key in (1, 2, 3)))

    assert fates(outcomes) == {1: fate, 2: "accepted", 3: "accepted"}
    assert server.recipients == ["r2@example.com", "r3@example.com"]
    assert groups_in(wire.events, Grouping.CHUNKING) == [
        OFFER,
        ("BDAT", *OFFER),
        ("RSET", *OFFER),
        ("BDAT", *OFFER),
        ("BDAT",),
    ]
    assert exchange.grouping_fault is None


def test_an_envelope_behind_a_failed_chunk_is_untouched_when_the_relay_closes() -> None:
    mails: Iterator[Step] = iter(["250 ok", Do("421 4.3.2 bye", close=True)])
    script = Script(
        capabilities=FULL_OFFER,
        on_content=lambda _: "554 5.6.0 no",
        on_mail=lambda _: next(mails),
    )
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=Grouping.CHUNKING)

    assert fates(outcomes) == {1: "refused", 2: "untouched"}
    assert outcomes[1].phase is Phase.CONNECT


def test_the_same_connection_may_change_its_mode_between_messages() -> None:
    outcomes: list[Outcome] = []
    with (
        FaultServer(Script(strict=True, capabilities=FULL_OFFER)) as server,
        connect(server) as connection,
    ):
        for key, grouping in enumerate([*Grouping, *Grouping]):
            connection.use(grouping)
            outcomes += connection.send([envelope(2 * key), envelope(2 * key + 1)])

    assert set(fates(outcomes).values()) == {"accepted"}
    assert len(server.kept) == 16
    assert server.connections == 1


@pytest.mark.parametrize(
    "events",
    [
        [b"MAIL FROM:<a@b.example>\r\nDATA\r\nRCPT TO:<c@d.example>\r\n"],
        [
            b"DATA\r\n",
            Reply(354, ""),
            b"text\r\n.\r\nMAIL FROM:<>\r\n",
            b"RCPT TO:<a@b.example>\r\n",
        ],
        [b"MAIL FROM:<>\r\nNOOP\r\nRCPT TO:<a@b.example>\r\n"],
        [b"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\ntext\r\n.\r\n"],
        [b"BDAT 2 LAST\r\nhi"],
    ],
)
def test_the_checker_finds_forbidden_groups(events: list[Event]) -> None:
    with pytest.raises(AssertionError):
        groups_in(events, Grouping.FULL)


def test_the_checker_wants_recipients_known_before_a_chunk() -> None:
    refused: list[Event] = [
        b"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n",
        Reply(250, ""),
        Reply(550, ""),
        b"BDAT 2 LAST\r\nhi",
    ]

    with pytest.raises(AssertionError, match="0 recipients"):
        groups_in(refused, Grouping.CHUNKING)
