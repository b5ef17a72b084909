"""The door of sessions: each request of a signed-in operator is checked against the database.

The cookie holds the secret of a session where Flask-Login keeps a user's id. Whatever way somebody
signs in or out by, the libraries' signals bring it here.
"""

from typing import Any, Final

from flask import Flask, flash, g, request
from flask import session as cookie
from flask_login import AnonymousUserMixin, user_logged_out
from flask_security import UserMixin, user_authenticated
from flask_security.forms import LoginForm

from contacts.database import AWAY
from mailer.accounts import sessions
from mailer.models import Operator, OperatorSession
from mailer.web.devices import device_of
from mailer.web.transactions import session, this_mailer, write_from_now_on

BY_LINK: Final = "link"  # what a sign-in says of itself; the library's own says "password"
_USER: Final = "_user_id"
_LOADED: Final = "_login_user"  # where Flask-Login keeps it within a request


class SignedIn(UserMixin, Operator):  # type: ignore[misc]  # the library types roles loosely
    """An operator with what Flask-Security wants to know of a user; the table is the same."""


class SignInForm(LoginForm):
    """Address and password, and no cookie that would outlive the session."""

    remember = None


def set_up(app: Flask) -> None:
    """Check every request, once Flask-Security is there."""
    login_manager: Any = app.extensions["security"].login_manager
    login_manager.user_loader(_load)
    # The library has tokens of its own, which no end of a session would stop.
    login_manager.request_loader(_nobody)
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)


def note_use_at_the_end(app: Flask) -> None:
    """Write down that a session is in use; asked for before the transactions' own end is set up,
    it comes after that end and holds up nothing."""

    @app.teardown_request
    def note(_error: BaseException | None) -> None:
        noted = g.pop("session_to_note", None)
        if noted is None:
            return
        session_id, now = noted
        try:
            with this_mailer().database.writing() as apart:
                sessions.note_use(apart, session_id, now=now)
        except AWAY:
            return  # the next request tries again


def present() -> OperatorSession:
    """The session of the person who is asking, and is signed in."""
    return session().get_one(OperatorSession, g.operator_session.id)


def keep_secret(secret: str) -> None:
    """From this answer on the browser goes by another secret."""
    cookie[_USER] = secret


def ask_again() -> None:
    """Have the person who is asking looked for anew: their row went with its transaction."""
    g.pop(_LOADED, None)


def as_nobody() -> None:
    """Go on as for a visitor, where nobody can be looked for."""
    setattr(g, _LOADED, AnonymousUserMixin())


def say_if_ended() -> None:
    """A word for somebody whose session has ended since they last were here, once."""
    if cookie.pop(_USER, None):
        flash("You were signed out. Sign in again to go on.", "warning")


def _load(secret: str) -> SignedIn | None:
    now = this_mailer().clock()
    held = sessions.find(session(), secret, now=now)
    if held is None:
        return None
    g.operator_session = held
    if sessions.is_to_be_noted(held, now=now):
        g.session_to_note = held.id, now
    return session().get(SignedIn, held.operator_id)


def _nobody(_request: object) -> None:
    return None


def _begin(_app: Flask, *, user: SignedIn, authn_via: list[str], **_: Any) -> None:
    write_from_now_on()  # the password was checked by a view that looks
    secret = sessions.begin(
        session(),
        user.id,
        by_link=BY_LINK in authn_via,
        device=device_of(request.user_agent.string),
        now=this_mailer().clock(),
    )
    cookie.clear()  # nothing that was in the browser before has any part in what comes
    keep_secret(secret)


def _end(_app: Flask, **_: Any) -> None:
    held = g.pop("operator_session", None)
    if held is not None:
        now = this_mailer().clock()
        sessions.end(session(), held.id, of=held.operator_id, now=now)
    cookie.clear()
