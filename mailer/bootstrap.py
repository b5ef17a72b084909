"""Wires the mailer: one function, every port a parameter, nothing built at import."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from contacts.database import Database
from mailer import clock as wall_clock
from mailer.domains.answers import Resolver
from mailer.fetching.asking import AddressFetcher
from mailer.security.tokens import Tokens
from mailer.settings.environment import Settings, load

_POOL: Final = 24


@dataclass(frozen=True, slots=True)
class Mailer:
    """What every door needs."""

    settings: Settings
    database: Database
    tokens: Tokens
    clock: Callable[[], datetime]
    lookups: Callable[[], Resolver]  # who answers the questions of one check of a domain
    fetcher: AddressFetcher = field(
        default_factory=AddressFetcher
    )  # who asks other people’s servers


def bootstrap(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    clock: Callable[[], datetime] = wall_clock.now,
    lookups: Callable[[], Resolver] | None = None,
    fetcher: AddressFetcher | None = None,
) -> Mailer:
    """The mailer for these settings, or for those of the environment."""
    settings = settings or load()
    return Mailer(
        settings=settings,
        # Courier threads talk to the relay most of their time; the sweep, the spool and the pages
        # need some too.
        database=database or Database(settings.database, pool_size=_POOL),
        tokens=Tokens(settings.secret),
        clock=clock,
        lookups=lookups or _name_servers,
        fetcher=fetcher or AddressFetcher(),
    )


def _name_servers() -> Resolver:
    # What asks them takes long to import, and most commands ask nobody.
    from mailer.domains.nameservers import NameServers  # noqa: PLC0415

    return NameServers()
