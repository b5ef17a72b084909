"""What a worker process carries mail with."""

import secrets
import threading
from dataclasses import dataclass

from mailer.bootstrap import Mailer
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.courier import Courier
from mailer.delivery.couriers.cpu_affinity import CpuAffinity
from mailer.delivery.routing.pool import Relays
from mailer.delivery.routing.relay_state import RelayStates
from mailer.delivery.smtp.wire import Timeouts
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.notices.carrying import NoticeCarrier
from mailer.security.vault import Vault
from mailer.settings.relay_address import RelayAddress


@dataclass(frozen=True, slots=True)
class Carriers:
    """What a worker process carries mail with; ``courier.id`` names the process."""

    courier: Courier
    notices: NoticeCarrier
    relays: Relays
    held: HeldClaims
    stopping: threading.Event


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
    held = HeldClaims()
    states = RelayStates(
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
    relays = Relays(mailer.database, states, clock=mailer.clock, stopping=stopping)
    courier = Courier(
        courier_id,
        database=mailer.database,
        relays=relays,
        composers=Composers(mailer.database, mailer.tokens, settings),
        retries=retries,
        clock=mailer.clock,
        stopping=stopping,
        affinity=CpuAffinity(settings.data_dir / "cores"),
        held=held.batches,
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
        held=held.notices,
    )
    return Carriers(courier, notices, relays, held, stopping)
