"""``flask serve``: starts and restarts its processes, and leaves none behind."""

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
from tests.killing import Installation, descendants
from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path, free_port(), f"sqlite:///{tmp_path / 'circular.db'}")


@pytest.fixture
def server(installation: Installation) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env=installation.environment,
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


def is_ready(installation: Installation) -> bool:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{installation.port}/ready", timeout=2
        ) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def have_ended(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_a_dead_child_is_restarted_and_ctrl_c_stops_everything(
    installation: Installation, server: "subprocess.Popen[bytes]"
) -> None:
    ready = eventually(lambda: is_ready(installation))
    first = descendants(server.pid)
    for pid in first:
        os.kill(pid, signal.SIGKILL)

    again = eventually(lambda: is_ready(installation) and len(descendants(server.pid)) >= 3)
    second = descendants(server.pid)
    server.send_signal(signal.SIGINT)
    status = server.wait(40)

    assert ready
    assert again
    assert status == 0
    assert not set(first) & set(second)
    assert eventually(lambda: have_ended(second), 5)


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_orphan(
    installation: Installation, server: "subprocess.Popen[bytes]"
) -> None:
    assert eventually(lambda: is_ready(installation))
    children = descendants(server.pid)

    server.kill()

    assert len(children) >= 3
    assert eventually(lambda: have_ended(children), 40)


def test_a_port_in_use_is_one_sentence(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        tried = subprocess.run(
            [sys.executable, "-m", "flask", "serve"],
            cwd=ROOT,
            env=installation.environment,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    assert tried.returncode == 1
    assert tried.stderr.strip() == (
        f"Error: Port {installation.port} on 127.0.0.1 cannot be used (Address already in use): "
        "stop what is using it, or choose another with PORT."
    )


@contextmanager
def serve_with_listener(
    installation: Installation, bounce_listen: str
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env={**installation.environment, "BOUNCE_LISTEN": bounce_listen},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def listener_pids(server: "subprocess.Popen[bytes]") -> list[int]:
    return [
        pid
        for pid in descendants(server.pid)
        if b"mailer.receipts.incoming.listener" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def send_bounce(address: ListenAddress, delivery: int) -> bool:
    """Send the bounce of a delivery; false as long as nobody listens."""
    token = Tokens(b"a secret for tests, and long enough").seal_for_mail(Purpose.RETURN, delivery)
    bounce = b"Subject: Undelivered\r\n\r\nGone.\r\n"
    try:
        client = smtplib.LMTP(address.path) if address.lmtp else smtplib.SMTP("", 0)
        with client:
            if not address.lmtp:
                client.connect(address.host, address.port)
            client.sendmail("", [f"b+{token}@news.example"], bounce)
    except OSError:
        return False
    return True


def kept_in(folder: Path) -> list[Path]:
    """The messages that came, read by now or not: they are all unreadable."""
    return list(folder.rglob("*.mail"))


@pytest.mark.slow
@pytest.mark.parametrize("lmtp", [False, True])
def test_bounces_are_received_also_after_the_listener_died(
    installation: Installation, lmtp: bool
) -> None:
    setting = f"lmtp:{installation.folder}/lmtp" if lmtp else f"127.0.0.1:{free_port()}"
    address = ListenAddress.parse(setting)
    with serve_with_listener(installation, setting) as server:
        first = eventually(lambda: send_bounce(address, 1))
        (killed,) = listener_pids(server)
        os.kill(killed, signal.SIGKILL)
        second = eventually(lambda: send_bounce(address, 2), 30)
        again = listener_pids(server)
        assert eventually(
            lambda: is_ready(installation)
        )  # granian is deaf to SIGTERM while it starts
        server.send_signal(signal.SIGTERM)
        status = server.wait(40)

    assert first
    assert second
    assert again != [killed]
    assert len(kept_in(installation.folder / "incoming")) == 2
    assert status == 0
    assert eventually(lambda: have_ended(again), 5)
    assert not (installation.folder / "lmtp").exists()


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_listener(installation: Installation) -> None:
    setting = f"127.0.0.1:{free_port()}"
    with serve_with_listener(installation, setting) as server:
        assert eventually(lambda: send_bounce(ListenAddress.parse(setting), 1))
        listener = listener_pids(server)

        server.kill()

        assert len(listener) == 1
        assert eventually(lambda: have_ended(listener), 10)


@pytest.mark.parametrize("setting", ["127.0.0.1:{}", "lmtp:/nowhere/at/all", "nonsense"])
def test_a_listen_address_in_use_is_one_sentence(installation: Installation, setting: str) -> None:
    tried = subprocess.run(
        [sys.executable, "-m", "flask", "serve"],
        cwd=ROOT,
        env={**installation.environment, "BOUNCE_LISTEN": setting.format(installation.port)},
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )

    assert tried.returncode == 1
    assert len(tried.stderr.strip().splitlines()) == 1
    assert "BOUNCE_LISTEN" in tried.stderr


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.05, 0.3, 0.8, 1.5])
def test_the_web_server_obeys_sigterm_while_it_starts(
    installation: Installation, after: float
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mailer.web.server"], cwd=ROOT, env=installation.environment
    )
    try:
        assert eventually(lambda: bool(descendants(process.pid)))
        children = descendants(process.pid)
        time.sleep(after)

        process.terminate()
        process.wait(15)

        assert eventually(lambda: have_ended(children), 5)
    finally:
        process.kill()


@pytest.mark.slow
def test_no_web_process_outlives_a_server_that_was_killed(installation: Installation) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "mailer.web.server"], cwd=ROOT, env=installation.environment
    )
    assert eventually(lambda: is_ready(installation) or bool(descendants(process.pid)))
    children = descendants(process.pid)

    process.kill()
    process.wait()

    assert eventually(lambda: have_ended(children), 40)
