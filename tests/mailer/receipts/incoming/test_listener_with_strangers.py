"""The listener among strangers: nothing is smuggled in, and nobody takes more than a share."""

import smtplib
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.mailer.receipts.incoming.rooms import (
    Room,
    begin,
    greets,
    heard,
    limits,
    return_path,
    said,
    talking,
    until,
)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "incoming")


# Nothing is smuggled in


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\r\n\x00.\r\n",
        b"\n\n.\r\n",
    ],
)
def test_only_crlf_dot_crlf_ends_a_message(room: Room, end: bytes) -> None:
    """SMTP smuggling: what another server may take for an end is a part of the one message here."""
    second = f"MAIL FROM:<>\r\nRCPT TO:<{return_path(2)}>\r\nDATA\r\nforged".encode()
    content = b"Subject: a\r\n\r\nhello" + end + second
    with room.listening() as port, talking(port) as client:
        begin(client, return_path(1))
        client.sendall(content + b"\r\n.\r\n")
        replies = heard(client, 1)
        after = said(client, "NOOP")

    (found,) = room.kept
    assert [reply[:3] for reply in replies] == ["250"]
    assert after == ["250"]
    assert found.octets().replace(b".", b"") == content.replace(b".", b"") + b"\r\n"


@pytest.mark.parametrize("line", [b"NOOP\n", b"NOOP\rNOOP\r\n", b"NOOP\r\r\n", b"NO\x00OP\r\n"])
def test_a_command_that_ends_in_anything_but_crlf_is_not_obeyed(room: Room, line: bytes) -> None:
    with room.listening() as port, talking(port) as client:
        client.sendall(line)
        replies = heard(client, 1)

    assert [reply[:3] for reply in replies] == ["500"]


def test_a_leading_dot_goes_and_the_others_stay(room: Room) -> None:
    with room.listening() as port, talking(port) as client:
        begin(client)
        client.sendall(b"..a\r\n.b\r\n...c\r\n.\n.d\r\n..\r\n.\r\n")
        heard(client, 1)

    assert room.kept[0].octets() == b".a\r\nb\r\n..c\r\n\n.d\r\n.\r\n"


# Limits


def test_what_was_offered_is_kept_to(room: Room) -> None:
    with room.listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo("mx.example")
        features = client.esmtp_features

    assert set(features) == {"pipelining", "8bitmime", "smtputf8", "enhancedstatuscodes", "size"}
    assert features["size"] == "10485760"


def test_a_whole_transaction_in_one_write_is_answered_in_order(room: Room) -> None:
    with room.listening() as port, talking(port) as client:
        client.sendall(
            f"EHLO x\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<alice@x.example>\r\n"
            f"RCPT TO:<{return_path()}>\r\nDATA\r\n".encode()
            + b"\xff\r\n.\r\nRSET\r\nQUIT\r\n"
        )
        replies = heard(client, 20)

    assert [reply[:3] for reply in replies[6:]] == ["250", "550", "250", "354", "250", "250", "221"]
    assert room.kept[0].octets() == b"\xff\r\n"


def test_recipients_beyond_the_bound_are_put_off(room: Room) -> None:
    with room.listening() as port, talking(port) as client:
        codes = said(client, "MAIL FROM:<>", *[f"RCPT TO:<{return_path()}>"] * 101)

    assert codes == ["250"] * 101 + ["452"]


def test_garbage_is_sent_away_and_nothing_of_it_is_repeated(room: Room) -> None:
    garbage = bytes(octet for octet in range(256) if octet != 10) * 3 + b"\r\n"
    with room.listening() as port, talking(port) as client:
        client.sendall(garbage * 100)
        try:
            replies = heard(client, 100)
        except ConnectionResetError:
            replies = ["421"]

    assert replies[-1].startswith("421")
    assert len(replies) <= 21
    assert all(reply.isascii() for reply in replies)


def test_a_line_without_an_end_ends_the_conversation(room: Room) -> None:
    with room.listening() as port, talking(port) as client:
        client.sendall(b"x" * 3000)
        replies = heard(client, 2)

    assert [reply[:3] for reply in replies] == ["500"]


def test_a_silent_client_is_shown_out(room: Room) -> None:
    with room.listening(limits=limits(idle=0.3)) as port, talking(port) as client:
        begin(client)
        replies = heard(client, 2)

    assert [reply[:9] for reply in replies] == ["421 4.4.2"]
    assert room.kept == []


def test_a_client_that_dribbles_is_shown_out_too(room: Room) -> None:
    with room.listening(limits=limits(idle=5, lifetime=0.5)) as port, talking(port) as client:
        begin(client)
        began = time.monotonic()
        client.settimeout(0.05)
        replies = ""
        while not replies and time.monotonic() < began + 5:
            client.sendall(b"x")
            try:
                replies = client.recv(1000).decode()
            except TimeoutError:
                continue

    assert replies.startswith("421 4.4.2")


def test_a_client_that_never_reads_takes_no_memory_and_no_place_for_ever(room: Room) -> None:
    limited = limits(connections=1, idle=0.3, farewell=0.3)
    with room.listening(limits=limited) as port, talking(port) as client:
        client.settimeout(0.2)
        with suppress(OSError):  # no longer listened to
            while True:
                client.sendall(b"EHLO x\r\n" * 10_000)
        free = until(lambda: greets(port), 10)

    assert free


@pytest.mark.parametrize("bound", [{"connections": 2}, {"each": 2}])
def test_one_connection_too_many_is_asked_to_come_back(room: Room, bound: dict[str, float]) -> None:
    with room.listening(limits=limits(**bound)) as port:
        with talking(port), talking(port), socket.create_connection(("127.0.0.1", port)) as third:
            refused = heard(third, 1)
        again = until(lambda: greets(port))

    assert refused[0].startswith("421 4.")
    assert again


def test_large_messages_wait_their_turn_when_memory_is_taken(room: Room) -> None:
    half = b"x" * 399_998 + b"\r\n"
    limited = limits(held=600_000)
    with room.listening(limits=limited) as port, talking(port) as first, talking(port) as second:
        begin(first)
        first.sendall(half)
        time.sleep(0.3)
        begin(second)
        second.sendall(half + b".\r\nNOOP\r\n")
        put_off = heard(second, 2)
        first.sendall(b".\r\n")
        kept = heard(first, 1)
        begin(second)
        second.sendall(half + b".\r\n")
        now = heard(second, 1)

    assert [reply[:3] for reply in put_off] == ["452", "250"]
    assert [kept[0][:3], now[0][:3]] == ["250", "250"]
    assert len(room.kept) == 2


def test_the_log_counts_and_names_nobody(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    with room.listening() as port, talking(port) as client:
        said(client, "MAIL FROM:<mallory@evil.example>", "RCPT TO:<alice@x.example>", "RSET")
        begin(client)
        client.sendall(b"Subject: words of a stranger\r\n\r\n.\r\n")
        heard(client, 1)

    logged = "".join(capsys.readouterr())
    assert "recipients_refused" in logged
    assert "kept" in logged
    assert not any(word in logged for word in ("mallory", "alice", "stranger", "b+", "127.0.0.1"))
