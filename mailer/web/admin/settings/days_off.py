"""Working days in the settings: whose bank holidays the network keeps, and days off of its own."""

from dataclasses import asdict, dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mailer.errors import FormError, NotFound
from mailer.models import Power
from mailer.network import days_off as use_cases
from mailer.network.bank_holidays import Nation
from mailer.network.days_off import DaysOffDetails
from mailer.web import forms
from mailer.web.network import local_now
from mailer.web.policy import acting, policy
from mailer.web.shell import day
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("days_off", __name__, url_prefix="/settings/working-days")


@dataclass(frozen=True, slots=True)
class _Form:
    first_day: str = ""
    last_day: str = ""
    words: str = ""
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class _NationForm:
    nation: str = forms.choice(*Nation)


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """The holidays of this year and the next, days off of one's own, and a form for more."""
    return _page(DaysOffDetails())


@blueprint.post("")
@policy(Power.ADMIN)
def add() -> ResponseReturnValue:
    """More days off."""
    form, problems = forms.read(_Form)
    written = DaysOffDetails(**asdict(form))
    try:
        forms.refuse(problems)
        made = use_cases.add(session(), written, actor=acting(), now=this_mailer().clock())
    except FormError as error:
        return _page(written, error.problems), 422
    flash(f"{made.words}, from {day(made.first_day)} to {day(made.last_day)}, is added.", "success")
    return redirect(url_for("days_off.show_all"))


@blueprint.post("/nation")
@policy(Power.ADMIN)
def set_nation() -> ResponseReturnValue:
    """Keep the bank holidays of another nation."""
    form, problems = forms.read(_NationForm)
    if problems:
        return _page(DaysOffDetails(), problems), 422
    use_cases.set_nation(session(), form.nation, actor=acting(), now=this_mailer().clock())
    flash(f"Bank holidays are those of {Nation(form.nation).words}.", "success")
    return redirect(url_for("days_off.show_all"))


@blueprint.post("/holidays/<holiday>/work")
@policy(Power.ADMIN)
def work_on(holiday: str) -> ResponseReturnValue:
    """Make a bank holiday a working day."""
    try:
        on = date.fromisoformat(holiday)
    except ValueError:
        raise NotFound("There is no such bank holiday.") from None
    made = use_cases.work_on(session(), on, actor=acting(), now=this_mailer().clock())
    flash(f"{made.words}, {day(on)}, is a working day now.", "success")
    return redirect(url_for("days_off.show_all"))


@blueprint.post("/<int:days_id>/remove")
@policy(Power.ADMIN)
def remove(days_id: int) -> ResponseReturnValue:
    """Take days of one's own away; a bank holiday that was worked is kept again."""
    gone = use_cases.remove(session(), days_id, actor=acting(), now=this_mailer().clock())
    flash(
        f"{gone.words} is a bank holiday again."
        if gone.works
        else f"{gone.words}, from {day(gone.first_day)}, is removed.",
        "success",
    )
    return redirect(url_for("days_off.show_all"))


def _page(written: DaysOffDetails, problems: forms.Problems | None = None) -> str:
    today = local_now().date()
    years = (today.year, today.year + 1)
    holidays = [each for year in years for each in use_cases.holidays(session(), year)]
    own = use_cases.listing(session())
    return render_template(
        "admin/settings/days_off.html",
        nation=use_cases.nation(session()),
        nations=[(each.value, each.words) for each in Nation],
        holidays=[each for each in holidays if each[0] >= today],
        own=[each for each in own if not each.works],
        worked={each.first_day: each for each in own if each.works},
        today=today,
        form=written,
        problems=problems or [],
        errors=dict(problems or []),
    )
