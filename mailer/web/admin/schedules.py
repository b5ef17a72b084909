"""Schedules: newsletters that come round every month."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("schedules", __name__, url_prefix="/schedules")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The list."""
    return render_template("error.html", title="Schedules", words="In the making.")
