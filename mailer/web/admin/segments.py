"""Segments: the list and the builder."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("segments", __name__, url_prefix="/segments")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The list."""
    return render_template("error.html", title="Segments", words="In the making.")
