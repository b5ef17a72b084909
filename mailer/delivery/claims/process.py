"""This worker process, as its couriers know it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from contacts.database import Database
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.delivery.claims.timing import Timing


@dataclass(frozen=True, slots=True)
class CourierProcess:
    """What all who carry mail in one process share; ``name`` is the ``courier_id`` of its claims.

    ``stopping`` is set when the process is to end: nothing more is begun then. ``may_send`` is
    asked before anything is claimed or begun: what people told us to stop comes first.
    """

    name: str
    database: Database
    clock: Callable[[], datetime]
    stopping: threading.Event
    held: HeldClaims = field(default_factory=HeldClaims)
    timing: Timing = field(default_factory=Timing)
    may_send: Callable[[], bool] = lambda: True
