"""The page of all components: what pages are made of, to be looked at in every scheme and width."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.web.policy import policy

blueprint = Blueprint("components", __name__)


@blueprint.get("/components")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Every part once."""
    return render_template(
        "admin/components.html", url=lambda page: url_for("components.show", page=page)
    )
