"""The listener, over real sockets: what is ours is on the disk before its 250."""

import errno
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mailer.receipts import bounces
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.listen_address import ListenAddress
from tests.mailer.receipts.incoming.rooms import (
    BOUNCE,
    LMTP,
    ROOT,
    SECRET,
    SMTP,
    TOKENS,
    ListenerFolder,
    accepts_connections,
    begin_message,
    connected,
    eventually,
    read_replies,
    return_path,
    send_lines,
)
from tests.services import free_port


@pytest.fixture
def room(tmp_path: Path) -> ListenerFolder:
    return ListenerFolder(tmp_path / "incoming")


# Whom mail is taken for


@pytest.mark.parametrize("letter", ["b", "u", "B"])
def test_mail_to_an_address_we_sealed_is_kept_with_its_envelope(
    room: ListenerFolder, letter: str
) -> None:
    address = return_path(letter=letter)
    with room.listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", [address], BOUNCE)

    (found,) = room.kept
    assert found.octets() == BOUNCE
    assert (found.sent_to, found.sent_from) == (address, "")


def test_a_kept_bounce_names_its_delivery(room: ListenerFolder) -> None:
    with room.listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", [return_path(delivery=4711)], BOUNCE)

    (found,) = room.kept
    (report,) = bounces.read(found.octets(), sent_to=found.sent_to)
    (local,) = report.traces.return_paths
    assert TOKENS.open_from_mail(Purpose.RETURN, local.removeprefix("b+")) == (4711, 0)


def test_strangers_and_forged_tokens_are_refused_one_by_one(room: ListenerFolder) -> None:
    token = TOKENS.seal_for_mail(Purpose.RETURN, 7)
    forged = f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"
    elsewhere = Tokens(b"another secret").seal_for_mail(Purpose.RETURN, 7)
    another_purpose = TOKENS.seal_for_mail(Purpose.MESSAGE, 7)
    refused = [
        "alice@news.example",
        f"b+{forged}@news.example",
        f"b+{elsewhere}@news.example",
        f"b+{another_purpose}@news.example",
        f"c+{token}@news.example",
        f"{token}@news.example",
        f"b+{token}0@news.example",
        "b+@news.example",
        "postmaster@x@news.example",
        "ü+@news.example",
    ]
    with room.listening() as port, connected(port) as client:
        codes = send_lines(
            client, "MAIL FROM:<>", *(f"RCPT TO:<{each}>" for each in refused), "DATA"
        )

    assert codes == ["250", *["550"] * len(refused), "503"]
    assert room.kept == []


@pytest.mark.parametrize(
    "address", ["postmaster", "Postmaster@news.example", "abuse@news.example", "ABUSE"]
)
def test_a_postmaster_can_always_be_reached(room: ListenerFolder, address: str) -> None:
    with room.listening() as port, connected(port) as client:
        codes = send_lines(client, "MAIL FROM:<x@y.example>", f"RCPT TO:<{address}>")

    assert codes == ["250", "250"]


def test_a_folded_case_a_route_and_another_domain_are_still_ours(room: ListenerFolder) -> None:
    token = TOKENS.seal_for_mail(Purpose.RETURN, 7).upper()
    with room.listening() as port, connected(port) as client:
        begin_message(
            client, f"B+{token}", f"b+{token}@elsewhere.example", f"@a,@b:u+{token}@c.example"
        )
        client.sendall(BOUNCE + b".\r\n")
        read_replies(client, 1)

    assert {each.sent_to for each in room.kept} == {
        f"B+{token}",
        f"b+{token}@elsewhere.example",
        f"u+{token}@c.example",
    }


# LMTP


def test_lmtp_gives_each_recipient_a_reply_and_a_file(room: ListenerFolder) -> None:
    recipients = [return_path(1), return_path(2, "u")]
    with room.listening(LMTP) as port, connected(port) as client:
        client.sendall(b"LHLO mx.example\r\n")
        hello = read_replies(client, 6)
        begin_message(client, recipients[0], recipients[1])
        client.sendall(BOUNCE + b".\r\n")
        replies = read_replies(client, 2)

    assert [line[:3] for line in hello] == ["250"] * 6
    assert [reply[:9] for reply in replies] == ["250 2.0.0"] * 2
    assert sorted(each.sent_to for each in room.kept) == sorted(recipients)
    assert {each.octets() for each in room.kept} == {BOUNCE.replace(b"\r\n.", b"\r\n")}


def test_lmtp_replies_for_each_recipient_whether_the_message_was_kept(room: ListenerFolder) -> None:
    first, second, third = return_path(1), return_path(2), return_path(3)

    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        if sent_to == second:
            raise OSError(errno.ENOSPC, "No space left on device")
        return room.put(message, sent_to=sent_to, sent_from=sent_from)

    with room.listening(LMTP, put=put) as port, connected(port) as client:
        begin_message(client, first, second, third)
        client.sendall(BOUNCE + b".\r\n")
        replies = read_replies(client, 3)

    assert [reply[:3] for reply in replies] == ["250", "452", "250"]
    assert [each.sent_to for each in room.kept] == [first, third]


def test_python_s_lmtp_client_delivers(room: ListenerFolder, tmp_path: Path) -> None:
    path = str(tmp_path / "lmtp")
    with room.listening(ListenAddress(path=path, lmtp=True)), smtplib.LMTP(path) as client:
        refused = client.sendmail("", [return_path()], BOUNCE)  # it reads one reply a message

    assert refused == {}
    assert len(room.kept) == 1
    assert not Path(path).exists()


