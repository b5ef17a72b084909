"""The operator's own account: their password, where they are signed in, their programs' tokens."""

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password, verify_password

from mailer.accounts import api_tokens, passwords, sessions
from mailer.models import NewsKind, Power
from mailer.notices import notifications
from mailer.web import forms
from mailer.web.forms import Problems
from mailer.web.limits import visits
from mailer.web.policy import acting, policy
from mailer.web.sessions import keep_secret, present
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("account", __name__, url_prefix="/account")


@dataclass(frozen=True, slots=True)
class _Password:
    present: str = forms.text(exact=True)
    password: str = forms.text(exact=True)


@blueprint.get("")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Who is signed in and where, the form for a password, and their tokens."""
    return _page()


@blueprint.post("")
@policy(Power.VIEWER)
@visits("20/hour")
@reading
def save() -> ResponseReturnValue:
    """Set the password; every other session of the operator ends."""
    form = forms.read(_Password)[0]
    now = this_mailer().clock()
    problems = _problems(form)
    if problems:
        return _page(problems), 422
    hashed = hash_password(_normal(form.password))
    write_from_now_on()
    keep_secret(passwords.keep(session(), hashed, within=present(), actor=acting(), now=now))
    flash("Your password is set. Use it to sign in next time.", "success")
    return redirect(url_for("account.show"))


@dataclass(frozen=True, slots=True)
class _ByMail:
    kinds: tuple[str, ...] = ()


@blueprint.post("/mail")
@policy(Power.VIEWER)
def choose_mail() -> ResponseReturnValue:
    """Keep what comes by mail, beside the list of notifications."""
    chosen = set(forms.read(_ByMail)[0].kinds)
    by_mail = [kind for kind in NewsKind if kind.value in chosen]
    notifications.choose(session(), current_user.id, by_mail)
    flash("It is kept what comes to you by mail.", "success")
    return redirect(url_for("account.show") + "#mail")


@blueprint.post("/sessions/<int:session_id>/end")
@policy(Power.VIEWER)
def sign_out(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    sessions.end(session(), session_id, of=current_user.id, now=this_mailer().clock())
    flash("That session has ended.", "success")
    return redirect(url_for("account.show"))


@blueprint.post("/sessions/end-others")
@policy(Power.VIEWER)
def sign_out_elsewhere() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    now = this_mailer().clock()
    sessions.end_all(session(), current_user.id, but=present(), now=now)
    flash("You are signed out everywhere else.", "success")
    return redirect(url_for("account.show"))


@blueprint.post("/tokens/<int:token_id>/revoke")
@policy(Power.VIEWER)
def revoke(token_id: int) -> ResponseReturnValue:
    """Take a token of one's own out of use."""
    me = current_user.id
    now = this_mailer().clock()
    token = api_tokens.revoke(session(), token_id, actor=acting(), of=me, now=now)
    flash(f"The token for {token.name} works no more.", "success")
    return redirect(url_for("account.show"))


def _problems(form: _Password) -> Problems:
    problems: Problems = []
    if not _is_proved():
        if not current_user.password:
            problems += [("", "Sign in with a fresh link before you set a password.")]
        elif not verify_password(_normal(form.present), current_user.password):
            problems += [("present", "That is not your present password. Type it again.")]
    if not passwords.SHORTEST <= len(form.password) <= passwords.LONGEST:
        length = f"{passwords.SHORTEST} to {passwords.LONGEST}"
        problems += [("password", f"Write a password of {length} characters.")]
    return problems


def _is_proved() -> bool:
    return passwords.is_proved_by_link(present(), now=this_mailer().clock())


def _normal(password: str) -> str:
    # As the sign-in page reads it: one letter can be written in two ways.
    normal: str = current_app.extensions["security"].password_util.normalize(password)
    return normal


def _page(problems: Problems | None = None) -> str:
    now = this_mailer().clock()
    return render_template(
        "admin/settings/account.html",
        problems=problems or [],
        failed=bool(problems),
        proved=_is_proved(),
        has_password=bool(current_user.password),
        here=present().id,
        sessions=sessions.listing(session(), current_user.id, now=now),
        kinds=[
            (kind, words, notifications.is_the_only_one(session(), current_user.id, kind))
            for kind, words in notifications.WORDS.items()
        ],
        quiet=notifications.quiet_kinds(session(), current_user.id),
        tokens=api_tokens.listing(session(), of=current_user.id),
    )
