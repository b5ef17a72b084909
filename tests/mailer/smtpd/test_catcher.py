"""The catcher and its tray."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailer.delivery.smtp.client import Connection, Envelope, Fate, Grouping, RelayAddress, Timeouts
from mailer.errors import SettingsError
from mailer.smtpd import catcher
from mailer.smtpd.catcher import Tray, serve

NOON = datetime(2026, 7, 29, 12, 0, tzinfo=UTC)


class Ticking:
    """A clock that goes on by ``step`` each time it is read."""

    def __init__(self, step: timedelta) -> None:
        self.time, self.step = NOON, step

    def __call__(self) -> datetime:
        self.time += self.step
        return self.time


@contextmanager
def catching(tray: Tray) -> Iterator[int]:
    """A catcher in a thread of its own; gives the port."""
    ready = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def at(port: int) -> None:
        ports.append(port)
        ready.set()

    thread = threading.Thread(
        target=loop.run_until_complete, args=(serve("127.0.0.1", 0, tray, stop, ready=at),)
    )
    thread.start()
    try:
        assert ready.wait(5)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)
        loop.close()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        assert client.recv(1000).startswith(b"220")
        yield client


def read_replies(client: socket.socket, count: int) -> list[str]:
    """As many reply lines, or fewer when the catcher hangs up first."""
    octets = b""
    while octets.count(b"\r\n") < count and (more := client.recv(65536)):
        octets += more
    return octets.decode().splitlines()


@pytest.fixture
def tray(tmp_path: Path) -> Tray:
    return Tray(tmp_path / "tray")


@pytest.mark.parametrize("grouping", list(Grouping))
def test_a_message_is_kept_in_the_tray_as_it_was_sent(tray: Tray, grouping: Grouping) -> None:
    contents = [b"Subject: a\r\n\r\n.dot\r\n..two\r\n", b".\r\n", b"", b"\xff\xc3\r\n" * 50_000]
    with catching(tray) as port:
        address = RelayAddress("127.0.0.1", port)
        with Connection.open(address, hello_name="us.example", grouping=grouping) as connection:
            outcomes = list(
                connection.send(
                    Envelope(n, "b@example.org", f"jörg{n}@example.com", content)
                    for n, content in enumerate(contents)
                )
            )

    caught = tray.list()[::-1]
    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}
    assert [message.content() for message in caught] == contents
    assert [message.recipients for message in caught] == [
        (f"jörg{n}@example.com",) for n in range(len(contents))
    ]
    assert {message.return_path for message in caught} == {"b@example.org"}


def test_an_accepted_message_survives_a_killed_catcher(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    code = "import sys; from pathlib import Path; from mailer.smtpd.catcher import main;"
    code += "main('127.0.0.1', int(sys.argv[1]), Path(sys.argv[2]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(port), str(tmp_path)])
    address = RelayAddress("127.0.0.1", port)
    try:
        until(lambda: answers(port))
        accepted = 0
        with Connection.open(address, hello_name="us.example", timeouts=Timeouts(quit=0.1)) as line:
            supply = (Envelope(n, "", "a@example.com", b"x" * 40_000) for n in range(100_000))
            for outcome in line.send(supply):
                accepted += outcome.fate is Fate.ACCEPTED
                if accepted == 50:
                    process.kill()
                if outcome.fate is not Fate.ACCEPTED:
                    break
    finally:
        process.kill()
        process.wait()

    whole = [message for message in Tray(tmp_path).list(1000) if len(message.content()) == 40_002]
    assert accepted >= 50
    assert len(whole) == Tray(tmp_path).count()
    assert accepted <= len(whole) <= accepted + 1


def test_the_process_ends_cleanly_at_a_signal(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    code = "import sys; from pathlib import Path; from mailer.smtpd.catcher import main;"
    code += "main('127.0.0.1', int(sys.argv[1]), Path(sys.argv[2]))"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(port), str(tmp_path)], stderr=subprocess.PIPE
    )
    until(lambda: answers(port))

    with connected(port) as client:
        process.terminate()
        _, errors = process.communicate(timeout=10)
        goodbye = read_replies(client, 1)

    assert process.returncode == 0
    assert errors == b""
    assert goodbye[0].startswith("421")


def until(fact: "object", seconds: float = 10) -> None:
    assert callable(fact)
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_catcher_listens_to_this_machine_only(tray: Tray) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        with pytest.raises(SettingsError, match="cannot listen"):
            asyncio.run(serve(host, 0, tray, asyncio.Event()))


def test_commands_out_of_order_are_refused_one_by_one(tray: Tray) -> None:
    talk = [
        ("RCPT TO:<a@example.com>", "503"),
        ("DATA", "503"),
        ("NONSENSE", "500"),
        ("MAIL FROM:a@example.com", "501"),
        ("MAIL FROM:<a@example.com> FANCY=1", "555"),
        ("MAIL FROM:<a@example.com> SIZE=abc", "501"),
        ("MAIL FROM:<a@example.com> SIZE=99999999999", "552"),
        ("MAIL FROM:<a@example.com>", "250"),
        ("MAIL FROM:<a@example.com>", "503"),
        ("RCPT TO:<>", "501"),
        ("DATA", "503"),
        ("RSET", "250"),
        ("RCPT TO:<a@example.com>", "503"),
        ("NOOP", "250"),
        ("VRFY a", "252"),
        ("QUIT", "221"),
    ]
    with catching(tray) as port, connected(port) as client:
        client.sendall("".join(f"{line}\r\n" for line, _ in talk).encode())
        replies = read_replies(client, len(talk) + 1)

    assert [reply[:3] for reply in replies] == [code for _, code in talk]
    assert tray.count() == 0


def test_one_message_to_many_people_is_kept_once_with_all_of_them(tray: Tray) -> None:
    with catching(tray) as port, connected(port) as client:
        client.sendall(
            b"MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nrcpt to:<b@x.example>\r\nDATA\r\n"
        )
        read_replies(client, 4)
        for octet in b"hello\r\n.\r\n":
            client.sendall(bytes([octet]))
        read_replies(client, 1)

    (message,) = tray.list()
    assert message.recipients == ("a@x.example", "b@x.example")
    assert message.return_path == ""
    assert message.content() == b"hello\r\n"


def test_a_lone_dot_in_pieces_is_an_empty_message(tray: Tray) -> None:
    with catching(tray) as port, connected(port) as client:
        client.sendall(b"MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n")
        read_replies(client, 3)
        for piece in (b".", b"\r", b"\n"):
            client.sendall(piece)
            time.sleep(0.01)
        replies = read_replies(client, 1)

    assert replies[0].startswith("250")
    assert tray.list()[0].content() == b""


def test_a_message_beyond_the_limit_is_read_to_its_end_and_refused(
    tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catcher, "_LARGEST", 10_000)  # 50 MB takes too long to send here
    with catching(tray) as port, connected(port) as client:
        for _ in range(2):
            client.sendall(b"MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n")
            read_replies(client, 3)
            client.sendall(b"x" * 300_000 + b"\r\n.\r\n")
            replies = read_replies(client, 1)
        client.sendall(b"NOOP\r\n")
        after = read_replies(client, 1)

    assert replies[0].startswith("552 5.3.4")
    assert after[0].startswith("250")
    assert tray.count() == 0


def test_a_line_that_is_too_long_ends_the_connection(tray: Tray) -> None:
    with catching(tray) as port, connected(port) as client:
        client.sendall(b"x" * 5000)
        replies = read_replies(client, 2)

    assert [reply[:3] for reply in replies] == ["500"]


def test_a_client_with_too_many_errors_is_disconnected(tray: Tray) -> None:
    with catching(tray) as port, connected(port) as client:
        client.sendall(b"WHAT\r\n" * 500)
        replies = read_replies(client, 500)

    assert replies[-1].startswith("421")
    assert len(replies) < 60


def test_a_folder_that_cannot_be_written_defers(
    tray: Tray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tray, "put", full)
    with catching(tray) as port, connected(port) as client:
        client.sendall(b"MAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\nDATA\r\n")
        read_replies(client, 3)
        client.sendall(b"hello\r\n.\r\n")
        replies = read_replies(client, 1)

    assert replies[0].startswith("452")


def test_the_newest_message_comes_first_across_folders(tmp_path: Path) -> None:
    tray = Tray(tmp_path, now=Ticking(timedelta(seconds=25)))
    tray.open()
    made = [tray.put("", [f"r{n}@example.com"], b"x\r\n").id for n in range(200)]

    listed = [message.id for message in tray.list(limit=500)]
    pages = [message.id for start in range(0, 200, 7) for message in tray.list(7, start)]

    assert listed == made[::-1]
    assert pages == listed
    assert tray.count() == 200
    assert tray.list(10, 200) == []


def test_a_message_is_found_by_its_id_with_its_envelope(tmp_path: Path) -> None:
    tray = Tray(tmp_path, now=Ticking(timedelta(seconds=1)))
    tray.open()
    put = tray.put("b@example.org", ["a@example.com"], b"X-Received-At: no\r\n\r\nhello\r\n")

    found = tray.get(put.id)

    assert found == put
    assert found.received_at == NOON + timedelta(seconds=1)
    assert found.content() == b"X-Received-At: no\r\n\r\nhello\r\n"
    assert found.path.read_bytes().startswith(
        b"Return-Path: <b@example.org>\r\nX-Envelope-To: <a@example.com>\r\n"
        b"X-Received-At: 2026-07-29T12:00:01+00:00\r\n"
    )


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "20260729T120000000000-000001/../x", "20260729T120000"]
)
def test_an_id_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    assert Tray(tmp_path).get(name) is None


def test_a_cleared_tray_is_empty_and_keeps_later_messages(tmp_path: Path) -> None:
    tray = Tray(tmp_path)
    tray.open()
    tray.put("", ["a@example.com"], b"x\r\n")
    tray.clear()
    emptied = tray.count()

    tray.put("", ["a@example.com"], b"y\r\n")

    assert emptied == 0
    assert [message.content() for message in tray.list()] == [b"y\r\n"]


def test_another_process_clearing_the_tray_loses_nothing_that_comes_later(tmp_path: Path) -> None:
    catching_tray, reading_tray = Tray(tmp_path), Tray(tmp_path)
    catching_tray.open()
    catching_tray.put("", ["a@example.com"], b"x\r\n")

    reading_tray.clear()
    catching_tray.put("", ["a@example.com"], b"y\r\n")

    assert reading_tray.count() == 1


def test_a_file_that_a_killed_process_left_incomplete_is_never_listed(tmp_path: Path) -> None:
    tray = Tray(tmp_path)
    tray.open()
    half = tmp_path / ".incoming" / "1-20260729T120000000000-000001.eml"
    half.write_bytes(b"Return-Path: <")

    before = tray.count()
    tray.open()

    assert before == 0
    assert not half.exists()


def test_a_large_tray_lists_and_counts_at_once(tmp_path: Path) -> None:
    tray = Tray(tmp_path)
    tray.open()
    path = tray.put("", ["a@example.com"], b"x\r\n").path
    for number in range(1, 20_000):  # links, since twenty thousand files take a while to write
        minute = tmp_path / "20250101" / f"00{number // 1000:02d}"
        minute.mkdir(parents=True, exist_ok=True)
        (minute / f"20250101T00{number // 1000:02d}00000000-{number:06d}.eml").hardlink_to(path)

    begun = time.monotonic()
    counted, page = tray.count(), tray.list(50, 10_000)
    taken = time.monotonic() - begun

    assert (counted, len(page)) == (20_000, 50)
    assert taken < 1
