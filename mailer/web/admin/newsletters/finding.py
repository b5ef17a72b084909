"""Issues by the names people see: /issues/<newsletter>/<slug>."""

from typing import Final

from flask import abort, redirect, request, url_for
from sqlalchemy import select

from contacts.models import Contact, Newsletter
from contacts.people import finding as people
from mailer.audience import counting, kept, selecting
from mailer.audience.counting import WillReceive
from mailer.audience.kept import KeptAudience
from mailer.campaigns import editing
from mailer.campaigns.naming import addresses
from mailer.errors import NotFound
from mailer.models import Campaign
from mailer.web.transactions import session, this_mailer

_FEW: Final = 5


def issue_of(newsletter: str, slug: str) -> Campaign:
    """The issue a URL names. Who looks by an address that it had is led to the one it has; what is
    sent to that one, by a page that was open meanwhile, is done all the same."""
    found = session().scalar(
        select(Campaign.id)
        .join(Newsletter)
        .where(Newsletter.slug == newsletter, Campaign.slug == slug)
    )
    if found is not None:
        return editing.find(session(), found)
    moved = addresses.led_on(session(), newsletter, slug)
    if moved is None:
        raise NotFound(f"There is no issue {slug} of {newsletter}.")
    issue = editing.find(session(), moved)
    if request.method in {"GET", "HEAD"}:
        named = {**(request.view_args or {}), "slug": issue.slug}
        asked = request.query_string.decode("ascii", "replace")
        abort(redirect(url_for(request.endpoint or "", **named) + (f"?{asked}" if asked else "")))
    return issue


def link(endpoint: str, issue: Campaign, **more: object) -> str:
    """The URL of one of an issue's pages."""
    return url_for(endpoint, newsletter=issue.newsletter.slug, slug=issue.slug, **more)  # type: ignore[arg-type]  # url_for takes anything it can turn into text


def reached(issue: Campaign, who: str) -> list[tuple[Contact, WillReceive]]:
    """Whether an issue will reach the people found by a name or an address; the first few."""
    if not who:
        return []
    audience = selecting.audience_of(session(), issue)
    found = people.find(session(), people.Wanted(text=who), page=1, per_page=_FEW).people
    now = this_mailer().clock()
    return [(each, counting.ask(session(), each, audience, now=now)) for each in found]


def audience_of(issue: Campaign) -> KeptAudience:
    """The numbers of an issue's audience as pages show them; the same function counts the send."""
    asked = selecting.audience_of(session(), issue)
    return kept.audience(session(), asked, now=this_mailer().clock())
