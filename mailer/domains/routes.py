"""The ways mail takes out of here: the relays that are switched on, if it leaves at all."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.models import Relay
from mailer.settings import Gate, Settings


@dataclass(frozen=True, slots=True)
class Route:
    """A relay's host, and the domain of return paths by it: "" for the installation's own."""

    host: str
    return_domain: str = ""


def routes(session: Session, settings: Settings) -> tuple[Route, ...]:
    """Every way in use, in the order of the relays; none while mail is caught here."""
    query = select(Relay).where(Relay.enabled).order_by(Relay.position, Relay.id)
    hosts = [
        (settings.relay_host if relay.from_environment else relay.host, relay.return_domain)
        for relay in session.scalars(query)
        # The catcher stands in for the relay of the environment, and gives way to any other.
        if not (relay.from_environment and settings.catching)
    ]
    return tuple(Route(host, domain) for host, domain in hosts if host)


def gate_of(session: Session, settings: Settings) -> Gate:
    """What happens to an issue of a sender that is not proven: nothing, while mail is caught."""
    return settings.gate if routes(session, settings) else Gate.OPEN
