"""``flask serve``: starts everything, restarts what dies, stops as one, leaves nobody behind."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailer.security.tokens import Purpose, Tokens
from mailer.settings.listen_address import ListenAddress
from tests.killing import Place, family
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, free_port(), f"sqlite:///{tmp_path / 'circular.db'}")


@pytest.fixture
def server(place: Place) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env=place.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait()


def eventually(holds: Callable[[], bool], seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False


def answers(place: Place) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{place.port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_what_dies_is_started_again_and_ctrl_c_stops_everything(
    place: Place, server: "subprocess.Popen[bytes]"
) -> None:
    ready = eventually(lambda: answers(place))
    first = family(server.pid)
    for pid in first:
        os.kill(pid, signal.SIGKILL)

    again = eventually(lambda: answers(place) and len(family(server.pid)) >= 3)
    second = family(server.pid)
    server.send_signal(signal.SIGINT)
    status = server.wait(40)

    assert ready
    assert again
    assert status == 0
    assert not set(first) & set(second)
    assert eventually(lambda: gone(second), 5)


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_orphan(
    place: Place, server: "subprocess.Popen[bytes]"
) -> None:
    assert eventually(lambda: answers(place))
    children = family(server.pid)

    server.kill()

    assert len(children) >= 3
    assert eventually(lambda: gone(children), 40)


def test_a_port_in_use_is_one_sentence(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)):
        tried = subprocess.run(
            [sys.executable, "-m", "flask", "serve"],
            cwd=ROOT,
            env=place.environment,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert tried.returncode == 1
    assert tried.stderr.strip() == (
        f"Error: Port {place.port} on 127.0.0.1 cannot be used (Address already in use): stop what "
        "is using it, or choose another with PORT."
    )


@contextmanager
def serving(place: Place, bounce_listen: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env={**place.environment, "BOUNCE_LISTEN": bounce_listen},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def listener_of(server: "subprocess.Popen[bytes]") -> list[int]:
    return [
        pid
        for pid in family(server.pid)
        if b"mailer.receipts.incoming.listener" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def sends(entrance: ListenAddress, delivery: int) -> bool:
    """Send the bounce of a delivery; false as long as nobody listens."""
    token = Tokens(b"a secret for tests").seal_for_mail(Purpose.RETURN, delivery)
    bounce = b"Subject: Undelivered\r\n\r\nGone.\r\n"
    try:
        client = smtplib.LMTP(entrance.path) if entrance.lmtp else smtplib.SMTP("", 0)
        with client:
            if not entrance.lmtp:
                client.connect(entrance.host, entrance.port)
            client.sendmail("", [f"b+{token}@news.example"], bounce)
    except OSError:
        return False
    return True


def kept_in(folder: Path) -> list[Path]:
    """The messages that came, read by now or not: nobody can make sense of these."""
    return list(folder.rglob("*.mail"))


@pytest.mark.slow
@pytest.mark.parametrize("lmtp", [False, True])
def test_bounces_are_received_also_after_the_listener_died(place: Place, lmtp: bool) -> None:
    setting = f"lmtp:{place.folder}/lmtp" if lmtp else f"127.0.0.1:{free_port()}"
    entrance = ListenAddress.parse(setting)
    with serving(place, setting) as server:
        first = eventually(lambda: sends(entrance, 1))
        (killed,) = listener_of(server)
        os.kill(killed, signal.SIGKILL)
        second = eventually(lambda: sends(entrance, 2), 30)
        again = listener_of(server)
        assert eventually(lambda: answers(place))  # granian is deaf to SIGTERM while it starts
        server.send_signal(signal.SIGTERM)
        status = server.wait(40)

    assert first
    assert second
    assert again != [killed]
    assert len(kept_in(place.folder / "incoming")) == 2
    assert status == 0
    assert eventually(lambda: gone(again), 5)
    assert not (place.folder / "lmtp").exists()


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_listener(place: Place) -> None:
    setting = f"127.0.0.1:{free_port()}"
    with serving(place, setting) as server:
        assert eventually(lambda: sends(ListenAddress.parse(setting), 1))
        listener = listener_of(server)

        server.kill()

        assert len(listener) == 1
        assert eventually(lambda: gone(listener), 10)


@pytest.mark.parametrize("setting", ["127.0.0.1:{}", "lmtp:/nowhere/at/all", "nonsense"])
def test_an_entrance_that_cannot_be_had_is_one_sentence(place: Place, setting: str) -> None:
    tried = subprocess.run(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env={**place.environment, "BOUNCE_LISTEN": setting.format(place.port)},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )

    assert tried.returncode == 1
    assert len(tried.stderr.strip().splitlines()) == 1
    assert "BOUNCE_LISTEN" in tried.stderr
