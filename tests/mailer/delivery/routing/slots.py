"""Slots at relays that nobody connects to."""

from contacts.database import Database
from mailer.clock import now
from mailer.delivery.routing.concurrency import Concurrency
from mailer.delivery.routing.connections import Connections
from mailer.delivery.routing.pacing import RelayPace
from mailer.delivery.routing.relay_state import RelayState
from mailer.delivery.routing.slots import RelaySlot
from mailer.settings.relay_address import RelayAddress


def a_slot(*, one_takes: float, connections: int = 8) -> RelaySlot:
    """A slot at a relay where a message takes ``one_takes`` seconds on each connection."""
    address = RelayAddress(host="127.0.0.1", port=9)
    concurrency = Concurrency(limit=connections, speed=None, now=0)
    concurrency.allowed = connections
    return RelaySlot(
        RelayState(
            1,
            "Relay",
            address,
            connections=Connections(address, hello_name="localhost"),
            pace=RelayPace(Database("sqlite:////nowhere/none.db"), 1, clock=now),
            concurrency=concurrency,
            one_takes=one_takes,
        )
    )
