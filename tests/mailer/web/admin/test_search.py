"""Search over everything, and the bar that leads to it."""

import pytest

from contacts.models import Segment
from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import NOW, Cast, a_campaign, an_item
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Power.ADMIN)


@pytest.fixture
def network(mailer: Mailer, cast: Cast) -> None:
    with mailer.database.writing() as session:
        an_item(session)
        a_campaign(session, cast.newsletter, slug="2026-11").name = "November 100% news"
        session.add(
            Segment(slug="leads", name="Alpine leads", rules={}, created_at=NOW, updated_at=NOW)
        )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ali", "Cllr Alice Adeyemi Aldmor Council"),
        ("alice@aldmor.example", "Cllr Alice Adeyemi"),
        ("aldm cou", "Organisations All organisations Aldmor Council"),
        ("NOVEMBER", "November 100% news"),
        ("100%", "November 100% news"),
        ("leads alp", "Segments Alpine leads"),
        ("wood own", "Library All library Our wood Story, ready"),
        ("stories", "Go to Library"),
        ("spreadsheet", "Import people from a file"),
        ("csv down", "Export people"),
    ],
)
def test_people_places_and_things_are_found(
    network: None, editor: Browser, text: str, found: str
) -> None:
    assert found in visible_text(editor.get("/search", query_string={"q": text}))


def test_nothing_found_says_so_and_keeps_the_words(network: None, editor: Browser) -> None:
    answer = editor.get("/search", query_string={"q": "zzz _%"})

    assert "Nothing has “zzz _%” in it." in visible_text(answer)
    assert 'value="zzz _%"' in answer.text


def test_places_are_those_that_one_may_go_to(
    network: None, viewer: Browser, editor: Browser, admin: Browser
) -> None:
    def places(who: Browser) -> str:
        return visible_text(who.get("/search"))

    assert "Add a person" not in places(viewer)
    assert "Add a person" in places(editor)
    assert "Relays and speed" not in places(editor).partition("Go to")[2]
    assert "Relays and speed" in places(admin).partition("Go to")[2]


def test_the_bar_has_what_one_may_do(viewer: Browser, editor: Browser, admin: Browser) -> None:
    def bar(who: Browser) -> str:
        return who.get("/components").text.partition("<main")[0]

    assert 'href="/people/new"' not in bar(viewer)
    assert 'href="/people/new"' in bar(editor)
    assert 'href="/settings/' not in bar(editor)
    assert 'href="/settings/' in bar(admin)


@pytest.mark.parametrize("text", ["x" * 5_000, "%00", "'; DROP TABLE", "(*)", "\u202e", "  "])
def test_any_words_are_answered(network: None, viewer: Browser, text: str) -> None:
    assert viewer.get("/search", query_string={"q": text}).status_code == 200
