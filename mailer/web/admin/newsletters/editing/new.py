"""A new issue: the one page on which it is named and given something to start from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Newsletter
from contacts.permission.newsletters import listing
from mailer.campaigns.assembly import year, year_facts
from mailer.campaigns.naming import addresses, months
from mailer.campaigns.naming.called import Called, propose
from mailer.campaigns.starting import frames, making, templates
from mailer.campaigns.starting.making import From, Start
from mailer.models import Campaign, CampaignStatus, Power
from mailer.web import forms
from mailer.web.network import local_now
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("making", __name__, url_prefix="/issues")
_NOT_ISSUES: Final = (CampaignStatus.BINNED, CampaignStatus.TEMPLATE)
_NAMED: Final = 5  # events that were left out
_YEARS: Final = 5
_MOST: Final = 60  # earlier issues to copy


@dataclass(frozen=True, slots=True)
class _New:
    """The form as typed. ``proposed_name`` and ``proposed_address`` are what the page had put in
    the fields: who leaves them as they are gets those of the newsletter and month chosen."""

    newsletter: str = ""
    name: str = ""
    month: str = ""
    address: str = ""
    proposed_name: str = ""
    proposed_address: str = ""
    start: str = forms.choice(*From)
    copy_of: int | None = None
    template: int | None = None
    year: int | None = forms.number(least=2000, most=2999)


@dataclass(frozen=True, slots=True)
class _Asked:
    newsletter: str = ""
    start: str = forms.choice(*From)
    copy_of: int | None = None
    template: int | None = None


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """The form, with what it would be called; with no newsletter, Home says what comes first."""
    newsletters = listing(session())
    if not newsletters:
        return redirect(url_for("home.show"))
    asked = forms.asked(_Asked)
    newsletter = _chosen(newsletters, asked.newsletter) or newsletters[0]
    source = From(asked.start)
    month = "" if source is From.ONE_OFF else months.month_at(local_now())
    called = propose(session(), newsletter, month=month)
    form = _New(
        newsletter.slug,
        *(called.name, called.month, called.address, called.name, called.address),
        start=source,
        copy_of=asked.copy_of,
        template=asked.template,
    )
    return _page(newsletters, form)


@blueprint.post("/new")
@policy(Power.EDITOR)
def make() -> ResponseReturnValue:
    """A new draft, or the form again with what is in the way."""
    newsletters = listing(session())
    form, wrong = forms.read(_New)
    newsletter = _chosen(newsletters, form.newsletter)
    if newsletter is None:
        wrong.append(("newsletter", "Choose a newsletter of the list."))
        return _page(newsletters, form, wrong), 422
    form = _as_proposed(newsletter, form)
    called = Called(form.name, form.month, form.address)
    start = Start(From(form.start), form.copy_of, form.template)
    if start.source is From.YEAR and form.year is not None:
        start = replace(start, document=_year_in_review(newsletter, form.year))
    elif start.source is From.YEAR:
        wrong.append(("year", "Choose a year of the list."))
    wrong += making.problems(session(), newsletter, called, start)
    if wrong:
        return _page(newsletters, form, wrong), 422
    now = this_mailer().clock()
    made = making.make(session(), newsletter, called, start, actor=acting(), now=now)
    flash(f"{called.name} is a draft now.{_over(made.over)}", "success")
    return redirect(url_for("composing.show", newsletter=newsletter.slug, slug=called.address))


def _year_in_review(newsletter: Newsletter, chosen: int) -> dict[str, object]:
    frame = dict(frames.template_of(session(), newsletter))
    facts = year_facts.facts_of(session(), newsletter.id, chosen)
    return year.filled(frame, facts, today=local_now().date())


def _over(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    named = ", ".join(f"“{each}”" for each in titles[:_NAMED])
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    return f" Left out of the copy, since it is over: {named}{more}."


def _as_proposed(newsletter: Newsletter, form: _New) -> _New:
    """The form, with a new proposal in fields that nobody has touched."""
    if form.start == From.ONE_OFF:
        form = replace(form, month="")
    called = propose(session(), newsletter, month=form.month)
    if form.start == From.ONE_OFF:
        called = replace(called, address=addresses.address_of(session(), newsletter.id, form.name))
    if form.start == From.YEAR and form.year:
        name = f"{newsletter.name}, Year in Review {form.year}"
        called = Called(name, called.month, addresses.address_of(session(), newsletter.id, name))
    if form.name == form.proposed_name:
        form = replace(form, name=called.name, proposed_name=called.name)
    if form.address == form.proposed_address:
        form = replace(form, address=called.address, proposed_address=called.address)
    return form


def _chosen(newsletters: Sequence[Newsletter], slug: str) -> Newsletter | None:
    return next((each for each in newsletters if each.slug == slug), None)


def _page(
    newsletters: Sequence[Newsletter], form: _New, problems: forms.Problems | None = None
) -> str:
    newsletter = _chosen(newsletters, form.newsletter) or newsletters[0]
    earlier = session().scalars(
        select(Campaign)
        .where(Campaign.newsletter_id == newsletter.id, Campaign.status.not_in(_NOT_ISSUES))
        .order_by(Campaign.id.desc())
        .limit(_MOST)
    )
    return render_template(
        "admin/newsletters/issue_new.html",
        newsletters=newsletters,
        newsletter=newsletter,
        form=form,
        earlier=[(each.id, each.name) for each in earlier],
        templates=[
            (each.id, each.name) for each in templates.of_newsletter(session(), newsletter.id)
        ],
        years=[(each, each) for each in range(local_now().year, local_now().year - _YEARS, -1)],
        problems=problems or [],
        errors=dict(problems or []),
        failed=bool(problems),
    )
