"""Fixtures: each kind of database and broker, so that one test speaks for all of them."""

import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from contacts.database import Database
from mailer import migrations
from mailer.counts import keeping
from mailer.logs import SHOWN_WHOLE, hidden
from tests import compiling, services
from tests.services import PostgresServer

REQUIRED = os.environ.get("CI") == "true"

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("circular", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.load_profile("circular")

compiling.remember()

LONG = {"test_faults.py", "test_kills.py", "test_journey.py", "test_demo.py"}


# What --quick leaves out: servers that have to be started, real mail servers, browsers, processes.
SERVERS = {"postgres_server", "postgres_url", "redis_server", "valkey_url", "mail_server"}
HEAVY = {
    *("attacks", "contracts", "browser", "couriers", "imap", "worker"),
    *("test_dovecot.py", "test_serving.py", "test_pool.py", "test_connections.py"),
    *("test_unreadable_mail.py", "test_imports.py", "test_policies.py", "receipts"),
    *("test_connection_ends.py", "test_fairness.py", "test_values.py", "test_nameservers.py"),
    *LONG,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave out what starts servers, browsers or processes: SQLite and this process only",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("quick"):
        settings.load_profile("quick")


def is_quick(item: pytest.Item) -> bool:
    """Whether a test needs nothing but this process and files."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return not (
        item.get_closest_marker("slow")
        or item.get_closest_marker("browser")
        or HEAVY & set(item.path.parts[-4:])
        or SERVERS & set(getattr(item, "fixturenames", ()))
        or "postgresql" in parameters.values()
        or "scaled out" in parameters.values()
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest tests first: at the end, one of them would keep a single process busy."""
    items.sort(key=lambda item: item.path.name not in LONG)
    if config.getoption("quick"):
        left_out = [item for item in items if not is_quick(item)]
        items[:] = [item for item in items if is_quick(item)]
        config.hook.pytest_deselected(items=left_out)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: the tests wait for servers as much as they compute."""
    return (os.cpu_count() or 1) + 1


def unavailable(service: services.Unavailable) -> None:
    """Skip at home; in CI a missing service is a failure."""
    if REQUIRED:
        pytest.fail(f"{service} is needed when CI=true")
    pytest.skip(f"{service} is not installed here")


class _Listening(logging.Handler):
    """Hears what libraries log; ``processor`` hears what we do, before anything is hidden."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._hear(record.getMessage())

    def processor(self, _logger: object, _name: str, event: Any) -> Any:
        for name, value in event.items():
            if name not in {*SHOWN_WHOLE, "exc_info"}:
                self._hear(f"{event.get('event')}: {name}={value}")
        return event

    def _hear(self, line: str) -> None:
        if hidden(line) != line:
            self.heard.append(line)


_LISTENING = _Listening()
logging.getLogger().addHandler(_LISTENING)
structlog.configure(processors=[_LISTENING.processor, *structlog.get_config()["processors"]])


@pytest.fixture(autouse=True)
def _logs_without_addresses() -> Iterator[None]:
    """No test has anything logged that holds an address or the secret of a link.

    Exceptions are left to what hides them: their texts are those of others.
    """
    _LISTENING.heard.clear()
    yield
    heard = list(_LISTENING.heard)
    _LISTENING.heard.clear()
    if heard:
        pytest.fail(f"These lines of the log hold an address or a secret: {heard}")


@pytest.fixture(autouse=True)
def _counts_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine no page of a test shows the number of before."""
    monkeypatch.setattr(keeping, "CHEAP", 60_000)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server with one migrated database to copy."""
    try:
        with services.postgres() as server:
            server.execute("CREATE DATABASE template_circular")
            template = Database(server.url("template_circular"))
            migrations.upgrade(template.engine)
            template.dispose()
            yield server
    except services.Unavailable as error:
        unavailable(error)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis of this test run's own."""
    try:
        with services.redis() as url:
            yield url
    except services.Unavailable as error:
        unavailable(error)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = f"circular_{secrets.token_hex(6)}"
    # By way of the log: copying files would begin and end with a checkpoint of all databases.
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template_circular STRATEGY WAL_LOG")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "circular.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    path = tmp_path / "circular.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database, once of each kind."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    database = Database(url)
    yield database
    database.dispose()
