"""The page of all components: what pages are made of, to be looked at in every scheme and width."""

from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.models import Power
from mailer.reports.clicking import ClickHours
from mailer.web.admin.reports.clicks import by_hour
from mailer.web.network import zone
from mailer.web.policy import policy

blueprint = Blueprint("components", __name__)
_SAMPLE: Final = ClickHours(
    datetime(2026, 12, 8, 10, 0, tzinfo=UTC),
    [34, 41, 22, 14, 11, 9, 8, 5, 4, 3, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 2],
    later=48,
)


@blueprint.get("/components")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """Every part once."""
    return render_template(
        "admin/components.html",
        url=lambda page: url_for("components.show", page=page),
        clicks=by_hour(_SAMPLE, width=410, zone=zone()),
    )
