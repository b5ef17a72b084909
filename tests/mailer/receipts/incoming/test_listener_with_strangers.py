"""The listener among strangers: nothing is smuggled in, and nobody takes more than a share."""

import smtplib
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.mailer.receipts.incoming.rooms import (
    ListenerFolder,
    begin_message,
    connected,
    eventually,
    greets,
    limits,
    read_replies,
    return_path,
    send_lines,
)


@pytest.fixture
def room(tmp_path: Path) -> ListenerFolder:
    return ListenerFolder(tmp_path / "incoming")


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
def test_only_crlf_dot_crlf_ends_a_message(room: ListenerFolder, end: bytes) -> None:
    """SMTP smuggling: what another server may take for an end is a part of the one message here."""
    second = f"MAIL FROM:<>\r\nRCPT TO:<{return_path(2)}>\r\nDATA\r\nforged".encode()
    content = b"Subject: a\r\n\r\nhello" + end + second
    with room.listening() as port, connected(port) as client:
        begin_message(client, return_path(1))
        client.sendall(content + b"\r\n.\r\n")
        replies = read_replies(client, 1)
        after = send_lines(client, "NOOP")

    (found,) = room.kept
    assert [reply[:3] for reply in replies] == ["250"]
    assert after == ["250"]
    assert found.octets().replace(b".", b"") == content.replace(b".", b"") + b"\r\n"


@pytest.mark.parametrize("line", [b"NOOP\n", b"NOOP\rNOOP\r\n", b"NOOP\r\r\n", b"NO\x00OP\r\n"])
def test_a_command_that_ends_in_anything_but_crlf_is_not_obeyed(
    room: ListenerFolder, line: bytes
) -> None:
    with room.listening() as port, connected(port) as client:
        client.sendall(line)
        replies = read_replies(client, 1)

    assert [reply[:3] for reply in replies] == ["500"]


def test_a_leading_dot_goes_and_the_others_stay(room: ListenerFolder) -> None:
    with room.listening() as port, connected(port) as client:
        begin_message(client)
        client.sendall(b"..a\r\n.b\r\n...c\r\n.\n.d\r\n..\r\n.\r\n")
        read_replies(client, 1)

    assert room.kept[0].octets() == b".a\r\nb\r\n..c\r\n\n.d\r\n.\r\n"


# Limits


def test_the_ehlo_reply_lists_the_extensions_and_the_size(room: ListenerFolder) -> None:
    with room.listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo("mx.example")
        features = client.esmtp_features

    assert set(features) == {"pipelining", "8bitmime", "smtputf8", "enhancedstatuscodes", "size"}
    assert features["size"] == "10485760"


def test_a_whole_transaction_in_one_write_is_answered_in_order(room: ListenerFolder) -> None:
    with room.listening() as port, connected(port) as client:
        client.sendall(
            f"EHLO x\r\nMAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<alice@x.example>\r\n"
            f"RCPT TO:<{return_path()}>\r\nDATA\r\n".encode()
            + b"\xff\r\n.\r\nRSET\r\nQUIT\r\n"
        )
        replies = read_replies(client, 20)

    assert [reply[:3] for reply in replies[6:]] == ["250", "550", "250", "354", "250", "250", "221"]
    assert room.kept[0].octets() == b"\xff\r\n"


def test_recipients_beyond_the_limit_are_deferred(room: ListenerFolder) -> None:
    with room.listening() as port, connected(port) as client:
        codes = send_lines(client, "MAIL FROM:<>", *[f"RCPT TO:<{return_path()}>"] * 101)

    assert codes == ["250"] * 101 + ["452"]


def test_garbage_ends_the_connection_and_is_never_echoed(room: ListenerFolder) -> None:
    garbage = bytes(octet for octet in range(256) if octet != 10) * 3 + b"\r\n"
    with room.listening() as port, connected(port) as client:
        client.sendall(garbage * 100)
        try:
            replies = read_replies(client, 100)
        except ConnectionResetError:
            replies = ["421"]

    assert replies[-1].startswith("421")
    assert len(replies) <= 21
    assert all(reply.isascii() for reply in replies)


def test_a_line_that_is_too_long_ends_the_connection(room: ListenerFolder) -> None:
    with room.listening() as port, connected(port) as client:
        client.sendall(b"x" * 3000)
        replies = read_replies(client, 2)

    assert [reply[:3] for reply in replies] == ["500"]


def test_a_silent_client_is_disconnected(room: ListenerFolder) -> None:
    with room.listening(limits=limits(idle=0.3)) as port, connected(port) as client:
        begin_message(client)
        replies = read_replies(client, 2)

    assert [reply[:9] for reply in replies] == ["421 4.4.2"]
    assert room.kept == []


def test_a_client_that_sends_too_slowly_is_disconnected(room: ListenerFolder) -> None:
    with room.listening(limits=limits(idle=5, lifetime=0.5)) as port, connected(port) as client:
        begin_message(client)
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


