"""A listener in a thread with a folder of its own, and a client that talks SMTP to it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.folder import Incoming
from mailer.receipts.incoming.listener import LIMITS, Listener, Put, listen
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.listen_address import ListenAddress
from mailer.smtpd.server import Limits

ROOT = Path(__file__).resolve().parents[4]
SECRET = b"a secret for tests, and long enough"
TOKENS = Tokens(SECRET)
BOUNCE = b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\n\r\n.dot\r\nGone.\r\n"
SMTP = ListenAddress("127.0.0.1")
LMTP = ListenAddress("127.0.0.1", lmtp=True)


def return_path(delivery: int = 7, letter: str = "b") -> str:
    return f"{letter}+{TOKENS.seal_for_mail(Purpose.RETURN, delivery)}@news.example"


@dataclass(frozen=True, slots=True)
class ListenerFolder:
    """The folder of a test's listener, and the listener itself in ``listening``."""

    folder: Path

    def put(self, message: bytes, *, sent_to: str, sent_from: str) -> Path:
        return incoming.put(self.folder, message, sent_to=sent_to, sent_from=sent_from)

    @property
    def kept(self) -> list[Incoming]:
        return list(incoming.waiting(self.folder))

    @contextmanager
    def listening(
        self, address: ListenAddress = SMTP, *, put: Put | None = None, limits: Limits = LIMITS
    ) -> Iterator[int]:
        """A listener in a thread of its own; gives the port."""
        ready = threading.Event()
        ports: list[int] = []
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        listener = Listener(TOKENS, put or self.put, lmtp=address.lmtp)

        def note_port(port: int) -> None:
            ports.append(port)
            ready.set()

        running = listen(
            address, listener, stop, name="news.example", limits=limits, ready=note_port
        )
        thread = threading.Thread(target=loop.run_until_complete, args=(running,))
        thread.start()
        try:
            assert ready.wait(5)
            yield ports[0]
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(10)
            loop.close()
        assert not thread.is_alive()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        assert read_replies(client, 1)[0].startswith("220 news.example")
        yield client


def read_replies(client: socket.socket, count: int) -> list[str]:
    """Read ``count`` reply lines, or fewer when the listener hangs up first."""
    octets = b""
    while octets.count(b"\r\n") < count and (more := client.recv(65536)):
        octets += more
    return octets.decode().splitlines()


def send_lines(client: socket.socket, *lines: str) -> list[str]:
    """Send one line after another; gives the codes of the replies."""
    codes = []
    for line in lines:
        client.sendall(line.encode() + b"\r\n")
        codes.append(read_replies(client, 1)[0][:3])
    return codes


def begin_message(client: socket.socket, *recipients: str) -> None:
    """Send the envelope and DATA, up to the 354."""
    recipients = recipients or (return_path(),)
    lines = ["MAIL FROM:<>", *(f"RCPT TO:<{each}>" for each in recipients), "DATA"]
    assert send_lines(client, *lines)[-1] == "354"


def eventually(fact: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not (holds := fact()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def greets(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        return client.recv(100).startswith(b"220")


def limits(**changes: float) -> Limits:
    values: dict[str, float] = {"connections": 5, "each": 5, "held": 1 << 30, **changes}
    return Limits(**values)  # type: ignore[arg-type]  # numbers, each of its own kind
