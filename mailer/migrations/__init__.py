"""The database's shape through time: bring it up to date, and say whether it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

HEAD = "head"


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
    with engine.execution_options(writing=True).begin() as connection:
        settings.attributes["connection"] = connection
        assert callable(act)
        act(settings, to)
