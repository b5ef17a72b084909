"""Relays for programs: how they stand, and how fast they may be."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from mailer.errors import FormError
from mailer.models import Power
from mailer.relays import registry
from mailer.relays.form import plain
from mailer.relays.registry import ListedRelay
from mailer.security.vault import Vault
from mailer.web.api import asking
from mailer.web.api.bearer import caller
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("api_relays", __name__, url_prefix="/api/v1/relays")
# Where mail goes and as whom is for the settings of admins.
_KEPT_BACK: Final = frozenset({"host", "port", "tls", "username", "return_domain"})


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every relay, in the order in which they are used."""
    here = this_mailer()
    found = registry.listing(session(), here.settings, now=here.clock())
    return jsonify(relays=[_document(each) for each in found])


@blueprint.patch(f"/<{asking.NUMBER}:relay_id>")
@policy(Power.ADMIN)
def change(relay_id: int) -> ResponseReturnValue:
    """Set its speed, or what an hour or a day may see; what is not named stays."""
    limits = _as_typed(asking.body(registry.LIMITS))
    here, now = this_mailer(), this_mailer().clock()
    vault, actor = Vault(here.settings.secret), caller().actor
    registry.limit(session(), relay_id, limits, vault=vault, actor=actor, now=now)
    return jsonify(_document(registry.listed(session(), relay_id, here.settings, now=now)))


def _as_typed(limits: Mapping[str, object]) -> Mapping[str, str]:
    """Numbers as a person would type them: one way of reading says what is wrong with them."""
    typed: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for name, value in limits.items():
        match value:
            case int():
                typed[name] = str(value)  # "True" is no number either, to whoever reads it
            case float() | None:
                typed[name] = plain(value)
            case _:
                faults.append((name, "Write a number, or null for no limit."))
    if faults:
        raise FormError(faults)
    return typed


def _document(listed: ListedRelay) -> dict[str, Any]:
    return {name: told for name, told in listed.to_json().items() if name not in _KEPT_BACK}
