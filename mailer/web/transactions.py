"""One request is one transaction: opened when first needed, closed at the door.

A GET reads. Anything else may write, and commits only when it ends without an error page; a view
marked as ``reading`` takes a form too long for a URL and writes nothing either. What was posted is
parsed before any transaction is open, and an error page opens none that writes: nobody waits for
SQLite's one writer because of a long form or a wrong one.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.local import LocalProxy

from mailer.bootstrap import Mailer
from mailer.counts import keeping

View = TypeVar("View", bound=Callable[..., Any])


def reading(view: View) -> View:
    """This view only looks, whatever the method: it does not wait for SQLite's one writer."""
    view.reads = True  # type: ignore[attr-defined]  # read back by session
    return view


def this_mailer() -> Mailer:
    """The mailer of this application."""
    return cast("Mailer", current_app.extensions["mailer"])


def session() -> Session:
    """This request's session."""
    if "session" not in g:
        database = this_mailer().database
        view = current_app.view_functions.get(request.endpoint or "")
        looks = (
            request.method in {"GET", "HEAD", "OPTIONS"}
            or view is None
            or getattr(view, "reads", False)
            or g.get("looks", False)
        )
        reads = looks and not g.get("writes", False)
        g.reads = reads
        g.transaction = database.reading() if reads else database.writing()
        g.session = g.transaction.__enter__()
    return cast("Session", g.session)


current_session = LocalProxy(session)


def start_again() -> None:
    """Undo what was done and let another transaction begin, for a page that tells of a fault.

    After one the old transaction answers nothing more, and rows of it can't be looked at.
    """
    _end(_NotGood())
    g.looks, g.writes = True, False


def write_from_now_on() -> None:
    """Let what this request asks of the database next be written, though its view only looks.

    For views that take their time before they write: nobody waits for the writer meanwhile.
    """
    if not g.get("writes", False) and g.get("reads", False):
        _end(None)
    g.writes = True


def commit_at_the_end(app: Flask) -> None:
    """Commit when the answer is good, roll back when it is not."""

    @app.after_request
    def commit(response: Response) -> Response:
        if response.status_code < 400:
            _end(None)
        return response

    @app.teardown_request
    def roll_back(_error: BaseException | None) -> None:
        _end(_NotGood())


def commit_early() -> None:
    """Commit what is done so far and close the transaction: what comes next may take its time.

    Whatever is needed from the database after that begins another one.
    """
    _end(None)


def only_look() -> None:
    """Take back what was not committed: the page that says so waits for no writer a second time."""
    if "session" in g:
        g.session.expunge_all()  # who is signed in stays known
    g.looks, g.writes = True, False
    _end(_NotGood())


class _NotGood(Exception):
    """Tells a transaction that its request did not end well."""


def _end(error: Exception | None) -> None:
    transaction: AbstractContextManager[Session] | None = g.pop("transaction", None)
    held = g.pop("session", None)
    if transaction is None:
        return
    if error is None:
        transaction.__exit__(None, None, None)
        if g.get("reads", False):  # what is counted beside changes may yet be taken back
            mailer = this_mailer()
            keeping.keep(mailer.database, held, now=mailer.clock())
        return
    try:
        transaction.__exit__(type(error), error, None)
    except _NotGood:
        return
