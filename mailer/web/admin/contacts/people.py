"""People: the list, one person with everything about them, and the form that changes them."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.errors import BasisMissing
from contacts.membership.holders import misfit
from contacts.models import Category, Contact, Newsletter, Organisation, Role, Tag
from contacts.people import editing, finding
from contacts.people.editing import PersonDetails
from contacts.people.finding import Wanted
from contacts.permission.newsletters import newsletter_of
from contacts.permission.subscriptions import standing_with, subscribe, unsubscribe
from contacts.permission.suppressions import find as suppression_of
from mailer.accounts.naming import name_of
from mailer.audience import counting
from mailer.audience.selecting import Audience
from mailer.errors import FormError
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.contacts import listing, related, standing
from mailer.web.admin.contacts.timeline import EntryTopic, consents, timeline
from mailer.web.admin.words import REASONS
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("people", __name__, url_prefix="/people")
_PAGE = 50
_MOST_OFFERED = 400  # names of organisations a browser is given to complete from


@dataclass(frozen=True, slots=True)
class _At:
    at: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    about: str = forms.choice("", *EntryTopic)


@dataclass(frozen=True, slots=True)
class _PutOn:
    basis: str = forms.text(longest=2_000)


@dataclass(frozen=True, slots=True)
class _Person:
    name: str = ""
    email: str = ""
    organisation: str = forms.text(longest=200)
    category: str = ""
    roles: tuple[str, ...] = ()
    tags: str = forms.text(longest=100_000)  # how many there may be is said of them, not of this
    adds_organisation: bool = False


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Find people."""
    choices = _choices()
    wanted = listing.understood(forms.asked(Wanted), choices)
    page = forms.page()
    found = finding.find(session(), wanted, page=page, per_page=_PAGE)
    return render_template(
        "admin/contacts/people.html",
        people=found.people,
        standings=standing.of(session(), found.people),
        total=found.total,
        exact=found.exact,
        asked=wanted,
        filtered=listing.is_narrowed(wanted),
        narrowed=listing.chips(wanted, choices),
        sorts=listing.sorts(wanted),
        kept=listing.kept(wanted),
        page=page,
        per_page=_PAGE,
        url=lambda number: listing.url(wanted, page=number),
        edits=may(Power.EDITOR),
        standings_words=standing.FILTER,
        **choices,
    )


@blueprint.get("/<int:person_id>")
@policy(Power.VIEWER)
def show(person_id: int) -> ResponseReturnValue:
    """One person: details, permission and how we know, what happened."""
    person, about = editing.person(session(), person_id), forms.asked(_Shown).about
    held = suppression_of(session(), person.address_key) if person.address_key else None
    return render_template(
        "admin/contacts/person.html",
        person=person,
        others=editing.others_at(session(), person),
        held=held,
        held_words=standing.HELD.get(held.reason.value, "") if held else "",
        held_source=name_of(session(), held.source) if held else "",
        newsletters=_permissions(person),
        ledger=list(consents(session(), person.id)),
        days=timeline(session(), person, about),
        about=about,
        colleagues=related.colleagues(session(), person),
        issues=related.issues_of(session(), person),
        reasons=REASONS,
        edits=may(Power.EDITOR),
    )


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """An empty form, or one with the organisation it was opened from."""
    name = session().scalar(
        select(Organisation.name).where(Organisation.slug == forms.asked(_At).at)
    )
    return _form(None, PersonDetails(name="", organisation=name or ""))


@blueprint.post("/new")
@policy(Power.EDITOR)
def add() -> ResponseReturnValue:
    """Add somebody, or say what is in the way."""
    details, problems = _details()
    if problems := problems or editing.problems(session(), details):
        return _form(None, details, problems), 422
    person = editing.add(session(), details, actor=acting(), now=this_mailer().clock())
    flash(f"{person.name or person.email} is added. Nothing is sent to them yet.", "success")
    return redirect(url_for("people.show", person_id=person.id))


