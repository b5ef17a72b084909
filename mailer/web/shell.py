"""What every page has around it: its place in the navigation, its words for numbers and times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Flask, current_app, g, request, url_for
from flask_security import current_user
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from mailer.authoring.blocks.fields import Field
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.authoring.text import merging, typed_dates
from mailer.authoring.text.spelling import spelled
from mailer.clock import moment_words, zone_words
from mailer.domains.routes import is_caught
from mailer.models import Power
from mailer.notices import notifications
from mailer.web import network
from mailer.web.policy import may, policy_of
from mailer.web.transactions import session, this_mailer

THEMES: Final = ("light", "dark")
NAME: Final = "Circular"

# Endpoint, words, and what lies under it: the same, and which kind of item for the library.
_MAIN: Final = (
    ("home.show", "Home", ()),
    (
        "issues.show_all",
        "Newsletters",
        (
            ("issues.show_all", "Issues"),
            ("send_dates.show_all", "Calendar"),
            ("schedules.show_all", "Schedules"),
            ("templates.show_all", "Templates"),
        ),
    ),
    (
        "library.show_all",
        "Library",
        (
            ("library.show_all", "Everything"),
            *(("library.show_all", each.type_plural, name) for name, each in KINDS.items()),
            ("pictures.show_all", "Pictures"),
            ("story_requests.show_all", "Requests"),
            ("feeds.show_all", "Feeds"),
        ),
    ),
    (
        "people.show_all",
        "Contacts",
        (
            ("people.show_all", "People"),
            ("organisations.show_all", "Organisations"),
            ("segments.show_all", "Segments"),
            ("imports.show_all", "Import"),
            ("suppressions.show_all", "Do not email"),
            ("unreadable_mail.show_all", "Mail to look at"),
        ),
    ),
    ("reports.show_all", "Reports", (("reports.show_all", "Issues"),)),
)
_SETTINGS: Final = (
    ("network.show", "Network and footer"),
    ("newsletters.show_all", "Newsletters"),
    ("categories.show_all", "Categories"),
    ("election_periods.show_all", "Calendar"),
    ("days_off.show_all", "Working days"),
    ("operators.show_all", "People and rights"),
    ("senders.show_all", "Senders"),
    ("relays.show_all", "Relays"),
    ("public_pages.show", "Public pages"),
    ("privacy.show", "Privacy"),
)
# Blueprints whose pages are those of another.
_PARTS_OF: Final = {
    "checking": "issues",
    "composing": "issues",
    "from_library": "issues",
    "asking_for_stories": "story_requests",
    "featured": "story_requests",
    "library_items": "library",
    "testing": "issues",
    "correcting": "reports",
    "sending": "issues",
    "relay_tests": "relays",
    "brands": "newsletters",
    "polls": "reports",
    "wont": "issues",
}


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One link of the navigation."""

    url: str
    words: str
    current: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Who is signed in, as the page shows them."""

    name: str
    email: str

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def add_template_globals(app: Flask) -> None:
    """Give every template the shell's values and filters."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "count": lambda number: f"{number:,}",
        "when": when,
        "zone_words": zone_words,
        "offered": offered,
        "day": day,
        "shortday": shortday,
        "wall": wall,
        "iso": lambda moment: moment.isoformat() if moment else "",
        "percent": percent,
        "size": size,
        "spelled": spelled,
        "typed_date": typed_dates.shown,
    }

    app.jinja_env.globals["merge_fields"] = merging.NAMES

    @app.context_processor
    def values() -> dict[str, Any]:
        person = _person()
        theme = request.cookies.get("theme", "")
        return {
            **_of_the_network(),
            "operator": person,
            "administers": may(Power.ADMIN) if person else False,
            "may_write": may(Power.CONTRIBUTOR) if person else False,
            "may_edit": may(Power.EDITOR) if person else False,
            "may_approve": may(Power.APPROVER) if person else False,
            "catching": _catching() if person else False,
            "unread": _unread() if person else 0,
            "theme": theme if theme in THEMES else "",
            "navigation": _navigation() if person else [],
            "subnavigation": _subnavigation() if person else [],
        }


