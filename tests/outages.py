"""What goes wrong around the program: a database that is away, and a disk that is full."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from contacts.database import Database


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Nothing can be written while the block runs: no connection, or another writer for long."""
    if database.is_sqlite:
        other = sqlite3.connect(database.engine.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
        return
    name, url = database.engine.url.database, database.engine.url
    server = url.set(drivername="postgresql", database="postgres").render_as_string(False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def fill_the_disk(patch: pytest.MonkeyPatch) -> None:
    """From now on no file grows; what is there may be written over and renamed."""
    write = os.write

    def full(file: int, octets: Any) -> int:
        at = os.lseek(file, 0, os.SEEK_CUR)
        if at + len(octets) > os.fstat(file).st_size:
            raise no_space()
        return write(file, octets)

    patch.setattr(os, "write", full)


def no_space() -> OSError:
    """What a full disk says."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