def test_a_client_that_never_reads_is_disconnected_and_takes_no_memory(
    room: ListenerFolder,
) -> None:
    limited = limits(connections=1, idle=0.3, farewell=0.3)
    with room.listening(limits=limited) as port, connected(port) as client:
        client.settimeout(0.2)
        with suppress(OSError):  # no longer listened to
            while True:
                client.sendall(b"EHLO x\r\n" * 10_000)
        free = eventually(lambda: greets(port), 10)

    assert free


@pytest.mark.parametrize("bound", [{"connections": 2}, {"each": 2}, {"network": 2}])
def test_one_connection_too_many_is_deferred(room: ListenerFolder, bound: dict[str, float]) -> None:
    with room.listening(limits=limits(**bound)) as port:
        with (
            connected(port),
            connected(port),
            socket.create_connection(("127.0.0.1", port)) as third,
        ):
            refused = read_replies(third, 1)
        again = eventually(lambda: greets(port))

    assert refused[0].startswith("421 4.")
    assert again


@contextmanager
def connected_from(address: str, port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 5, source_address=(address, 0)) as client:
        yield client


def test_clients_of_one_network_cannot_keep_those_of_others_out(room: ListenerFolder) -> None:
    with room.listening(limits=limits(connections=4)) as port, ExitStack() as held:
        idlers = [held.enter_context(connected_from(f"127.0.9.{n}", port)) for n in range(1, 5)]
        greetings = [idler.recv(100)[:3] for idler in idlers]
        send_lines(idlers[0], "NOOP")

        other = held.enter_context(connected_from("127.0.7.1", port))
        greeting, farewell = other.recv(100)[:3], idlers[0].recv(100)[:3]
        begin_message(other)
        other.sendall(b"hello\r\n.\r\n")
        replies = read_replies(other, 1)

    assert greetings == [b"220"] * 4
    assert (greeting, farewell) == (b"220", b"421")
    assert replies[0].startswith("250")


def test_a_network_with_as_many_is_not_let_in_for_another(room: ListenerFolder) -> None:
    with room.listening(limits=limits(connections=2)) as port, ExitStack() as held:
        for network in (1, 2):
            held.enter_context(connected_from(f"127.0.{network}.1", port)).recv(100)

        third = held.enter_context(connected_from("127.0.3.1", port))

        assert third.recv(100).startswith(b"421 4.3.2")


@pytest.mark.parametrize("command", ["NOOP", "RSET", "EHLO x", "VRFY x"])
def test_commands_without_a_message_come_to_an_end(room: ListenerFolder, command: str) -> None:
    with room.listening() as port, connected(port) as client:
        client.sendall(f"{command}\r\n".encode() * 300)
        text = b""
        while piece := client.recv(65536):
            text += piece

    assert text.endswith(b"421 4.7.0 Too many commands and no message\r\n")


def test_a_client_that_keeps_talking_and_brings_nothing_is_disconnected(
    room: ListenerFolder,
) -> None:
    with room.listening(limits=limits(useless=0.5)) as port, connected(port) as client:
        replies = b""
        with suppress(OSError):
            while b"421" not in replies:
                client.sendall(b"NOOP\r\n")
                replies = client.recv(4096)
                time.sleep(0.1)

    assert b"421 4.4.2" in replies


def test_a_client_that_brings_messages_may_stay(room: ListenerFolder) -> None:
    with room.listening(limits=limits(useless=1)) as port, connected(port) as client:
        for _ in range(4):
            begin_message(client)
            time.sleep(0.4)
            client.sendall(b"hello\r\n.\r\n")
            assert read_replies(client, 1)[0].startswith("250")


def test_large_messages_wait_their_turn_when_memory_is_taken(room: ListenerFolder) -> None:
    half = b"x" * 399_998 + b"\r\n"
    limited = limits(held=600_000)
    with (
        room.listening(limits=limited) as port,
        connected(port) as first,
        connected(port) as second,
    ):
        begin_message(first)
        first.sendall(half)
        time.sleep(0.3)
        begin_message(second)
        second.sendall(half + b".\r\nNOOP\r\n")
        put_off = read_replies(second, 2)
        first.sendall(b".\r\n")
        kept = read_replies(first, 1)
        begin_message(second)
        second.sendall(half + b".\r\n")
        now = read_replies(second, 1)

    assert [reply[:3] for reply in put_off] == ["452", "250"]
    assert [kept[0][:3], now[0][:3]] == ["250", "250"]
    assert len(room.kept) == 2


def test_the_log_counts_and_names_nobody(
    room: ListenerFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with room.listening() as port, connected(port) as client:
        send_lines(client, "MAIL FROM:<mallory@evil.example>", "RCPT TO:<alice@x.example>", "RSET")
        begin_message(client)
        client.sendall(b"Subject: words of a stranger\r\n\r\n.\r\n")
        read_replies(client, 1)

    logged = "".join(capsys.readouterr())
    assert "recipients_refused" in logged
    assert "kept" in logged
    assert not any(word in logged for word in ("mallory", "alice", "stranger", "b+", "127.0.0.1"))
