"""Relays for programs: how they stand, and how fast they may be."""

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from mailer import relay_limits
from mailer.models import Power, Relay
from mailer.web.api import asking
from mailer.web.api.bearer import caller
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("api_relays", __name__, url_prefix="/api/v1/relays")


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every relay, in the order in which they are used."""
    rows = session().scalars(select(Relay).order_by(Relay.position, Relay.id))
    now = this_mailer().clock()
    return jsonify(relays=[_document(relay, now) for relay in rows])


@blueprint.patch(f"/<{asking.NUMBER}:relay_id>")
@policy(Power.ADMIN)
def change(relay_id: int) -> ResponseReturnValue:
    """Set its speed, or what an hour or a day may see; what is not named stays."""
    limits = asking.body(relay_limits.FIELDS)
    now = this_mailer().clock()
    relay = relay_limits.set_limits(session(), relay_id, limits, actor=caller().actor, now=now)
    return jsonify(_document(relay, now))


def _document(relay: Relay, now: datetime) -> dict[str, Any]:
    """No address, no user and no password: where mail goes is for the settings of admins."""
    speed = relay.speed(now)
    return {
        "id": relay.id,
        "name": relay.name,
        "position": relay.position,
        "on": relay.enabled,
        "trouble": relay.trouble,
        "try_again_at": relay.try_again_at.isoformat() if relay.try_again_at else None,
        "per_second": relay.per_second,
        "slowed_to": speed if speed != relay.per_second else None,
        "per_hour": relay.per_hour,
        "per_day": relay.per_day,
        "connections": relay.connections,
    }
