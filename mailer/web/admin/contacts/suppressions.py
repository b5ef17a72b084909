"""Do not email: the addresses that are left alone, why, since when, and how one is let go."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select

from contacts.addresses import parse
from contacts.errors import BadAddress, BasisMissing, UnknownRecord
from contacts.models import Contact, Suppression, SuppressionReason
from contacts.permission.suppressions import release, suppress
from mailer.accounts.naming import name_of
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.contacts.standing import HELD
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("suppressions", __name__, url_prefix="/do-not-email")
_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str = forms.text(longest=254, cut=True)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Added:
    email: str = ""
    detail: str = forms.text(longest=500)


@dataclass(frozen=True, slots=True)
class _Lifted:
    why: str = forms.text(longest=500)


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The addresses, the newest first."""
    return _list()


@blueprint.post("/")
@policy(Power.EDITOR)
def add() -> ResponseReturnValue:
    """Leave an address alone from now on."""
    form, problems = forms.read(_Added)
    try:
        address = parse(form.email)
    except BadAddress as error:
        problems = [("email", str(error))]
    if problems:
        return _list(email=form.email, detail=form.detail, error=problems[0][1]), 422
    detail = " ".join(form.detail.split())
    added = suppress(
        session(),
        address.key,
        SuppressionReason.DO_NOT_EMAIL,
        source=acting(),
        detail=detail,
        now=this_mailer().clock(),
    )
    words = "is on do-not-email now" if added else "was on do-not-email already"
    flash(f"{address.key} {words}. Nothing is sent to it.", "success")
    return redirect(url_for("suppressions.show_all", text=address.key))


@blueprint.get("/<int:suppression_id>/lift")
@policy(Power.EDITOR)
def ask(suppression_id: int) -> ResponseReturnValue:
    """What it means to write to an address again, before it is done."""
    return _ask(_suppression(suppression_id))


@blueprint.post("/<int:suppression_id>/lift")
@policy(Power.EDITOR)
def lift(suppression_id: int) -> ResponseReturnValue:
    """Write to it again, for a reason."""
    held = _suppression(suppression_id)
    form, problems = forms.read(_Lifted)
    if problems:
        return _ask(held, problems[0][1]), 422
    try:
        release(session(), held, why=form.why, actor=acting(), now=this_mailer().clock())
    except BasisMissing as error:
        return _ask(held, str(error)), 422
    flash(f"{held.address_key} may be written to again.", "success")
    return redirect(url_for("suppressions.show_all"))


def _list(*, email: str = "", detail: str = "", error: str = "") -> str:
    found = forms.asked(_Asked)
    text, reason = found.text, found.reason
    page = forms.page()
    wanted = _wanted(text, reason)
    rows = session().scalars(
        wanted.order_by(Suppression.id.desc()).offset((page - 1) * _PAGE).limit(_PAGE)
    )
    asked = {"text": text, "reason": reason}
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return render_template(
        "admin/contacts/suppressions.html",
        rows=[(held, name_of(session(), held.source)) for held in rows],
        total=session().scalar(select(func.count()).select_from(wanted.subquery())) or 0,
        reasons=HELD,
        text=text,
        reason=reason,
        filtered=bool(kept),
        page=page,
        per_page=_PAGE,
        url=lambda number: url_for("suppressions.show_all", **kept, page=number),
        edits=may(Power.EDITOR),
        email=email,
        detail=detail,
        error=error,
        failed=bool(error),
    )


def _wanted(text: str, reason: str) -> Select[Any]:
    query = select(Suppression)
    if text:
        query = query.where(Suppression.address_key.contains(text.lower(), autoescape=True))
    return query.where(Suppression.reason == reason) if reason in HELD else query


def _suppression(suppression_id: int) -> Suppression:
    found = session().get(Suppression, suppression_id)
    if found is None:
        raise UnknownRecord("That address is not on do-not-email any more.")
    return found


def _ask(held: Suppression, error: str = "") -> str:
    there = select(Contact).where(Contact.address_key == held.address_key).limit(10)
    return render_template(
        "admin/contacts/suppression_lift.html",
        held=held,
        words=HELD[held.reason.value],
        source=name_of(session(), held.source),
        people=session().scalars(there).all(),
        error=error,
        failed=bool(error),
    )
