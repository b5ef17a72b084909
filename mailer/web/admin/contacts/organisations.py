"""Organisations: the list, the page of one with its people, and the category they all have."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from contacts.errors import BadDetails, BadName, UnknownRecord
from contacts.membership.holders import misfit
from contacts.models import Category, Contact, Organisation
from contacts.names import fold
from contacts.organisations import editing
from contacts.people import finding
from mailer.authoring.library import listing as library
from mailer.authoring.library.listing import WantedItems
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.contacts import standing
from mailer.web.admin.library.words import tag_of
from mailer.web.network import local_now
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")
_PAGE = 50
_NONE = "none"
_TOLD = 8  # of the library, the first few


@dataclass(frozen=True, slots=True)
class _Asked:
    text: str = forms.text(longest=200, cut=True)
    category: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class _Written:
    name: str = ""
    category: str = ""
    website: str = ""
    member_since: str = ""

    @property
    def since(self) -> date | None:
        """Since when it is a member; None where nobody says so, or it is no day."""
        try:
            return date.fromisoformat(self.member_since) if self.member_since else None
        except ValueError:
            return None


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every organisation by name, with how many people are there."""
    asked = asdict(forms.asked(_Asked))
    page = forms.page()
    wanted = _wanted(asked["text"], asked["category"])
    people = (
        select(func.count())
        .where(Contact.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    rows = session().execute(
        wanted.add_columns(people)
        .options(joinedload(Organisation.category))
        .order_by(Organisation.name_key)
        .offset((page - 1) * _PAGE)
        .limit(_PAGE)
    )
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return render_template(
        "admin/contacts/organisations.html",
        rows=rows.all(),
        total=session().scalar(select(func.count()).select_from(wanted.subquery())) or 0,
        asked=asked,
        filtered=bool(kept),
        categories=_categories(),
        page=page,
        per_page=_PAGE,
        url=lambda number: url_for("organisations.show_all", **kept, page=number),
        edits=may(Power.EDITOR),
    )


@blueprint.get("/<slug>")
@policy(Power.VIEWER)
def show(slug: str) -> ResponseReturnValue:
    """One organisation and everybody there."""
    organisation = _organisation(slug)
    page = forms.page()
    there = Contact.organisation_id == organisation.id
    ids = session().scalars(
        select(Contact.id)
        .where(there)
        .order_by(*finding.BY_NAME)
        .offset((page - 1) * _PAGE)
        .limit(_PAGE)
    )
    people = finding.people_in(session(), ids.all())
    told, in_library = library.search(
        session(),
        WantedItems(organisation_id=organisation.id),
        today=local_now().date(),
        page=1,
        per_page=_TOLD,
    )
    return render_template(
        "admin/contacts/organisation.html",
        told=told,
        in_library=in_library,
        tag_of=tag_of,
        organisation=organisation,
        people=people,
        standings=standing.of(session(), people),
        total=session().scalar(select(func.count()).select_from(Contact).where(there)) or 0,
        page=page,
        per_page=_PAGE,
        url=lambda number: url_for("organisations.show", slug=slug, page=number),
        edits=may(Power.EDITOR),
    )


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(None, _Written())


@blueprint.post("/new")
@policy(Power.EDITOR)
def add() -> ResponseReturnValue:
    """Add one, unless there is one of that name."""
    form, problems = _written(None)
    if problems:
        return _form(None, form, problems), 422
    try:
        made = editing.add(
            session(),
            form.name,
            category=_category(form.category),
            website=form.website,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except BadName as error:
        return _form(None, form, [("name", str(error))]), 422
    except BadDetails as error:
        return _form(None, form, error.problems), 422
    now = this_mailer().clock()
    editing.date_membership(session(), made, form.since, actor=acting(), now=now)
    flash(f"{made.name} is added.", "success")
    return redirect(url_for("organisations.show", slug=made.slug))


@blueprint.get("/<slug>/edit")
@policy(Power.EDITOR)
def edit(slug: str) -> ResponseReturnValue:
    """Its name, its category, and since when it is a member."""
    organisation = _organisation(slug)
    return _form(organisation, _kept(organisation))


@blueprint.post("/<slug>/edit")
@policy(Power.EDITOR)
def save(slug: str) -> ResponseReturnValue:
    """Keep them."""
    organisation = _organisation(slug)
    form, problems = _written(organisation)
    if problems:
        return _form(organisation, form, problems), 422
    try:
        editing.change_organisation(
            session(),
            organisation,
            name=form.name,
            category=_category(form.category),
            website=form.website,
            actor=acting(),
            now=this_mailer().clock(),
        )
    except BadName as error:
        return _form(organisation, form, [("name", str(error))]), 422
    except BadDetails as error:
        return _form(organisation, form, error.problems), 422
    now = this_mailer().clock()
    editing.date_membership(session(), organisation, form.since, actor=acting(), now=now)
    flash("Saved.", "success")
    return redirect(url_for("organisations.show", slug=slug))


def _wanted(text: str, category: str) -> Select[Any]:
    query = select(Organisation)
    for word in fold(text).split()[:6]:
        query = query.where(
            or_(
                Organisation.name_key.startswith(word, autoescape=True),
                Organisation.name_key.contains(f" {word}", autoescape=True),
            )
        )
    if category == _NONE:
        return query.where(Organisation.category_id.is_(None))
    if category:
        chosen = select(Category.id).where(Category.slug == category)
        return query.where(Organisation.category_id.in_(chosen))
    return query


def _organisation(slug: str) -> Organisation:
    found = session().scalar(
        select(Organisation)
        .where(Organisation.slug == slug)
        .options(joinedload(Organisation.category))
    )
    if found is None:
        raise UnknownRecord("There is no such organisation.")
    return found


def _kept(organisation: Organisation) -> _Written:
    return _Written(
        organisation.name,
        organisation.category.slug if organisation.category else "",
        organisation.website,
        organisation.member_since.isoformat() if organisation.member_since else "",
    )


def _written(organisation: Organisation | None) -> tuple[_Written, forms.Problems]:
    form, problems = forms.read(_Written)
    if organisation and "member_since" not in forms.posted():  # a page of before there was one
        form = replace(form, member_since=_kept(organisation).member_since)
    if form.member_since and form.since is None:
        problems.append(("member_since", "Write a day as year, month and day: 2026-12-08."))
    if form.category and _category(form.category) is None:
        problems.append(
            ("category", "That category is no longer there. Choose one of the list."),
        )
    return form, problems


def _category(slug: str) -> Category | None:
    return session().scalar(select(Category).where(Category.slug == slug)) if slug else None


def _categories() -> list[Category]:
    return list(session().scalars(select(Category).order_by(Category.position)))


def _form(
    organisation: Organisation | None,
    form: _Written,
    problems: forms.Problems | None = None,
) -> str:
    return render_template(
        "admin/contacts/organisation_form.html",
        organisation=organisation,
        name=form.name,
        category=form.category,
        member_since=form.member_since,
        website=form.website,
        categories=[
            each
            for each in _categories()
            if each.slug == form.category or not misfit(each, of_organisation=True)
        ],
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )
