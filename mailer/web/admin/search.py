"""Search over everything: people, organisations, issues, segments, and places to go to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from contacts.models import Organisation, Segment
from contacts.names import fold
from contacts.people import finding
from contacts.people.finding import Wanted
from mailer.authoring.library import listing as library
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.authoring.library.listing import WantedItems
from mailer.models import Campaign, CampaignStatus, Power
from mailer.web import forms
from mailer.web.admin.library.words import STANDINGS
from mailer.web.admin.newsletters.finding import link
from mailer.web.network import local_now
from mailer.web.policy import may, policy, policy_of
from mailer.web.transactions import session

blueprint = Blueprint("search", __name__)
_MOST: Final = 8  # of each kind of thing

# Where one can go: endpoint, words, and other words that people look for it by.
_PLACES: Final = (
    ("people.new", "Add a person", "new contact member subscriber"),
    ("organisations.new", "Add an organisation", "new council member"),
    ("segments.new", "New segment", "filter audience group"),
    ("imports.show_all", "Import people from a file", "upload csv spreadsheet excel"),
    ("exports.people", "Export people", "download csv spreadsheet excel"),
    ("suppressions.show_all", "Do not email", "suppression bounced complaint block unsubscribe"),
    ("unreadable_mail.show_all", "Mail to look at", "bounces replies"),
    ("issues.show_all", "Issues", "newsletters campaigns drafts"),
    ("making.new", "New issue", "newsletter campaign draft one-off email"),
    ("schedules.show_all", "Schedules", "monthly dates calendar"),
    ("schedules.new", "New schedule", "monthly dates calendar"),
    ("templates.show_all", "Templates", "skeletons blocks frames"),
    ("templates.new", "New template", "skeletons blocks frames"),
    ("library.show_all", "Library", "stories case studies events labs calls blog posts ideas"),
    ("library_items.choose", "Add to the library", "new story case study event lab call blog post"),
    ("pictures.show_all", "Pictures", "images photos library upload logo"),
    ("reports.show_all", "Reports", "opens clicks results statistics"),
    ("inbox.show_all", "Caught mail", "test tray catcher"),
    ("network.show", "Network and footer", "settings name postal address time zone languages"),
    ("newsletters.show_all", "Newsletters", "settings sender publication order"),
    ("newsletters.new", "Add a newsletter", "settings new publication sender"),
    ("categories.show_all", "Categories", "settings membership full associate"),
    ("days_off.show_all", "Working days", "settings bank holidays quiet days off calendar"),
    ("election_periods.show_all", "Calendar", "settings pre-election periods dates council"),
    ("operators.show_all", "People and rights", "settings users admins editors sessions"),
    ("operators.new", "Let somebody in", "settings new user admin editor viewer invite"),
    ("privacy.show", "Privacy", "settings notice gdpr retention"),
    ("senders.show_all", "Senders and domains", "settings dkim spf dmarc signing dns"),
    ("relays.show_all", "Relays and speed", "settings smtp server pace"),
    ("account.show", "Your account and password", "settings profile sessions tokens"),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    q: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing that was found."""

    url: str
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """What was found of one kind; ``all_url`` leads to the rest of it, if a page lists it."""

    name: str
    drawing: str
    hits: list[SearchHit]
    all_url: str = ""


@blueprint.get("/search")
@policy(Power.VIEWER)
def show() -> ResponseReturnValue:
    """What a few words lead to."""
    text = forms.asked(_Asked).q
    groups = [group for group in _groups(text) if group.hits] if text else [_places("")]
    return render_template("admin/search.html", text=text, groups=groups)


def _groups(text: str) -> Iterator[SearchGroup]:
    yield _places(text)
    yield _people(text)
    yield _organisations(text)
    yield _issues(text)
    yield _library(text)
    yield _segments(text)


def _places(text: str) -> SearchGroup:
    words = fold(text).split()
    hits = [
        SearchHit(url_for(endpoint), name)
        for endpoint, name, others in _PLACES
        if _is_open(endpoint) and all(word in fold(f"{name} {others}") for word in words)
    ]
    return SearchGroup("Go to", "right", hits)


def _is_open(endpoint: str) -> bool:
    declared = policy_of(current_app, endpoint)
    return not isinstance(declared, Power) or may(declared)


def _people(text: str) -> SearchGroup:
    found = finding.find(session(), Wanted(text=text), page=1, per_page=_MOST)
    hits = [
        SearchHit(
            url_for("people.show", person_id=each.id),
            each.name or each.email or "(no name)",
            each.organisation.name if each.organisation else each.email or "",
        )
        for each in found.people
    ]
    return SearchGroup("People", "people", hits, url_for("people.show_all", text=text))


def _organisations(text: str) -> SearchGroup:
    found = session().scalars(
        select(Organisation)
        .where(_has_words(Organisation.name_key, text))
        .options(joinedload(Organisation.category))
        .order_by(Organisation.name_key)
        .limit(_MOST)
    )
    hits = [
        SearchHit(
            url_for("organisations.show", slug=each.slug),
            each.name,
            each.category.name if each.category else "",
        )
        for each in found
    ]
    return SearchGroup(
        "Organisations", "building", hits, url_for("organisations.show_all", text=text)
    )


def _issues(text: str) -> SearchGroup:
    found = session().scalars(
        select(Campaign)
        .where(
            Campaign.status.not_in((CampaignStatus.BINNED, CampaignStatus.TEMPLATE)),
            or_(
                _has_words(func.lower(Campaign.name), text),
                _has_words(func.lower(Campaign.subject), text),
            ),
        )
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.id.desc())
        .limit(_MOST)
    )
    hits = [SearchHit(link("issues.show", each), each.name, each.subject) for each in found]
    return SearchGroup("Issues", "mail", hits)


def _library(text: str) -> SearchGroup:
    today = local_now().date()
    found, _ = library.search(
        session(), WantedItems(text=text), today=today, page=1, per_page=_MOST
    )
    hits = [
        SearchHit(
            url_for("library_items.show", item_id=each.item.id),
            each.item.title,
            ", ".join([KINDS[each.item.kind].type_title, STANDINGS[each.standing].lower()]),
        )
        for each in found
    ]
    return SearchGroup("Library", "note", hits, url_for("library.show_all", text=text))


def _segments(text: str) -> SearchGroup:
    found = session().scalars(
        select(Segment)
        .where(_has_words(func.lower(Segment.name), text))
        .order_by(Segment.name)
        .limit(_MOST)
    )
    hits = [SearchHit(url_for("segments.show", slug=each.slug), each.name) for each in found]
    return SearchGroup("Segments", "filter", hits)


def _has_words(
    column: InstrumentedAttribute[str] | ColumnElement[str], text: str
) -> ColumnElement[bool]:
    """Whether every word stands somewhere in ``column``, which is in lower case."""
    words = fold(text).split()
    return and_(true(), *(column.contains(word, autoescape=True) for word in words))