@blueprint.get("/<int:person_id>/edit")
@policy(Power.EDITOR)
def edit(person_id: int) -> ResponseReturnValue:
    """The form of one person."""
    person = editing.person(session(), person_id)
    details = PersonDetails(
        name=person.name,
        email=person.email or "",
        organisation=person.organisation.name if person.organisation else "",
        category=person.own_category.slug if person.own_category else "",
        roles=tuple(role.slug for role in person.roles),
        tags=tuple(tag.name for tag in person.tags),
    )
    return _form(person, details)


@blueprint.post("/<int:person_id>/edit")
@policy(Power.EDITOR)
def save(person_id: int) -> ResponseReturnValue:
    """Keep the form, or show it again with what is in the way."""
    person = editing.person(session(), person_id)
    details, problems = _details()
    if problems := problems or editing.problems(session(), details):
        return _form(person, details, problems), 422
    now = this_mailer().clock()
    changed = editing.change(session(), person, details, actor=acting(), now=now)
    flash(f"Saved: {', '.join(changed)}." if changed else "Nothing was different.", "success")
    return redirect(url_for("people.show", person_id=person.id))


@blueprint.post("/<int:person_id>/subscribe/<slug>")
@policy(Power.EDITOR)
def put_on(person_id: int, slug: str) -> ResponseReturnValue:
    """Put somebody on a newsletter, on a basis that is kept."""
    person, newsletter = editing.person(session(), person_id), newsletter_of(session(), slug)
    form, problems = forms.read(_PutOn)
    basis, now = " ".join(form.basis.split()), this_mailer().clock()
    if problems:
        raise FormError(problems)
    try:
        subscribe(session(), person, newsletter.id, source=acting(), basis=basis, now=now)
    except BasisMissing as error:
        flash(f"{error} It is kept with your name, so that anybody can see how we know.", "error")
        return redirect(url_for("people.show", person_id=person.id) + f"#on-{slug}")
    flash(f"{person.name or person.email} is on {newsletter.name}.", "success")
    return redirect(url_for("people.show", person_id=person.id) + "#permission")


@blueprint.post("/<int:person_id>/unsubscribe/<slug>")
@policy(Power.EDITOR)
def take_off(person_id: int, slug: str) -> ResponseReturnValue:
    """Take somebody off a newsletter, because they asked."""
    person, newsletter = editing.person(session(), person_id), newsletter_of(session(), slug)
    now = this_mailer().clock()
    unsubscribe(session(), person.id, newsletter.id, source=acting(), now=now)
    flash(f"{person.name or person.email} won’t get {newsletter.name} any more.", "success")
    return redirect(url_for("people.show", person_id=person.id) + "#permission")


def _permissions(person: Contact) -> list[dict[str, Any]]:
    now = this_mailer().clock()
    held = standing_with(session(), person.id)
    return [
        {
            "newsletter": each,
            "subscription": held.get(each.id),
            "answer": counting.ask(session(), person, Audience(each.id), now=now),
        }
        for each in session().scalars(select(Newsletter).order_by(Newsletter.id))
    ]


def _choices() -> listing.PeopleChoices:
    return {
        "categories": session().scalars(select(Category).order_by(Category.position)).all(),
        "roles": session().scalars(select(Role).order_by(Role.name)).all(),
        "tags": session().scalars(select(Tag).order_by(Tag.name)).all(),
        "newsletters": session().scalars(select(Newsletter).order_by(Newsletter.id)).all(),
    }


def _form(
    person: Contact | None, details: PersonDetails, problems: list[tuple[str, str]] | None = None
) -> str:
    places = select(Organisation.name).order_by(Organisation.name_key).limit(_MOST_OFFERED)
    choices = _choices()
    choices["categories"] = [
        each
        for each in choices["categories"]
        if each.slug == details.category or not misfit(each, of_organisation=False)
    ]
    return render_template(
        "admin/contacts/person_form.html",
        person=person,
        details=details,
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
        places=session().scalars(places).all(),
        **choices,
    )


def _details() -> tuple[PersonDetails, forms.Problems]:
    form, problems = forms.read(_Person)
    tags = dict.fromkeys(" ".join(each.split()) for each in form.tags.split(","))
    written = {**asdict(form), "tags": tuple(tag for tag in tags if tag)}
    return PersonDetails(**written), problems
