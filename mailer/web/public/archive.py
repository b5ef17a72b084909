"""The public archive of a newsletter: its list with a search, its feed, and its issues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.models import Newsletter
from mailer.campaigns.archive import reading as archive
from mailer.campaigns.archive.reading import ANYBODY, ArchivedIssue
from mailer.clock import UK, wall_of
from mailer.composition.composer import Composer
from mailer.composition.web_page import Bar, as_page
from mailer.errors import NotFound
from mailer.web import forms
from mailer.web.limits import visits
from mailer.web.policy import public
from mailer.web.public import online
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("archive", __name__, url_prefix="/archive/<newsletter>")
_PAGE: Final = 20
_IN_FEED: Final = 20
_LONGEST_SEARCH: Final = 200


@dataclass(frozen=True, slots=True)
class _Search:
    q: str = forms.text(longest=_LONGEST_SEARCH, cut=True)


@blueprint.get("")
@public
@visits("60/minute")
def show_all(newsletter: str) -> ResponseReturnValue:
    """Issues that have been sent, the newest first."""
    found, page = _newsletter(newsletter), forms.page()
    if found is None:
        return _nothing("There is no archive here")
    wanted = forms.asked(_Search).q
    rows, total = archive.issues_of(session(), found, matching=wanted, page=page, per_page=_PAGE)
    return render_template(
        "public/archive.html",
        newsletter=found,
        wanted=wanted,
        rows=rows,
        page=page,
        per_page=_PAGE,
        total=total,
        url=lambda number: url_for(
            "archive.show_all", newsletter=found.slug, q=wanted or None, page=number
        ),
    )


@blueprint.get("/feed.atom")
@public
@visits("60/minute")
def feed(newsletter: str) -> ResponseReturnValue:
    """The newest issues as a feed (RFC 4287)."""
    found = _newsletter(newsletter)
    if found is None:
        return _nothing("There is no feed here")
    rows, _ = archive.issues_of(session(), found, page=1, per_page=_IN_FEED)
    changed_at = max((each.changed_at for each in rows), default=found.created_at)
    site = this_mailer().settings.site
    document = render_template(
        "public/feed.xml", newsletter=found, rows=rows, changed_at=changed_at, site=site
    )
    return Response(document, mimetype="application/atom+xml")


@blueprint.get("/<slug>")
@public
@visits("120/minute")
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """One issue as everyone may read it."""
    found = _newsletter(newsletter)
    try:
        issue = archive.issue_of(session(), found, slug) if found else None
    except NotFound:
        issue = None
    if found is None or issue is None:
        return _nothing("There is no such issue in the archive", found)
    here = this_mailer()
    letter = archive.letter_of_page(session(), issue, settings=here.settings)
    html = Composer(letter, tokens=here.tokens, draft=True).html(ANYBODY)
    page = as_page(
        html,
        _bar(found, issue),
        canonical=f"{here.settings.site}/archive/{found.slug}/{slug}",
        title=issue.subject,
        about=issue.preview_text,
    )
    return online.shown(page, indexed=True)


def _bar(newsletter: Newsletter, issue: ArchivedIssue) -> Bar:
    notes = [f"Corrected {_day(each.at)}: {each.note}" for each in issue.corrections]
    return Bar(
        words=f"{newsletter.name}, sent by email on {_day(issue.sent_at)}.",
        links=(
            ("Past issues", url_for("archive.show_all", newsletter=newsletter.slug)),
            ("Sign up", url_for("joining.form", slug=newsletter.slug)),
        ),
        notes=notes,
    )


def _day(moment: datetime) -> str:
    there = wall_of(moment, UK)
    return f"{there.day} {there:%b %Y}"


def _newsletter(slug: str) -> Newsletter | None:
    try:
        return archive.newsletter_with_archive(session(), slug)
    except NotFound:
        return None


def _nothing(title: str, newsletter: Newsletter | None = None) -> ResponseReturnValue:
    page = render_template("public/archive_nothing.html", title=title, newsletter=newsletter)
    return page, 404