def when(moment: datetime | None) -> Markup | str:
    """A time element: "Tue 8 Dec 2026, 10:00 UK time (GMT)"."""
    if moment is None:
        return ""
    return Markup('<time datetime="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"), in_words(moment)
    )


def in_words(moment: datetime) -> str:
    """ "Tue 8 Dec 2026, 10:00 UK time (GMT)"."""
    return moment_words(moment, network.zone())


def day(value: date | datetime | None) -> str:
    """ "Tue 8 Dec 2026"."""
    if isinstance(value, datetime) and value.tzinfo is UTC:
        value = network.local(value)
    return f"{value:%a} {value.day} {value:%b %Y}" if value else ""


def shortday(moment: datetime) -> Markup:
    """A time element for a column of them: "8 Dec 2026"."""
    there = network.local(moment)
    return Markup('<time datetime="{}">{}</time>').format(
        there.date(), f"{there.day} {there:%b %Y}"
    )


def offered(field: Field, value: str) -> list[tuple[str, str]]:
    """What a choice offers: of languages those that the network writes in, and the one it has."""
    if field.name != "language":
        return list(field.choices)
    kept = {"", value, *network.network().details.languages}
    return [each for each in field.choices if each[0] in kept]


def wall(text: str | None) -> str:
    """A planned wall time in words: "Tue 8 Dec 2026 at 10:00"."""
    if not text:
        return ""
    there = datetime.fromisoformat(text)
    return f"{day(there)} at {there:%H:%M}"


def percent(number: int, of: int) -> str:
    """A share with its base: "17.8 % of 1,187", or "3 of 12" where the base is small."""
    if of < 20:
        return f"{number} of {of}"
    return f"{100 * number / of:.1f} % of {of:,}"


def size(octets: int) -> str:
    """ "3 kB", "1.2 MB"."""
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} kB"
    return f"{octets / 1_000_000:.1f} MB"


def _person() -> SignedInPerson | None:
    try:
        if not current_user or not current_user.is_authenticated:
            return None
        return SignedInPerson(current_user.name, current_user.email)
    except SQLAlchemyError:  # the page that says so is dressed by this function too
        return None


def _of_the_network() -> dict[str, object]:
    shown = network.network()
    return {
        "network_name": shown.details.name or NAME,
        "postal_address": shown.details.postal_address,
        "privacy_notice_url": shown.privacy_notice_url,
        "time_zone": zone_words(shown.details.time_zone),
        "clocks": network.clocks(),
    }


def _catching() -> bool:
    try:
        return is_caught(session(), this_mailer().settings)
    except SQLAlchemyError:
        return False


def _unread() -> int:
    try:
        return notifications.unread(session(), current_user.id)
    except SQLAlchemyError:
        return 0


def _navigation() -> list[NavigationItem]:
    return [_item(endpoint, words, _under(under)) for endpoint, words, under in _MAIN]


def _subnavigation() -> list[NavigationItem]:
    for endpoint, _, under in _MAIN:
        if len(under) > 1 and _here() in {_under_name(endpoint), *_under(under)}:
            return [_under_item(*each) for each in under if _is_open(each[0])]
    if _here() in _under(_SETTINGS):
        return [_item(each, words, ()) for each, words in _SETTINGS]
    return []


def _is_open(endpoint: str) -> bool:
    declared = policy_of(current_app, endpoint)
    return not isinstance(declared, Power) or may(declared)


def _item(endpoint: str, words: str, under: tuple[str, ...]) -> NavigationItem:
    current = _here() in {_under_name(endpoint), *under}
    return NavigationItem(url_for(endpoint), words, current, request.endpoint == endpoint)


def _under_item(endpoint: str, words: str, kind: str = "") -> NavigationItem:
    """A link to a page, or to one kind of item of the library."""
    item = _item(endpoint, words, ())
    if _under_name(endpoint) != "library":
        return item
    shown = str(g.get("library_kind", ""))
    return NavigationItem(
        url_for(endpoint, type=kind or None), words, item.current and shown == kind, item.exact
    )


def _under(under: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(_under_name(each[0]) for each in under)


def _under_name(endpoint: str) -> str:
    return endpoint.partition(".")[0]


def _here() -> str:
    blueprint = request.blueprint or ""
    return _PARTS_OF.get(blueprint, blueprint)
