"""The library for everybody: nothing until it is switched on, and then only what is public."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import event, select, update

from contacts.models import Organisation
from mailer.authoring.library import items, published
from mailer.bootstrap import Mailer
from mailer.models import LibraryItem
from mailer.network import public_pages
from mailer.network.public_pages import PublicPage
from tests.factories import TESTER, Cast, an_item
from tests.mailer.web.browser import Browser, visible_text

PAGES = [page.value for page in PublicPage]
HOSTILE = "<script>alert(1)</script> {{first_name|friend}} *bold*"


@pytest.fixture
def on(mailer: Mailer, cast: Cast) -> None:
    """Everything is switched on."""
    with mailer.database.writing() as session:
        public_pages.switch(session, list(PublicPage), actor=TESTER, now=mailer.clock())


def shown(mailer: Mailer, kind: str, **fields: str) -> int:
    with mailer.database.writing() as session:
        item = an_item(session, kind, **fields)
        published.set_public(session, item.id, public=True, actor=TESTER, now=mailer.clock())
        return item.id


def soon(mailer: Mailer, days: int) -> str:
    return (mailer.clock() + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize("path", [*PAGES, "events.ics", "events/1.ics"])
def test_a_page_that_is_not_switched_on_is_not_there(
    mailer: Mailer, cast: Cast, visitor: Browser, path: str
) -> None:
    with mailer.database.writing() as session:
        others = [page for page in PublicPage if not path.startswith(page.value)]
        public_pages.switch(session, others, actor=TESTER, now=mailer.clock())
    shown(mailer, "event", start=soon(mailer, 9))

    assert visitor.get(f"/{path}").status_code == 404


def test_only_what_is_public_and_ready_is_shown(mailer: Mailer, on: None, visitor: Browser) -> None:
    shown(mailer, "case_study", title="The open one")
    drafted = shown(mailer, "case_study", title="The draft")
    binned = shown(mailer, "case_study", title="The binned one")
    with mailer.database.writing() as session:
        an_item(session, "case_study", title="The inner one")
        items.take_back(session, drafted, actor=TESTER, now=mailer.clock())
        items.put_in_bin(session, binned, actor=TESTER, now=mailer.clock())

    page = visible_text(visitor.get("/case-studies"))

    assert "The open one" in page
    for each in ("The draft", "The binned one", "The inner one"):
        assert each not in page


def test_case_studies_are_searched(mailer: Mailer, on: None, visitor: Browser) -> None:
    shown(mailer, "case_study", title="Tools are lent")
    shown(mailer, "case_study", title="A hall with keys", summary="Keys for **everybody**.")

    found = visitor.get("/case-studies?q=hall")
    nothing = visitor.get("/case-studies?q=" + "x" * 500)

    assert "A hall with keys" in visible_text(found)
    assert "Keys for everybody." in visible_text(found)
    assert "Tools are lent" not in visible_text(found)
    assert "noindex" in found.text
    assert "No case study has all of these words" in visible_text(nothing)


def test_events_to_come_stand_by_their_day_and_calendars_follow_them(
    mailer: Mailer, on: None, visitor: Browser
) -> None:
    later = shown(mailer, "event", title="Later", start=soon(mailer, 30))
    shown(mailer, "event", title="Sooner", start=soon(mailer, 3) + "T10:00", place="Hall, 2; Row")
    over = shown(mailer, "event", title="Over", start=soon(mailer, -20))
    shown(mailer, "event", title="Going on", start=soon(mailer, -2), end=soon(mailer, 2))

    page = visible_text(visitor.get("/events"))
    assert page.index("Going on") < page.index("Sooner") < page.index("Later")
    assert "Over" not in page
    answer = visitor.get("/events.ics")
    read = Calendar.from_ical(answer.data)
    assert [str(each["SUMMARY"]) for each in read.walk("VEVENT")] == ["Going on", "Sooner", "Later"]
    assert str(read.walk("VEVENT")[1]["LOCATION"]) == "Hall, 2; Row"
    assert answer.mimetype == "text/calendar"
    one = Calendar.from_ical(visitor.get(f"/events/{later}.ics").data).walk("VEVENT")
    assert [str(each["UID"]) for each in one] == [f"item-{later}@circular"]
    assert visitor.get(f"/events/{over}.ics").status_code == 200
    assert visitor.get("/events/999.ics").status_code == 404


def test_a_file_of_something_that_is_not_public_is_not_there(
    mailer: Mailer, on: None, visitor: Browser
) -> None:
    with mailer.database.writing() as session:
        inner = an_item(session, "event", start=soon(mailer, 3)).id
    case = shown(mailer, "case_study")

    assert visitor.get(f"/events/{inner}.ics").status_code == 404
    assert visitor.get(f"/events/{case}.ics").status_code == 404


def test_the_blog_is_the_newest_first(mailer: Mailer, on: None, visitor: Browser) -> None:
    for title, day in (("Old", "2026-10-01"), ("New", "2026-11-01"), ("Undated", "")):
        more = {"published": day} if day else {}
        shown(mailer, "post", title=f"{title} post", **more)

    page = visible_text(visitor.get("/blog"))

    assert page.index("New post") < page.index("Old post") < page.index("Undated post")


def test_members_are_organisations_and_no_address_of_a_person_is_shown(
    mailer: Mailer, on: None, visitor: Browser
) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Organisation).values(website="https://www.aldmor.example/"))

    page = visitor.get("/members")

    assert '<a href="https://www.aldmor.example/">Aldmor Council</a>' in page.text
    assert "1 organisation is a member." in visible_text(page)
    for secret in ("@", "Alice", "Bob"):
        assert secret not in visible_text(page).replace("@circular", "")


def test_hostile_words_are_words(mailer: Mailer, on: None, visitor: Browser) -> None:
    shown(mailer, "case_study", title=HOSTILE, organisation=HOSTILE, summary=HOSTILE)
    shown(mailer, "event", title=HOSTILE, place=HOSTILE, start=soon(mailer, 3))
    shown(mailer, "post", title=HOSTILE, summary=HOSTILE)
    with mailer.database.writing() as session:
        session.execute(update(Organisation).values(name=HOSTILE, website="javascript:alert(1)"))

    for path in PAGES:
        answer = visitor.get(f"/{path}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text, path
        assert "javascript:alert" not in answer.text, path
    for path in PAGES[:3]:
        assert "friend" in visible_text(visitor.get(f"/{path}"))
    assert b"\r\nSUMMARY:<script>alert(1)</script> friend" in visitor.get("/events.ics").data


def test_a_page_asks_the_database_little_however_much_there_is(
    mailer: Mailer, on: None, visitor: Browser
) -> None:
    for number in range(40):
        shown(mailer, "case_study", title=f"Case {number}")
    asked: list[str] = []
    event.listen(
        mailer.database.engine,
        "before_cursor_execute",
        lambda *args: asked.append(str(args[2])),
    )

    first = visitor.get("/case-studies")

    assert len(asked) <= 6, asked
    assert "Rows 1 to 24 of 40" in visible_text(first)
    second = visitor.get("/case-studies?page=2")
    assert 'rel="canonical" href="https://news.network.example/case-studies?page=2"' in second.text
    assert visitor.get("/case-studies?page=99999").status_code == 200


def test_an_admin_switches_pages_and_an_editor_says_what_stands_there(
    mailer: Mailer, cast: Cast, editor: Browser, visitor: Browser
) -> None:
    with mailer.database.writing() as session:
        number = an_item(session, "case_study", title="Tools are lent").id
    assert editor.get("/settings/public-pages").status_code == 403
    with mailer.database.writing() as session:
        wanted = [PublicPage.CASE_STUDIES]
        public_pages.switch(session, wanted, actor=TESTER, now=mailer.clock())
    assert "Tools are lent" not in visible_text(visitor.get("/case-studies"))

    said = editor.submit(f"/library/{number}", {"public": "yes"}, to=f"/library/{number}/public")

    assert "may stand on the public pages" in visible_text(said)
    assert "Tools are lent" in visible_text(visitor.get("/case-studies"))
    editor.submit(f"/library/{number}", {"public": ""}, to=f"/library/{number}/public")
    assert "Tools are lent" not in visible_text(visitor.get("/case-studies"))


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "www.example", "http://", "https://a b"]
)
def test_a_website_that_no_browser_opens_is_refused(
    mailer: Mailer, cast: Cast, editor: Browser, website: str
) -> None:
    with mailer.database.reading() as session:
        slug = session.scalars(select(Organisation.slug)).one()
    page = f"/organisations/{slug}/edit"

    wrong = editor.submit(page, {"name": "Aldmor", "category": "full", "website": website})
    good = editor.submit(
        page, {"name": "Aldmor", "category": "full", "website": "https://www.aldmor.example/"}
    )

    assert wrong.status_code == 422
    assert "Write a whole web address" in visible_text(wrong)
    assert good.status_code == 200
    with mailer.database.reading() as session:
        assert session.scalars(select(Organisation.website)).one().endswith("aldmor.example/")


def test_pages_are_looked_at_without_a_trace(mailer: Mailer, on: None, visitor: Browser) -> None:
    shown(mailer, "case_study")

    for path in PAGES:
        answer = visitor.get(f"/{path}")
        assert len(re.findall("<h1", answer.text)) == 1
        assert "Set-Cookie" not in answer.headers
    with mailer.database.reading() as session:
        assert session.scalars(select(LibraryItem)).one().revision == 1
