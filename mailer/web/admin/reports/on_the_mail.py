"""Clicks on the mail itself: the version that was sent, with who clicked beside each link."""

from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Category
from mailer.campaigns import previews
from mailer.campaigns.drafts import versions
from mailer.errors import NotFound
from mailer.models import Power
from mailer.reports import engagement
from mailer.reports.engagement import LinkClicks
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of
from mailer.web.policy import policy
from mailer.web.security import mail_policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("on_the_mail", __name__)
NO_CATEGORY = "none"  # in an address


@dataclass(frozen=True, slots=True)
class SeenBy:
    """The category (its slug, or "none") whose mail and clicks are looked at."""

    category: str = forms.text(named="as")


@blueprint.get("/issues/<newsletter>/<slug>/report/mail")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The mail, for a frame that runs nothing."""
    issue = issue_of(newsletter, slug)
    if not issue.sent_version:
        raise NotFound("This issue has not been sent.")
    category, _ = category_of(forms.asked(SeenBy).category)
    measured = engagement.measured(session(), issue.id, category=category)
    part = previews.with_clicks(
        session(),
        this_mailer(),
        issue,
        versions.version_of(session(), issue.id, issue.sent_version),
        category=category,
        clicks={
            each.url: _words(each, measured)
            for each in engagement.of_links(session(), issue.id, category=category)
        },
    )
    headers = {"Content-Security-Policy": mail_policy(this_mailer().settings.site)}
    return part, headers


def category_of(asked: str) -> tuple[str | None, str]:
    """The slug to look for, and how the category is called; None for all of them."""
    if not asked:
        return None, ""
    if asked == NO_CATEGORY:
        return "", "none"
    found = session().scalar(select(Category.name).where(Category.slug == asked))
    if found is None:
        raise NotFound("There is no such category.")
    return asked, found


def _words(clicks: LinkClicks, measured: int) -> str:
    if not clicks.people:
        return "nobody"
    people = "1 person" if clicks.people == 1 else f"{clicks.people:,} people"
    return f"{people}, {100 * clicks.people / max(1, measured):.1f} %"
