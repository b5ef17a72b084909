"""Builds what a worker process sends mail with, once."""

import secrets
import threading
from dataclasses import dataclass

from mailer.bootstrap import Mailer
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.claims.timing import Timing
from mailer.delivery.couriers.composers import Composers
from mailer.delivery.couriers.courier import Courier
from mailer.delivery.couriers.cpu_affinity import CpuAffinity
from mailer.delivery.routing.pool import Relays
from mailer.delivery.routing.relay_state import RelayStates
from mailer.delivery.smtp.wire import Timeouts
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.notices.carrying import SystemMailCarrier
from mailer.receipts.withdrawals.withdrawals import Withdrawals
from mailer.security.vault import Vault
from mailer.settings.relay_address import RelayAddress


@dataclass(frozen=True, slots=True)
class Carriers:
    """The courier and the carrier of system mail of one worker process, with what they share."""

    process: CourierProcess
    courier: Courier
    notices: SystemMailCarrier
    relays: Relays
    withdrawals: Withdrawals


def carriers(
    mailer: Mailer,
    *,
    relay: RelayAddress | None = None,
    timeouts: Timeouts | None = None,
    timing: Timing | None = None,
) -> Carriers:
    """The carriers of a new worker process, with a random name.

    ``relay`` stands in for the relay of the environment.
    """
    settings = mailer.settings
    retries = RetryPolicy(settings.retry_schedule, settings.expire_after)
    vault = Vault(settings.secret)
    withdrawals = Withdrawals(mailer)
    process = CourierProcess(
        secrets.token_hex(8),
        database=mailer.database,
        clock=mailer.clock,
        stopping=threading.Event(),
        timing=timing or Timing(),
        may_send=withdrawals.all_applied,
    )
    states = RelayStates(
        process,
        fallback=relay or settings.relay,
        catching=settings.catching and relay is None,
        hello_name=settings.hello_name,
        most=settings.connections,
        vault=vault,
        timeouts=timeouts,
    )
    relays = Relays(process, states)
    courier = Courier(
        process,
        relays=relays,
        composers=Composers(mailer.database, mailer.tokens, settings),
        retries=retries,
        affinity=CpuAffinity(settings.data_dir / "cores"),
    )
    notices = SystemMailCarrier(
        process,
        relays=relays,
        tokens=mailer.tokens,
        vault=vault,
        retries=retries,
        settings=settings,
    )
    return Carriers(process, courier, notices, relays, withdrawals)
