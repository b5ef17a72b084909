"""The operator's own account: a password instead of links, and the tokens of their programs."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password

from mailer.accounts import api_tokens, operators
from mailer.models import Power
from mailer.web import forms
from mailer.web.limits import visits
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("account", __name__, url_prefix="/account")
_SHORTEST: Final = 12  # length is what makes a password hard to guess; nothing else is asked of it
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class _Password:
    password: str = forms.text(exact=True)


@blueprint.get("")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Who is signed in, the form for a password, and their tokens."""
    return _page()


@blueprint.post("")
@policy(Power.VIEWER)
@visits("20/hour")
def save() -> ResponseReturnValue:
    """Set the password."""
    password = forms.read(_Password)[0].password
    if not _SHORTEST <= len(password) <= _LONGEST:
        problems = [("password", f"Write a password of at least {_SHORTEST} characters.")]
        return _page(problems), 422
    hashed = hash_password(password)
    now = this_mailer().clock()
    operators.set_password(session(), current_user.id, hashed, actor=acting(), now=now)
    flash("Your password is set. Use it to sign in next time.", "success")
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


def _page(problems: list[tuple[str, str]] | None = None) -> str:
    tokens = api_tokens.listing(session(), of=current_user.id)
    return render_template(
        "admin/settings/account.html", problems=problems or [], failed=bool(problems), tokens=tokens
    )
