"""The network as pages show it: read once for each request, however much a page says of it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import cast

from flask import g
from sqlalchemy.exc import SQLAlchemyError

from mailer.clock import wall_of, zone_of
from mailer.models import Installation
from mailer.network import details
from mailer.network.details import NetworkDetails
from mailer.web.transactions import session, this_mailer


@dataclass(frozen=True, slots=True)
class ShownNetwork:
    """Values, and no row: they outlast the transaction they were read in."""

    details: NetworkDetails
    privacy_notice_url: str

    @classmethod
    def of(cls, kept: Installation | None) -> "ShownNetwork":
        return cls(NetworkDetails.of(kept), kept.privacy_notice_url if kept else "")


def network() -> ShownNetwork:
    """The network as it was when this request first asked."""
    if "network" not in g:
        try:
            kept = details.find(session())
        except SQLAlchemyError:  # the page that says so is dressed with it too
            return ShownNetwork.of(None)
        g.network = ShownNetwork.of(kept)
    return cast("ShownNetwork", g.network)


def zone() -> str:
    """The name of the zone in which pages show times."""
    return network().details.time_zone


def clocks() -> tzinfo:
    """The same, to reckon with."""
    return zone_of(zone())


def local(moment: datetime) -> datetime:
    """What the network's clocks show at a moment."""
    return wall_of(moment, zone())


def local_now() -> datetime:
    """What they show now."""
    return local(this_mailer().clock())
