"""Who may call a route: every route says so, and one that does not is closed to everybody.

``@policy(Power.EDITOR)`` lets in operators who may do what an editor may, by the table of
``mailer.accounts.roles``; ``@public`` everybody.
Who is asking, a page knows by its session. Programs come by doors of their own, which look at no
cookie: so no form of another site can use them, and they need no token against that.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from contacts.actors import Actor
from mailer.accounts import operators, roles
from mailer.errors import NotTheirs
from mailer.models import Power
from mailer.web import sessions
from mailer.web.transactions import session

View = TypeVar("View", bound=Callable[..., Any])


class Public(Enum):
    """The policy of pages that anybody may call."""

    EVERYBODY = "everybody"


Policy = Power | Public
Door = Callable[[Power], None]  # lets whoever is asking in, or raises
# Routes that libraries bring; Flask-Security guards its own beyond the door.
_LIBRARIES: Final[dict[str, Policy]] = {
    "static": Public.EVERYBODY,
    "security.login": Public.EVERYBODY,
    "security.logout": Public.EVERYBODY,
    "security.static": Power.ADMIN,  # no page of ours uses it
}


def policy(power: Power) -> Callable[[View], View]:
    """Let in operators whose role includes this one."""

    def mark(view: View) -> View:
        view.policy = power  # type: ignore[attr-defined]  # read back by policy_of
        return view

    return mark


def public(view: View) -> View:
    """Let everybody in."""
    view.policy = Public.EVERYBODY  # type: ignore[attr-defined]  # read back by policy_of
    return view


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """What a route has declared; None when it has declared nothing."""
    found = getattr(app.view_functions.get(endpoint), "policy", None)
    return found or _LIBRARIES.get(endpoint)


def door_of(app: Flask, endpoint: str) -> Door | None:
    """The door of its own by which a route is reached; None for pages, which sessions open."""
    doors: Mapping[str, Door] = app.extensions["doors"]
    return doors.get(endpoint.rpartition(".")[0])


def acting() -> Actor:
    """The person signed in, as the audit names them."""
    return Actor.operator(current_user.id)


def may(power: Power) -> bool:
    """Whether the person signed in may do what this role may."""
    if not current_user.is_authenticated:
        return False
    return roles.allows(roles.highest(role.name for role in current_user.roles), power)


def who_else(power: Power) -> str:
    """Who can do what this role may, in a sentence; nothing where the person signed in can."""
    return "" if may(power) else roles.only(power, operators.who_may(session(), power))


def guard(app: Flask, doors: Mapping[str, Door]) -> None:
    """Ask every request's route for its policy before anything else happens.

    ``doors`` are the blueprints no session opens: each judges by itself whether the power asked for
    is there.
    """
    app.extensions["doors"] = doors

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:  # no such page: the 404 is for everybody
            return None
        declared = policy_of(app, request.endpoint)
        if declared is Public.EVERYBODY:
            return None
        if not isinstance(declared, Power):
            abort(403)
        if door := door_of(app, request.endpoint):
            door(declared)
            return None
        if not current_user.is_authenticated:
            sessions.say_if_ended()
            wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return redirect(url_for("security.login", next=wanted))
        if refusal := who_else(declared):
            raise NotTheirs(refusal)
        return None
