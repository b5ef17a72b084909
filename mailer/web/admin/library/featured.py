"""Which members issues said something of lately, and which not: a table of members and months."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Category
from mailer.gathering.stories import featured
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.library.request_form import QUIET
from mailer.web.network import local_now
from mailer.web.policy import may, policy
from mailer.web.transactions import session

blueprint = Blueprint("featured", __name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    category: str = forms.text(longest=80, cut=True)
    quiet: str = forms.choice(*QUIET)


@blueprint.get("/library/featured")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Members by category: first those of which nothing was said for longest."""
    asked, today = forms.asked(_Asked), local_now().date()
    members = featured.members(session(), today=today, category=asked.category)
    least = int(asked.quiet) if asked.quiet else 0
    rows = [each for each in members if each.quiet is None or each.quiet >= least]
    categories = session().execute(select(Category.slug, Category.name).order_by(Category.position))
    return render_template(
        "admin/library/featured.html",
        rows=rows,
        all=len(members),
        never=sum(each.quiet is None for each in members),
        months=featured.months(today),
        asked=asked,
        categories=[(slug, name) for slug, name in categories],
        quiet=[(each, f"for {each} months or more") for each in QUIET if each],
        edits=may(Power.EDITOR),
    )
