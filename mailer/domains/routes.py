"""The relays that mail leaves by: those that are switched on, if mail leaves at all."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.models import Relay
from mailer.settings.environment import Gate, Settings


@dataclass(frozen=True, slots=True)
class Route:
    """A relay's host, and the domain of return paths by it: "" for the installation's own."""

    host: str
    return_domain: str = ""


def in_use(session: Session, *, catching: bool) -> list[Relay]:
    """The relays that are switched on, in their order.

    ``catching`` says that the relay of the environment is the catcher, which gives way to any
    other.
    """
    query = select(Relay).where(Relay.enabled).order_by(Relay.position, Relay.id)
    rows = list(session.scalars(query))
    return [row for row in rows if not (catching and row.from_environment)] or rows


def is_caught(session: Session, settings: Settings) -> bool:
    """Whether mail stays here: no relay but the catcher is switched on."""
    return settings.catching and all(
        relay.from_environment for relay in in_use(session, catching=True)
    )


def routes(session: Session, settings: Settings) -> tuple[Route, ...]:
    """The routes in use, in the order of the relays; none while mail is caught here."""
    if is_caught(session, settings):
        return ()
    return tuple(
        Route(settings.relay.host if relay.from_environment else relay.host, relay.return_domain)
        for relay in in_use(session, catching=settings.catching)
    )


def gate_of(session: Session, settings: Settings) -> Gate:
    """What happens to an issue of an unproven sender; the gate is open while mail is caught."""
    return Gate.OPEN if is_caught(session, settings) else settings.gate
