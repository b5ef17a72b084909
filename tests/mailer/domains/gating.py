"""Helpers for tests of the sender gate: a DNS that may change, checks in the past, relays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import QueuePool

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.domains import standing
from mailer.domains.checking import Check
from mailer.models import Relay
from mailer.settings.relay_address import TlsMode
from tests.fakes.resolver import FakeResolver, SilentResolver
from tests.mailer.domains.zones import DOMAIN, in_order, resolver

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Dns:
    """A DNS whose zone a test may change. It counts checks, and allows none in a transaction."""

    def __init__(self) -> None:
        self.zone: dict[str, Any] | None = in_order()
        self.checks = 0
        self.database: Database | None = None
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> FakeResolver:
        self.checks += 1
        if self.database is not None:
            pool = self.database.engine.pool
            assert isinstance(pool, QueuePool)
            assert pool.checkedout() == 0, "a transaction is open while DNS is asked"
        self.meanwhile()
        return SilentResolver() if self.zone is None else resolver(self.zone)


def add_checks(mailer: Mailer, *checks: tuple[bool | None, timedelta]) -> None:
    """Add checks with these verdicts, each made so long ago."""
    with mailer.database.writing() as session:
        for aligned, ago in checks:
            standing.keep(session, Check(DOMAIN, aligned, ()), now=NOW - ago)


def a_relay(host: str, **more: Any) -> Relay:
    values = {
        "name": host,
        "position": 1,
        "enabled": True,
        "from_environment": False,
        "port": 25,
        "tls": TlsMode.NONE,
        "verify": True,
        "return_domain": "",
        "connections": 8,
        "failures": 0,
        "refused": False,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Relay(host=host, **{**values, **more})
