"""People: the list, one person's page, and what operators change."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The list."""
    return render_template("error.html", title="People", words="In the making.")
