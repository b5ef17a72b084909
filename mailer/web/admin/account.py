"""The operator's own account: a password, for those who do not want to ask for links."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, hash_password

from mailer.models import Operator, Power
from mailer.web.auth import limiter
from mailer.web.policy import policy
from mailer.web.transactions import session

blueprint = Blueprint("account", __name__, url_prefix="/account")
_SHORTEST: Final = 12  # length is what makes a password hard to guess; nothing else is asked of it
_LONGEST: Final = 200


@blueprint.get("")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Who is signed in, and the form for a password."""
    return render_template("admin/account.html", problems=[])


@blueprint.post("")
@policy(Power.VIEWER)
@limiter.limit("10/hour")
def save() -> ResponseReturnValue:
    """Set the password."""
    password = request.form.get("password", "")
    if not _SHORTEST <= len(password) <= _LONGEST:
        problems = [("password", f"Write a password of at least {_SHORTEST} characters.")]
        return render_template("admin/account.html", problems=problems, failed=True), 422
    operator = session().get_one(Operator, current_user.id)
    operator.password = hash_password(password)
    flash("Your password is set. Use it to sign in next time.", "success")
    return redirect(url_for("account.show"))
