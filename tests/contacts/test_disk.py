"""A full disk is known as such whoever says so, and nothing else is taken for one."""

import errno
import sqlite3

import psycopg.errors
import pytest
from sqlalchemy.exc import OperationalError

from contacts.database import Database
from contacts.disk import is_full


def test_sqlite_says_so_itself(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(OperationalError) as fault:
            connection.exec_driver_sql("CREATE TABLE much AS SELECT zeroblob(1000000)")
    database.dispose()

    assert is_full(fault.value)


def test_postgresql_says_so_by_its_code() -> None:
    assert is_full(OperationalError("UPDATE", {}, psycopg.errors.DiskFull("no space")))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_file_says_so_by_its_number(number: int) -> None:
    fault = ValueError("of ours")
    fault.__cause__ = OSError(number, "whatever")

    assert is_full(OSError(number, "whatever"))
    assert is_full(fault)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        OSError(errno.EACCES, "no"),
        FileNotFoundError(),
        sqlite3.OperationalError("database is locked"),
        OperationalError("UPDATE", {}, psycopg.errors.LockNotAvailable("busy")),
    ],
    ids=repr,
)
def test_nothing_else_is_one(fault: Exception | None) -> None:
    assert not is_full(fault)