def test_each_protocol_refuses_the_other_s_greeting(room: ListenerFolder) -> None:
    with room.listening(LMTP) as port, connected(port) as client:
        lmtp = send_lines(client, "EHLO mx.example", "HELO mx.example")
    with room.listening(SMTP) as port, connected(port) as client:
        smtp = send_lines(client, "LHLO mx.example")

    assert lmtp + smtp == ["500", "500", "500"]


@pytest.mark.parametrize(("address", "count"), [(SMTP, 1), (LMTP, 2)])
def test_a_message_too_large_is_refused_for_everybody(
    room: ListenerFolder, address: ListenAddress, count: int
) -> None:
    with room.listening(address) as port, connected(port) as client:
        begin_message(client, return_path(1), return_path(2))
        client.sendall((b"x" * 998 + b"\r\n") * 11_000 + b".\r\nNOOP\r\n")
        replies = read_replies(client, count + 1)
        announced = send_lines(client, "MAIL FROM:<> SIZE=11000000")

    assert [reply[:3] for reply in replies] == ["552"] * count + ["250"]
    assert announced == ["552"]
    assert room.kept == []


# On the disk before the 250


def test_a_full_disk_defers_the_sender_and_keeps_nothing(room: ListenerFolder) -> None:
    calls = []

    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        calls.append(sent_to)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return room.put(message, sent_to=sent_to, sent_from=sent_from)

    with room.listening(put=put) as port, connected(port) as client:
        begin_message(client, return_path(1), return_path(2))
        client.sendall(BOUNCE + b".\r\n")
        full = read_replies(client, 1)
        kept_then = room.kept
        begin_message(client, return_path(1), return_path(2))
        client.sendall(BOUNCE + b".\r\n")
        later = read_replies(client, 1)

    assert full[0].startswith("452 4.3.1")
    assert kept_then == []
    assert later[0].startswith("250")
    assert len(room.kept) == 2


def test_a_failing_disk_has_another_reply_and_loses_nothing(room: ListenerFolder) -> None:
    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        raise OSError(errno.EIO, "Input/output error")

    with room.listening(put=put) as port, connected(port) as client:
        begin_message(client)
        client.sendall(BOUNCE + b".\r\n")
        replies = read_replies(client, 1)

    assert replies[0].startswith("451 4.3.0")


def test_an_internal_fault_is_never_answered_with_250(room: ListenerFolder) -> None:
    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        raise RuntimeError("a fault of ours")

    with room.listening(put=put) as port, connected(port) as client:
        begin_message(client)
        client.sendall(BOUNCE + b".\r\n")
        replies = read_replies(client, 2)

    assert [reply[:3] for reply in replies] == ["421"]


def test_a_kill_between_the_rename_and_the_250_loses_nothing(room: ListenerFolder) -> None:
    """The process dies in the instant at which the file has its name and nobody has been told."""
    port = free_port()
    code = f"""
import asyncio, os, signal, sys
from pathlib import Path
from mailer.settings.listen_address import ListenAddress
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.listener import Listener, listen
from mailer.security.tokens import Tokens

def put(message, *, sent_to, sent_from):
    incoming.put(Path(sys.argv[1]), message, sent_to=sent_to, sent_from=sent_from)
    os.kill(os.getpid(), signal.SIGKILL)

async def run():
    listener = Listener(Tokens({SECRET!r}), put, lmtp=False)
    await listen(ListenAddress("127.0.0.1", {port}), listener, asyncio.Event(), name="news.example")

asyncio.run(run())
"""
    process = subprocess.Popen([sys.executable, "-c", code, room.folder], cwd=ROOT)
    assert eventually(lambda: accepts_connections(port))

    with connected(port) as client:
        begin_message(client)
        client.sendall(BOUNCE + b".\r\n")
        try:
            replies = read_replies(client, 1)
        except ConnectionResetError:
            replies = []

    assert process.wait(10) == -signal.SIGKILL
    assert replies == []
    assert [each.sent_to for each in room.kept] == [return_path()]


def test_a_client_that_is_gone_before_the_250_has_its_message_kept(room: ListenerFolder) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        asked.set()
        assert go_on.wait(5)
        return room.put(message, sent_to=sent_to, sent_from=sent_from)

    with room.listening(put=put) as port:
        with connected(port) as client:
            begin_message(client)
            client.sendall(BOUNCE + b".\r\n")
            assert asked.wait(5)
        go_on.set()

    assert len(room.kept) == 1


def test_stopping_waits_for_the_message_that_is_being_kept(room: ListenerFolder) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        asked.set()
        assert go_on.wait(5)
        return room.put(message, sent_to=sent_to, sent_from=sent_from)

    with socket.socket() as client:
        with room.listening(put=put) as port:
            client.settimeout(5)
            client.connect(("127.0.0.1", port))
            read_replies(client, 1)
            begin_message(client)
            client.sendall(BOUNCE + b".\r\n")
            assert asked.wait(5)
            threading.Timer(0.3, go_on.set).start()
        replies = read_replies(client, 3)

    assert [reply[:3] for reply in replies] == ["250", "421"]
    assert len(room.kept) == 1


def test_others_are_served_while_the_disk_is_slow(room: ListenerFolder) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def put(message: bytes, *, sent_to: str, sent_from: str) -> Path:
        asked.set()
        assert go_on.wait(5)
        return room.put(message, sent_to=sent_to, sent_from=sent_from)

    with room.listening(put=put) as port, connected(port) as waiting, connected(port) as other:
        begin_message(waiting)
        waiting.sendall(BOUNCE + b".\r\nNOOP\r\n")
        assert asked.wait(5)
        meanwhile = send_lines(other, "NOOP")
        go_on.set()
        replies = read_replies(waiting, 2)

    assert meanwhile == ["250"]
    assert [reply[:3] for reply in replies] == ["250", "250"]
