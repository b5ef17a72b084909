"""The database's shape through time: bring it up to date, and say whether it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, column, inspect, select, table

from mailer.counts import marks

HEAD = "head"
_VERSIONS: Final = Path(__file__).parent / "versions"
_KEPT_IN: Final = "alembic_version"
_REVISION: Final = table(_KEPT_IN, column("version_num")).c.version_num


class MigrationFailed(RuntimeError):
    """The tables could not be changed; they are as they were."""


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Bring the database up to ``to``."""
    _run(engine, "upgrade", to)


def downgrade(engine: Engine, to: str) -> None:
    """Take the database back to ``to``; "base" is before the first table."""
    _run(engine, "downgrade", to)


def current(engine: Engine) -> str | None:
    """The revision the database is at, None before the first."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_KEPT_IN):
            return None
        found: str | None = connection.scalar(select(_REVISION))
        return found


def newest() -> str:
    """The revision that this code expects: the number of the last file."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def is_behind(engine: Engine) -> bool:
    """Whether this code expects tables the database does not have yet."""
    return current(engine) != newest()


def _run(engine: Engine, act: str, to: str) -> None:
    # Alembic takes long to import, and a process that finds its tables there needs none of it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(_VERSIONS.parent))
    with (
        engine.execution_options(writing=True).connect() as connection,
        _tables_may_be_replaced(connection),
        connection.begin(),
    ):
        settings.attributes["connection"] = connection
        marks.remove(connection)
        getattr(command, act)(settings, to)
        marks.install(connection)
        if connection.dialect.name == "sqlite" and (
            broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        ):
            raise MigrationFailed(f"a row of {broken[0]} would refer to nothing in {broken[2]}")


@contextmanager
def _tables_may_be_replaced(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making another and dropping the old one, whose rows others refer
    to. So references are checked once at the end: not while it is changed, nor row by row."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    # Within a transaction it would do nothing, so SQLAlchemy, which begins one, is not asked.
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")
