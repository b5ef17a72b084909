"""Who may call a route: every route says so, and one that does not is closed to everybody.

``@policy(Power.EDITOR)`` lets in operators with that power or a higher one; ``@public`` everybody.
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
from mailer.models import Power
from mailer.web import sessions

View = TypeVar("View", bound=Callable[..., Any])


class Public(Enum):
    """The policy of pages that anybody may call."""

    EVERYBODY = "everybody"


Policy = Power | Public
Door = Callable[[Power], None]  # lets whoever is asking in, or raises
_POWERS: Final = list(Power)
# Routes that libraries bring; Flask-Security guards its own beyond the door.
_LIBRARIES: Final[dict[str, Policy]] = {
    "static": Public.EVERYBODY,
    "security.login": Public.EVERYBODY,
    "security.logout": Public.EVERYBODY,
    "security.static": Power.ADMIN,  # no page of ours uses it
}


def policy(power: Power) -> Callable[[View], View]:
    """Let in operators with this power, or a higher one."""

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
    """Whether the person signed in has this power."""
    if not current_user.is_authenticated:
        return False
    held = [_POWERS.index(Power(role.name)) for role in current_user.roles]
    return max(held, default=-1) >= _POWERS.index(power)


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
        if not may(declared):
            abort(403)
        return None
