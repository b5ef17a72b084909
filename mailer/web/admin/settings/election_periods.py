"""The calendar of the settings: pre-election periods, which the checks of issues mind."""

from dataclasses import asdict, dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.errors import FormError
from mailer.models import Power
from mailer.network import election_periods as use_cases
from mailer.network.election_periods import PeriodDetails
from mailer.web import forms
from mailer.web.network import local_now
from mailer.web.policy import acting, policy
from mailer.web.shell import day
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("election_periods", __name__, url_prefix="/settings/calendar")


@dataclass(frozen=True, slots=True)
class _Form:
    first_day: str = ""
    last_day: str = ""
    words: str = ""


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """The periods there are, and a form for another."""
    return _page(PeriodDetails())


@blueprint.post("")
@policy(Power.ADMIN)
def add() -> ResponseReturnValue:
    """Another period."""
    form, problems = forms.read(_Form)
    written = PeriodDetails(**asdict(form))
    try:
        forms.refuse(problems)
        made = use_cases.add(session(), written, actor=acting(), now=this_mailer().clock())
    except FormError as error:
        return _page(written, error.problems), 422
    flash(f"{day(made.first_day)} to {day(made.last_day)} is added.", "success")
    return redirect(url_for("election_periods.show_all"))


@blueprint.post("/<int:period_id>/remove")
@policy(Power.ADMIN)
def remove(period_id: int) -> ResponseReturnValue:
    """Take one away; what it said stands on the page after it, to be typed again."""
    gone = use_cases.remove(session(), period_id, actor=acting(), now=this_mailer().clock())
    flash(f"{day(gone.first_day)} to {day(gone.last_day)}, {gone.words}, is removed.", "success")
    return redirect(url_for("election_periods.show_all"))


def _page(written: PeriodDetails, problems: forms.Problems | None = None) -> str:
    return render_template(
        "admin/settings/election_periods.html",
        periods=use_cases.listing(session()),
        today=local_now().date(),
        form=written,
        problems=problems or [],
        errors=dict(problems or []),
    )
