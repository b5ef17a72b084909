"""The operator's own account: a password instead of links, and the tokens of their programs."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password

from mailer.accounts import api_tokens
from mailer.models import Operator, Power
from mailer.web.auth import limiter
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("account", __name__, url_prefix="/account")
_SHORTEST: Final = 12  # length is what makes a password hard to guess; nothing else is asked of it
_LONGEST: Final = 200


@blueprint.get("")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Who is signed in, the form for a password, and their tokens."""
    return _page()


@blueprint.post("")
@policy(Power.VIEWER)
@limiter.limit("10/hour")
def save() -> ResponseReturnValue:
    """Set the password."""
    password = request.form.get("password", "")
    if not _SHORTEST <= len(password) <= _LONGEST:
        problems = [("password", f"Write a password of at least {_SHORTEST} characters.")]
        return _page(problems), 422
    operator = session().get_one(Operator, current_user.id)
    operator.password = hash_password(password)
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
