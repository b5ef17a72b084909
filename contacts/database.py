"""The database: its vocabulary of column types, its engine and its two kinds of transaction.

SQLite and PostgreSQL are served by the same code. SQLite has one writer, so a transaction says at
its start whether it will write: ``writing`` takes the writer at once and in turn, and ``reading``
can never find itself half-way in need of it.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    Text,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import JSON, TypeDecorator

BUSY_SECONDS = 30.0
# What says that the database is away, or has no connection left for so long: it can be waited for.
AWAY = (OperationalError, InterfaceError, TimeoutError)
_FRESH_SECONDS = 2.0
_CONNECT_SECONDS = 10


class Instant(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; SQLite keeps it without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# SQLite numbers rows by itself only when the key is spelt INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")

RowKey = Annotated[int, mapped_column(RowId, primary_key=True)]
RowNumber = Annotated[int, mapped_column(RowId)]
Slug = Annotated[str, mapped_column(String(80))]
Line = Annotated[str, mapped_column(String(998))]
Prose = Annotated[str, mapped_column(Text)]
Moment = Annotated[datetime, mapped_column(Instant)]
Json = Annotated[dict[str, Any], mapped_column(JSON)]


class Base(DeclarativeBase):
    """The one metadata; constraints are named, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """An engine and the only two ways to open a transaction on it."""

    def __init__(self, url: str, *, pool_size: int = 24) -> None:
        self.engine = _engine(url, pool_size)
        self._writing = self.engine.execution_options(writing=True)
        # Within a process writers queue here instead of polling SQLite's file lock.
        self._turn = threading.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent look at the database; nothing written here is kept."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[Session]:
        """A transaction that commits when the block ends well and leaves no trace otherwise.

        One that has something else to do than to wait says for how many seconds it has
        ``patience`` with other writers; after that the database counts as away.
        """
        engine = self._writing
        if patience is not None:
            engine = engine.execution_options(patience=patience)
        with (
            self._in_turn(patience),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            if patience is not None and not self.is_sqlite:
                limit = f"{int(patience * 1000)}ms"
                session.execute(select(func.set_config("lock_timeout", limit, True)))
            yield session

    @contextmanager
    def _in_turn(self, patience: float | None) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=-1 if patience is None else patience):
            raise TimeoutError("another thread of this process writes")
        try:
            yield
        finally:
            self._turn.release()

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,  # an error that is logged names no person
            pool_size=pool_size,
            max_overflow=0,  # threads wait for one, which is cheaper than to open another
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={
            "application_name": "circular",
            "connect_timeout": _CONNECT_SECONDS,
            # A server that has gone without a word is found out by what it does not acknowledge.
            "tcp_user_timeout": _CONNECT_SECONDS * 1000,
        },
    )
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _ask_the_idle)
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_the_idle(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    # A server that was restarted leaves dead connections in the pool. Asking each of them every
    # time would add a round trip to every transaction; one that was used just now is alive.
    if time.monotonic() - record.info.get("used", time.monotonic()) < _FRESH_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as dead:  # whatever the driver says of it, it is not lent
        raise DisconnectionError from dead


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite says which kind it is.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # An attempt is committed before its content leaves; that has to hold through a power cut too.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience = options.get("patience")
    if patience is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
        return
    # The driver's connection outlives this transaction, and others on it wait for longer.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def words(kind: type[StrEnum]) -> Enum:
    """A column of a StrEnum's values, as plain text: adding a value needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
