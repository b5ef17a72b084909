"""Wires the mailer: one function, every port a parameter, nothing built at import."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contacts.database import Database
from mailer import clock as wall_clock
from mailer.delivery.claims.in_hand import Hands, InHand
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.courier import Courier
from mailer.delivery.couriers.cpu_affinity import Core
from mailer.delivery.routing.pool import Relays
from mailer.delivery.routing.relay_state import Stations
from mailer.delivery.smtp.exchange import Timeouts
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.domains.answers import Resolver
from mailer.domains.nameservers import NameServers
from mailer.notices.carrying import NoticeCarrier
from mailer.security.tokens import Tokens
from mailer.security.vault import Vault
from mailer.settings.environment import Settings, load
from mailer.settings.relay_address import RelayAddress

_POOL: Final = 24


@dataclass(frozen=True, slots=True)
class Mailer:
    """What every door needs."""

    settings: Settings
    database: Database
    tokens: Tokens
    clock: Callable[[], datetime]
    lookups: Callable[[], Resolver]  # who answers the questions of one check of a domain


@dataclass(frozen=True, slots=True)
class Carriers:
    """What a worker process carries mail with; ``courier.id`` names the process."""

    courier: Courier
    notices: NoticeCarrier
    relays: Relays
    hands: InHand
    stopping: threading.Event


def bootstrap(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    clock: Callable[[], datetime] = wall_clock.now,
    lookups: Callable[[], Resolver] = NameServers,
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
        lookups=lookups,
    )


def carriers(
    mailer: Mailer, *, relay: RelayAddress | None = None, timeouts: Timeouts | None = None
) -> Carriers:
    """A courier with a name of its own, for one worker process.

    ``relay`` stands in for the relay of the environment.
    """
    settings = mailer.settings
    retries = RetryPolicy(settings.retry_schedule, settings.expire_after)
    stopping = threading.Event()
    courier_id = secrets.token_hex(8)
    vault = Vault(settings.secret)
    hands = InHand(Hands(), Hands())
    stations = Stations(
        mailer.database,
        courier_id=courier_id,
        fallback=relay or RelayAddress.parse(settings.relay_url),
        catching=settings.catching and relay is None,
        hello_name=settings.hello_name,
        most=settings.connections,
        vault=vault,
        clock=mailer.clock,
        timeouts=timeouts,
    )
    relays = Relays(mailer.database, stations, clock=mailer.clock, stopping=stopping)
    courier = Courier(
        courier_id,
        database=mailer.database,
        relays=relays,
        composers=Composers(mailer.database, mailer.tokens, settings),
        retries=retries,
        clock=mailer.clock,
        stopping=stopping,
        core=Core(settings.data_dir / "cores"),
        hands=hands.batches,
    )
    notices = NoticeCarrier(
        courier_id,
        database=mailer.database,
        relays=relays,
        tokens=mailer.tokens,
        vault=vault,
        retries=retries,
        bounce_domain=settings.bounce_domain,
        clock=mailer.clock,
        hands=hands.notices,
    )
    return Carriers(courier, notices, relays, hands, stopping)
