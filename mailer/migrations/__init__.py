"""The database's shape through time: bring it up to date, and say whether it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

HEAD = "head"


class MigrationFailed(RuntimeError):
    """The tables could not be changed; they are as they were."""


def config() -> Config:
    """Alembic's configuration; there is no ini file, the engine is handed in."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def upgrade(engine: Engine, to: str = HEAD) -> None:
    """Bring the database up to ``to``."""
    _run(engine, command.upgrade, to)


def downgrade(engine: Engine, to: str) -> None:
    """Take the database back to ``to``; "base" is before the first table."""
    _run(engine, command.downgrade, to)


def current(engine: Engine) -> str | None:
    """The revision the database is at, None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_behind(engine: Engine) -> bool:
    """Whether this code expects tables the database does not have yet."""
    return current(engine) != ScriptDirectory.from_config(config()).get_current_head()


def _run(engine: Engine, act: object, to: str) -> None:
    settings = config()
    with (
        engine.execution_options(writing=True).connect() as connection,
        _tables_may_be_replaced(connection),
        connection.begin(),
    ):
        settings.attributes["connection"] = connection
        assert callable(act)
        act(settings, to)
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
