"""People and rights: who works here, what each may do, where they are signed in."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from contacts.addresses import parse
from contacts.errors import BadAddress
from mailer.accounts import operators, sessions
from mailer.accounts.roles import ROLES
from mailer.errors import FormError, NotAllowed
from mailer.models import Operator, Power
from mailer.notices import sign_in
from mailer.web import forms
from mailer.web.limits import visits
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("operators", __name__, url_prefix="/settings/people")

POWERS: Final = {power.value: (role.name, role.may) for power, role in ROLES.items()}
_ROLES: Final = tuple(POWERS)


@dataclass(frozen=True, slots=True)
class _New:
    email: str = ""
    name: str = forms.text(longest=operators.LONGEST_NAME)
    power: str = forms.choice(Power.EDITOR.value, *_ROLES)
    mail: bool = False


@dataclass(frozen=True, slots=True)
class _Power:
    power: str = forms.choice(*_ROLES)


@blueprint.get("")
@policy(Power.ADMIN)
def show_all() -> ResponseReturnValue:
    """Everybody who can sign in, and who no longer can."""
    return render_template(
        "admin/settings/operators.html", people=operators.listing(session()), powers=POWERS
    )


@blueprint.get("/new")
@policy(Power.ADMIN)
def new() -> ResponseReturnValue:
    """A form for somebody else."""
    return _new_page(_New(mail=True))


@blueprint.post("/new")
@policy(Power.ADMIN)
@visits("60/hour")
def add() -> ResponseReturnValue:
    """Let somebody in, and mail them a link if that was wanted."""
    form, problems = forms.read(_New)
    now = this_mailer().clock()
    try:
        forms.refuse(problems or _problems(form))
        made = operators.create(
            session(),
            email=form.email,
            name=form.name,
            power=Power(form.power),
            actor=acting(),
            now=now,
        )
        if form.mail:
            site = this_mailer().settings.site
            sign_in.mail_link(session(), made.id, site=site, actor=acting(), now=now)
    except FormError as error:
        return _new_page(form, error.problems), 422
    except NotAllowed as error:
        return _new_page(form, [("", str(error))]), 409
    sent = f" A link to sign in is on its way to {made.email}." if form.mail else ""
    flash(f"{made.name} is let in.{sent}", "success")
    return redirect(url_for("operators.show", operator_id=made.id))


@blueprint.get("/<int:operator_id>")
@policy(Power.ADMIN)
def show(operator_id: int) -> ResponseReturnValue:
    """One operator: what they may do, where they are signed in."""
    operator = operators.get(session(), operator_id)
    now = this_mailer().clock()
    return render_template(
        "admin/settings/operator.html",
        person=operator,
        power=_power_of(operator),
        powers=POWERS,
        is_me=operator.id == current_user.id,
        sessions=sessions.listing(session(), operator.id, now=now),
    )


@blueprint.post("/<int:operator_id>")
@policy(Power.ADMIN)
def save(operator_id: int) -> ResponseReturnValue:
    """Let them do more, or less."""
    form, problems = forms.read(_Power)
    forms.refuse(problems)
    now = this_mailer().clock()
    person = operators.set_power(session(), operator_id, Power(form.power), actor=acting(), now=now)
    flash(f"{person.name} is {POWERS[form.power][0].lower()} from now on.", "success")
    if person.id == current_user.id and form.power != Power.ADMIN:
        return redirect(url_for("home.show"))
    return redirect(url_for("operators.show", operator_id=operator_id))


@blueprint.post("/<int:operator_id>/link")
@policy(Power.ADMIN)
@visits("60/hour")
def mail_link(operator_id: int) -> ResponseReturnValue:
    """Mail them a link that signs in once."""
    here = this_mailer()
    person = sign_in.mail_link(
        session(), operator_id, site=here.settings.site, actor=acting(), now=here.clock()
    )
    flash(f"A link to sign in is on its way to {person.email}. Older ones have ended.", "success")
    return redirect(url_for("operators.show", operator_id=operator_id))


@blueprint.post("/<int:operator_id>/sessions/<int:session_id>/end")
@policy(Power.ADMIN)
def end_session(operator_id: int, session_id: int) -> ResponseReturnValue:
    """Sign them out in one browser."""
    operators.end_session(
        session(), operator_id, session_id, actor=acting(), now=this_mailer().clock()
    )
    flash("That session has ended.", "success")
    return redirect(url_for("operators.show", operator_id=operator_id))


@blueprint.get("/<int:operator_id>/remove")
@policy(Power.ADMIN)
def ask(operator_id: int) -> ResponseReturnValue:
    """Ask before somebody is let in no more."""
    person = operators.get(session(), operator_id)
    return render_template(
        "admin/confirm.html",
        title=f"Let {person.name} in no more?",
        from_where="People and rights",
        back=url_for("operators.show", operator_id=operator_id),
        sentences=[
            f"{person.email} is signed out everywhere at once. Links and tokens of theirs end.",
            "What they did stays, with their name. They can be let in again later.",
        ],
        verb=f"End the access of {person.name}",
        keep="Keep it",
    )


@blueprint.post("/<int:operator_id>/remove")
@policy(Power.ADMIN)
def remove(operator_id: int) -> ResponseReturnValue:
    """Let them in no more."""
    email = operators.get(session(), operator_id).email
    person, ended = operators.remove(session(), email, actor=acting(), now=this_mailer().clock())
    flash(
        f"{person.name} is let in no more. Ended: {ended.sessions} sessions, {ended.links} unused "
        f"links, {ended.tokens} tokens.",
        "success",
    )
    return redirect(url_for("operators.show_all"))


def _problems(form: _New) -> forms.Problems:
    try:
        known = operators.known(session(), parse(form.email))
    except BadAddress as error:
        return [("email", str(error))]
    if known is None or not known.active:
        return []
    return [("email", f"{known.name} is let in already. What they may do is on their page.")]


def _power_of(operator: Operator) -> str:
    return operator.roles[0].name if operator.roles else Power.VIEWER.value


def _new_page(form: _New, problems: forms.Problems | None = None) -> str:
    return render_template(
        "admin/settings/operator_form.html",
        form=form,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        powers=POWERS,
    )
