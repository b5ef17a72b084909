"""How much a request may bring: little from a stranger, more from whoever a route lets in.

``@largest(octets)`` on a view says what its route takes. A route that says nothing takes
``bodies.SMALL`` from everybody, and a form of ``FORM`` from operators whom its policy lets in.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, TypeVar

from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

from mailer.models import Power
from mailer.web import limits
from mailer.web.front.bodies import SMALL, Allowance
from mailer.web.front.environ import REFUSED
from mailer.web.policy import Public, door_of, may, policy_of

View = TypeVar("View", bound=Callable[..., Any])

FORM: Final = 4 * 1024 * 1024  # octets of a form
LARGEST: Final = 200 * 1024 * 1024  # octets of a file of people


def largest(octets: int) -> Callable[[View], View]:
    """Let the route take bodies of so many octets from whoever may call it."""

    def mark(view: View) -> View:
        view.largest = octets  # type: ignore[attr-defined]  # read back by allowed
        return view

    return mark


def hold_to(app: Flask) -> None:
    """Hold every request to the bound of its route, before anything of its body is looked at.

    Behind the front door a body that is too large has not even been read: what is left to do is
    the page that says so.
    """

    @app.before_request
    def bound() -> None:
        if status := request.environ.get(REFUSED):
            abort(int(status))
        request.max_content_length = _of_route(app, request.endpoint)
        if (request.content_length or 0) > request.max_content_length:
            abort(413)


def allowed(app: Flask, environ: dict[str, Any]) -> Allowance:
    """What this request may bring, by its route and by who sends it."""
    asked = {**environ, "wsgi.input": BytesIO()}
    stranger = limits.visitor_at(environ["REMOTE_ADDR"])
    adapter = app.create_url_adapter(app.request_class(asked))
    assert adapter is not None
    try:
        endpoint, _ = adapter.match()
    except HTTPException:  # no such page
        return Allowance(SMALL, stranger)
    declared = policy_of(app, endpoint)
    if declared is Public.EVERYBODY or door_of(app, endpoint):
        return Allowance(_of_route(app, endpoint), stranger)
    # As a look, which takes no writer; nothing of the page itself is called.
    with app.request_context({**asked, "REQUEST_METHOD": "GET"}):
        if isinstance(declared, Power) and may(declared):
            return Allowance(_of_route(app, endpoint))
        return Allowance(SMALL, stranger)


def _of_route(app: Flask, endpoint: str | None) -> int:
    """The most octets for whoever is let in."""
    if endpoint is None:
        return SMALL
    said = getattr(app.view_functions[endpoint], "largest", None)
    if said is not None:
        return int(said)
    session_opens = isinstance(policy_of(app, endpoint), Power) and not door_of(app, endpoint)
    return FORM if session_opens else SMALL
