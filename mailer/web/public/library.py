"""The library for everybody: case studies, events, the blog, members. Each page is there once it is
switched on; before that, and for what is not public, there is nothing."""

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.organisations.members import members as members_of_the_network
from mailer.authoring.blocks.cases import Case
from mailer.authoring.blocks.events import Event
from mailer.authoring.blocks.linking import BlogEntry
from mailer.authoring.library import published
from mailer.authoring.library.items import kept_of
from mailer.authoring.library.kinds.event import KeptEvent
from mailer.authoring.text import dates, markdown
from mailer.authoring.text.calendar import CalendarEvent, write_all
from mailer.authoring.text.languages import ENGLISH
from mailer.authoring.text.merging import for_everybody
from mailer.authoring.text.urls import LIBRARY_PICTURE, wrong_with
from mailer.errors import NotFound
from mailer.models import LibraryItem
from mailer.network.public_pages import PublicPage, switched_on
from mailer.web import forms
from mailer.web.limits import visits
from mailer.web.network import clocks, local_now, network
from mailer.web.policy import public
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("public_library", __name__)
_PAGE: Final = 24
_MEMBERS: Final = 100
P = PublicPage
TITLES: Final = {
    P.CASE_STUDIES: "Case studies",
    P.EVENTS: "Events",
    P.BLOG: "Blog",
    P.MEMBERS: "Members",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    q: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class ShownItem:
    """What everybody sees of an item: words without marks, and addresses that can be followed."""

    title: str
    under: str  # who and when, in a line
    words: str = ""
    chips: tuple[str, ...] = ()
    link: str = ""
    link_words: str = ""
    picture: str = ""
    picture_words: str = ""
    id: int = 0
    has_file: bool = False


@blueprint.get("/case-studies")
@public
@visits("120/minute")
def case_studies() -> ResponseReturnValue:
    """Case studies, with a search."""
    there = _switched_on(P.CASE_STUDIES)
    wanted, page = forms.asked(_Asked).q, forms.page()
    items, total = published.newest(session(), "case_study", text=wanted, page=page, per_page=_PAGE)
    rows = [_case(each) for each in items]
    return _list(P.CASE_STUDIES, there, rows, total, page, wanted=wanted)


@blueprint.get("/blog")
@public
@visits("120/minute")
def blog() -> ResponseReturnValue:
    """Posts, the newest first."""
    there, page = _switched_on(P.BLOG), forms.page()
    items, total = published.newest(session(), "post", page=page, per_page=_PAGE)
    return _list(P.BLOG, there, [_post(each) for each in items], total, page)


@blueprint.get("/events")
@public
@visits("120/minute")
def events() -> ResponseReturnValue:
    """What is coming up."""
    there, page = _switched_on(P.EVENTS), forms.page()
    found = published.coming(session(), at=local_now())
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    rows = [_event(item, kept) for item, kept in shown]
    return _list(P.EVENTS, there, rows, len(found), page)


@blueprint.get("/events.ics")
@public
@visits("120/minute")
def calendar() -> ResponseReturnValue:
    """The same for calendars to follow."""
    _switched_on(P.EVENTS)
    found = published.coming(session(), at=local_now())
    files = [each for item, kept in found if (each := _file(item, kept))]
    name = f"{network().details.name} events".strip()
    return _calendar(write_all(files, name=name), "events.ics")


@blueprint.get("/events/<int:item_id>.ics")
@public
@visits("120/minute")
def event_file(item_id: int) -> ResponseReturnValue:
    """One event, for a calendar."""
    _switched_on(P.EVENTS)
    file = _file(*published.event(session(), item_id))
    if file is None:
        raise NotFound("Nobody has said yet when this event is.")
    return _calendar(write_all([file]), f"event-{item_id}.ics")


@blueprint.get("/members")
@public
@visits("120/minute")
def members() -> ResponseReturnValue:
    """The organisations that are members, with their websites."""
    there, page = _switched_on(P.MEMBERS), forms.page()
    rows, total = members_of_the_network(session(), page=page, per_page=_MEMBERS)
    return render_template(
        "public/members.html",
        rows=[(each, category, _followed(each.website)) for each, category in rows],
        **_around(P.MEMBERS, there, total, page, per_page=_MEMBERS),
    )


def _switched_on(wanted: PublicPage) -> list[PublicPage]:
    """The pages there are; NotFound where this is none of them."""
    there = switched_on(session())
    if wanted not in there:
        raise NotFound("There is no such page.")
    return there


def _list(
    which: PublicPage,
    there: list[PublicPage],
    rows: list[ShownItem],
    total: int,
    page: int,
    *,
    wanted: str = "",
) -> str:
    around = _around(which, there, total, page, per_page=_PAGE, q=wanted)
    return render_template("public/library.html", rows=rows, wanted=wanted, **around)


def _around(
    which: PublicPage, there: list[PublicPage], total: int, page: int, *, per_page: int, q: str = ""
) -> dict[str, Any]:
    def address(number: int) -> str:
        return url_for(_endpoint(which), q=q or None, page=number if number > 1 else None)

    return {
        "which": which.value,
        "title": TITLES[which],
        "pages_there": [(url_for(_endpoint(each)), TITLES[each], each is which) for each in there],
        "total": total,
        "page": page,
        "per_page": per_page,
        "url": address,
        "canonical": this_mailer().settings.site + address(page),
        "indexed": not q,
    }


def _endpoint(page: PublicPage) -> str:
    return f"public_library.{page.value.replace('-', '_')}"


def _case(item: LibraryItem) -> ShownItem:
    case = kept_of(item).piece()
    assert isinstance(case, Case)
    picture = case.image if LIBRARY_PICTURE.fullmatch(case.image) and case.image_alt else ""
    return ShownItem(
        title=for_everybody(case.title),
        under=for_everybody(case.standing),
        words=_plain(case.summary),
        chips=tuple(map(for_everybody, case.chips)),
        link=_followed(case.link),
        link_words=for_everybody(case.link_words or "Read more"),
        picture=picture,
        picture_words=for_everybody(case.image_alt),
    )


def _post(item: LibraryItem) -> ShownItem:
    post = kept_of(item).piece()
    assert isinstance(post, BlogEntry)
    day = dates.read(post.published)
    said = (post.author, dates.date_words(day.day) if day else "")
    return ShownItem(
        title=for_everybody(post.title),
        under=for_everybody(", ".join(filter(None, said))),
        words=_plain(post.summary),
        link=_followed(post.link),
    )


def _event(item: LibraryItem, kept: KeptEvent) -> ShownItem:
    zone = clocks()
    start, end = dates.read(kept.start, zone), dates.read(kept.end, zone)
    where = ", ".join(filter(None, (kept.place, kept.organiser)))
    return ShownItem(
        title=for_everybody(kept.title),
        under=dates.span_words(start, end, zone=zone) if start else "",
        words=for_everybody(where),
        chips=(for_everybody(kept.region),) if kept.region else (),
        link=_followed(kept.link),
        link_words=for_everybody(kept.link_words or "Find out more"),
        id=item.id,
        has_file=start is not None,
    )


def _file(item: LibraryItem, kept: KeptEvent) -> CalendarEvent | None:
    event = kept.piece()
    assert isinstance(event, Event)
    found = event.for_a_calendar(ENGLISH, said_at=item.updated_at, zone=clocks())
    # One that is moved is still the same event to whoever follows the calendar.
    return replace(found, uid=f"item-{item.id}@circular") if found else None


def _calendar(content: bytes, name: str) -> Response:
    answer = Response(content, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _plain(text: str) -> str:
    """What is written in Markdown, in words alone."""
    said = (
        each if isinstance(each, str) else getattr(each, "fallback", " ")
        for each in markdown.events(text)
        if not isinstance(each, markdown.Open | markdown.Close) or each.tag in {"p", "li", "h"}
    )
    return " ".join("".join(said).split())


def _followed(address: str) -> str:
    return "" if not address or wrong_with(address, ("https", "http")) else address
