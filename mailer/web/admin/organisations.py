"""Organisations, the people at them, and the category they hold."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The list."""
    return render_template("error.html", title="Organisations", words="In the making.")
