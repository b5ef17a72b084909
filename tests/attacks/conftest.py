"""The house under attack: a real web server on loopback, with a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.killing import ROOT, Installation, descendants
from tests.services import free_port


@dataclass(frozen=True, slots=True)
class House:
    """A running web server; every wait for it is bounded."""

    installation: Installation
    process: "subprocess.Popen[bytes]"

    @property
    def port(self) -> int:
        return self.installation.port

    def connect(self) -> socket.socket:
        """A connection on which nothing has been said."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> HTTPResponse:
        """The answer to one request, read whole; TimeoutError after 20 seconds."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()

    def say(self, octets: bytes) -> bytes:
        """What comes back to these octets, until the server has no more to say or closes."""
        with self.connect() as client:
            client.settimeout(3)
            client.sendall(octets)
            answer = b""
            try:
                while piece := client.recv(65536):
                    answer += piece
                    client.settimeout(0.3)
            except OSError:
                pass
        return answer

    def memory(self) -> int:
        """Octets of memory that its processes have, without what they share with files."""
        pids = [self.process.pid, *descendants(self.process.pid)]
        return sum(_resident(pid) for pid in pids)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One web process, as ``flask serve`` starts it."""
    folder = tmp_path_factory.mktemp("house")
    installation = Installation(folder, free_port(), f"sqlite:///{folder / 'circular.db'}")
    installation.flask("database", "upgrade")
    # Each attacker can so be another visitor.
    with serving(installation, TRUSTED_PROXIES="127.0.0.1") as process:
        yield House(installation, process)


class serving:  # noqa: N801  # read as a word of the language
    """The web server alone, while the block runs."""

    def __init__(self, installation: Installation, **more: str) -> None:
        self._installation = installation
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "subprocess.Popen[bytes]":
        log = (self._installation.folder / "web.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mailer.web.server"],
            cwd=ROOT,
            env={
                **self._installation.environment,
                **self._more,
                "CIRCULAR_PARENT": str(os.getpid()),
            },
            stdout=log,
            stderr=log,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._installation.port), timeout=1).close()
                return self._process
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the web server does not start")

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


def _resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
