"""Do not email: the addresses that are left alone."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("suppressions", __name__, url_prefix="/do-not-email")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The list."""
    return render_template("error.html", title="Do not email", words="In the making.")
