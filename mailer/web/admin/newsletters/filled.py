"""What an issue was filled with, what came later, and blocks of an issue that did not go out."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from mailer.authoring.checks import where
from mailer.campaigns.assembly import bringing, overview, suggesting
from mailer.campaigns.assembly.bringing import LeftIssue
from mailer.campaigns.assembly.choice import MEMBER
from mailer.campaigns.assembly.overview import Overview
from mailer.campaigns.assembly.suggesting import Offer
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("filled", __name__, url_prefix="/issues/<newsletter>/<slug>")
_NAMES: Final = {
    "story": ("story", "stories"),
    "case_study": ("case study", "case studies"),
    "lab": ("Lab with news", "Labs with news"),
    "call": ("call", "calls"),
    "event": ("event", "events"),
    "post": ("blog post", "blog posts"),
    MEMBER: ("member", "members"),
}


@dataclass(frozen=True, slots=True)
class _Keys:
    key: tuple[str, ...] = ()
    back: str = forms.choice("hub", "composer")


@dataclass(frozen=True, slots=True)
class _Blocks:
    block: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What the hub shows of it."""

    overview: Overview
    offers: list[tuple[str, Offer]]
    left: LeftIssue | None


def filled_of(issue: Campaign) -> Filled | None:
    """For an issue that a schedule has made and that is still to go out."""
    found = overview.overview(session(), issue) if issue.editable else None
    if found is None:
        return None
    left = bringing.left_before(session(), issue, now=this_mailer().clock())
    return Filled(found, offers_of(issue), left)


def offers_of(issue: Campaign) -> list[tuple[str, Offer]]:
    """What came since the draft was made, each kind with its words: "2 new events"."""
    return [(_words(each), each) for each in suggesting.offers(session(), issue)]


def _words(offer: Offer) -> str:
    number = len(offer.choices)
    one, several = _NAMES[offer.what]
    return f"{number} new {several}" if number > 1 else f"A new {one}"


@blueprint.post("/offered/add")
@policy(Power.EDITOR)
def add(newsletter: str, slug: str) -> ResponseReturnValue:
    """Put what came later into the issue."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Keys)
    forms.refuse(problems)
    now = this_mailer().clock()
    made = suggesting.accept(session(), issue.id, form.key, actor=acting(), now=now)
    flash(f"It is in the issue now: {where(made, 1)}.", "undo")
    return redirect(link("composing.show", issue) + f"#b-{made.id}")


@blueprint.post("/offered/not")
@policy(Power.EDITOR)
def decline(newsletter: str, slug: str) -> ResponseReturnValue:
    """Offer it no more to this issue."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Keys)
    forms.refuse(problems)
    suggesting.decline(session(), issue.id, form.key, now=this_mailer().clock())
    flash("Not in this issue. The library keeps it for another one.", "success")
    if form.back == "composer":
        return redirect(link("composing.show", issue))
    return redirect(link("issues.show", issue) + "#filled")


@blueprint.post("/bring")
@policy(Power.EDITOR)
def bring(newsletter: str, slug: str) -> ResponseReturnValue:
    """Add blocks of the issue before, which did not go out."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Blocks)
    forms.refuse(problems)
    now = this_mailer().clock()
    made = bringing.bring(session(), issue.id, form.block, actor=acting(), now=now)
    number = len(made)
    flash(f"{number} block{'s' if number != 1 else ''} brought across.", "undo")
    return redirect(link("composing.show", issue) + f"#b-{made[0].id}")
