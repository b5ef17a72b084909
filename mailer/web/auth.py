"""Signing in: by password through Flask-Security, or by a link that works once."""

import hashlib
from datetime import timedelta

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import (
    Security,
    SQLAlchemySessionUserDatastore,
    login_user,
    logout_user,
)
from flask_wtf import CSRFProtect

from mailer.accounts import sign_in_links
from mailer.bootstrap import Mailer
from mailer.models import OperatorRole
from mailer.web import limits, sessions
from mailer.web.policy import public
from mailer.web.sessions import SignedIn, SignInForm
from mailer.web.sign_in import passwords, words
from mailer.web.transactions import current_session, session, this_mailer

csrf = CSRFProtect()
blueprint = Blueprint("sign_in", __name__)


def set_up(app: Flask, mailer: Mailer) -> None:
    """Sessions, sign-in, CSRF and limits for this application."""
    settings = mailer.settings
    secret = hashlib.blake2b(settings.secret, person=b"web session").hexdigest()
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="circular",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.site.startswith("https://"),
        SECURITY_PASSWORD_SALT=hashlib.blake2b(
            settings.secret, person=b"password salt"
        ).hexdigest(),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the scheme (argon2id), no password
        SECURITY_LOGIN_URL="/login",
        SECURITY_LOGOUT_URL="/logout",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_LOGIN_USER_TEMPLATE="admin/sign_in.html",
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_REGISTERABLE=False,
        SECURITY_FRESHNESS=timedelta(minutes=-1),  # no page of its own to ask for a password again
        SECURITY_CLI_USERS_NAME=False,
        SECURITY_CLI_ROLES_NAME=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_REDIRECT_VALIDATE_MODE=["regex"],
        SECURITY_CACHE_CONTROL={},  # it writes "no-store=True"; security.py writes what holds
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SESSION_PROTECTION=None,  # it would keep a hash of the visitor's address in the cookie
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=True,
        **words.settings(),
    )
    csrf.init_app(app)
    limits.set_up(app, storage_url=settings.limits_url)
    datastore = SQLAlchemySessionUserDatastore(
        current_session,  # type: ignore[arg-type]  # any session that is this request's will do
        SignedIn,
        OperatorRole,  # type: ignore[arg-type]  # it has all of RoleMixin that is used
    )
    library = Security(app, datastore, register_blueprint=True, login_form=SignInForm)
    library.want_json(lambda _request: False)  # it would hand out tokens of its own
    sessions.set_up(app)
    passwords.set_up(app)
    app.register_blueprint(blueprint)


@blueprint.get("/login/<secret>")
@public
def offer(secret: str) -> ResponseReturnValue:
    """A page with one button: a mail scanner that follows the link signs nobody in."""
    good = sign_in_links.is_good(session(), secret, now=this_mailer().clock())
    if not good:
        limits.guessed("sign-in link")
    return render_template("admin/sign_in_link.html", secret=secret, good=good), (
        200 if good else 410
    )


@blueprint.post("/login/<secret>")
@public
def accept(secret: str) -> ResponseReturnValue:
    """Sign in, once."""
    operator_id = sign_in_links.use(session(), secret, now=this_mailer().clock())
    operator = session().get(SignedIn, operator_id) if operator_id else None
    if operator is None:
        limits.guessed("sign-in link")
        return render_template("admin/sign_in_link.html", secret=secret, good=False), 410
    logout_user()  # whoever was signed in here before
    login_user(operator, authn_via=[sessions.BY_LINK])
    flash(f"Welcome, {operator.name}.", "success")
    return redirect(url_for("home.show"))


def wants_json() -> bool:
    """Whether the caller is a program."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or best == "application/json"
