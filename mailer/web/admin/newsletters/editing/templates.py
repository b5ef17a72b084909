"""Templates: the list, and a new one; they are written in the composer."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Newsletter
from contacts.permission.newsletters import listing
from mailer.campaigns import editing
from mailer.campaigns.starting import templates
from mailer.errors import FormError
from mailer.models import Campaign, CampaignStatus, Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import link
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("templates", __name__, url_prefix="/templates")
_MOST = 60  # issues and templates to begin with


@dataclass(frozen=True, slots=True)
class _New:
    newsletter: str = ""
    name: str = ""
    like: int | None = None


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every template, and how many schedules use it."""
    return render_template(
        "admin/newsletters/templates.html",
        rows=templates.listing(session()),
        has_newsletters=bool(listing(session())),
    )


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """The form; with no newsletter, Home says what comes first."""
    newsletters = listing(session())
    if not newsletters:
        return redirect(url_for("home.show"))
    asked = forms.asked(_New)
    return _page(_New(asked.newsletter or newsletters[0].slug, asked.name, asked.like))


@blueprint.post("/new")
@policy(Power.EDITOR)
def make() -> ResponseReturnValue:
    """A new template, open in the composer."""
    form, wrong = forms.read(_New)
    newsletter = session().scalar(select(Newsletter).where(Newsletter.slug == form.newsletter))
    like = next((each for each in _models() if each.id == form.like), None)
    if newsletter is None:
        wrong.append(("newsletter", "Choose a newsletter of the list."))
    if form.like is not None and like is None:
        wrong.append(("like", "Choose one of the list, or the empty frame."))
    if wrong or newsletter is None:
        return _page(form, wrong), 422
    now = this_mailer().clock()
    try:
        made = templates.make(session(), newsletter, form.name, like=like, actor=acting(), now=now)
    except FormError as error:
        return _page(form, error.problems), 422
    flash(f"{made.name} is a template now. Take out what changes every month.", "success")
    return redirect(link("composing.show", editing.find(session(), made.id)))


def _models() -> list[Campaign]:
    return list(
        session().scalars(
            select(Campaign)
            .where(Campaign.status != CampaignStatus.BINNED)
            .options(joinedload(Campaign.newsletter))
            .order_by(Campaign.id.desc())
            .limit(_MOST)
        )
    )


def _page(form: _New, problems: forms.Problems | None = None) -> str:
    return render_template(
        "admin/newsletters/template_new.html",
        form=form,
        newsletters=listing(session()),
        models=[(each.id, each.name) for each in _models()],
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )
