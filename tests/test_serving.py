"""``flask serve``: starts everything, restarts what dies, stops as one, leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
