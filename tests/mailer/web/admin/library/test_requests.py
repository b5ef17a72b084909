"""Pages of requests and of who was featured: what goes out was shown before, in one number."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from contacts.models import Organisation, SuppressionReason
from contacts.permission.suppressions import suppress
from mailer.bootstrap import Mailer
from mailer.models import StoryAsk, StoryRequest, SystemMail
from tests.factories import NOW, TESTER, Cast, a_contact
from tests.mailer.web.browser import Browser, visible_text

NEW = "/library/requests/new"


@pytest.fixture
def form(mailer: Mailer, cast: Cast) -> dict[str, str]:
    due = mailer.clock().date() + timedelta(days=9)
    return {
        "title": "What happened?",
        "words": "Tell us.",
        "due_on": due.isoformat(),
        "remind": "yes",
        "remind_on": (due - timedelta(days=2)).isoformat(),
    }


def number(mailer: Mailer, what: type[StoryAsk] | type[SystemMail]) -> int:
    with mailer.database.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_the_mail_and_whom_it_goes_to_are_shown_before_anybody_is_asked(
    mailer: Mailer, cast: Cast, editor: Browser, form: dict[str, str]
) -> None:
    people = {"person": [str(cast.alice), str(cast.bob), str(cast.carol)]}

    shown = editor.submit(NEW, {**form, **people, "then": "show"})

    said = visible_text(shown)
    assert "It goes to 2 people" in said
    assert "Carol Castell: is on the list of those who get no email" in said
    assert "Hello Alice," in said
    assert number(mailer, SystemMail) == 0
    seen = re.search(r'name="seen" value="(\d+)"', shown.text)
    assert seen
    done = editor.submit(NEW, {**form, **people, "seen": seen[1], "then": "ask"})
    assert "2 people are asked." in visible_text(done)
    assert "Not sent" in visible_text(done)
    assert number(mailer, SystemMail) == 2
    assert number(mailer, StoryAsk) == 3


def test_where_people_changed_meanwhile_the_number_is_shown_again(
    mailer: Mailer, cast: Cast, editor: Browser, form: dict[str, str]
) -> None:
    people = {"person": [str(cast.alice), str(cast.bob)]}
    with mailer.database.writing() as session:
        suppress(session, "bob@bexmoor.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)

    answer = editor.submit(NEW, {**form, **people, "seen": "2", "then": "ask"})

    assert "People changed while you were reading" in visible_text(answer)
    assert number(mailer, SystemMail) == 0


def test_people_and_organisations_are_found_and_stay_chosen(
    cast: Cast, editor: Browser, form: dict[str, str]
) -> None:
    found = editor.submit(NEW, {**form, "find": "aldmor", "then": "find"})
    assert re.search(r'name="organisation"\s+value="1"', found.text)
    again = editor.submit(NEW, {**form, "find": "bell", "organisation": "1", "then": "find"})

    assert re.search(r'name="organisation"\s+value="1"\s+checked', again.text)
    assert "Bob Bell" in visible_text(again)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due_on": "never"}, "Write the day"),
        ({"due_on": "2020-01-01"}, "Give them at least until tomorrow"),
        ({"title": ""}, "Say what you ask for"),
        ({"person": ""}, "Choose whom to ask"),
        ({"person": "999999"}, "Nobody of these can be asked"),
        ({"person": "9" * 30}, "Choose whom to ask"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    mailer: Mailer,
    cast: Cast,
    editor: Browser,
    form: dict[str, str],
    wrong: dict[str, str],
    said: str,
) -> None:
    answer = editor.submit(NEW, {**form, "person": str(cast.alice), **wrong, "then": "show"})

    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert ">\nTell us.</textarea>" in answer.text
    assert number(mailer, StoryAsk) == 0


def test_whoever_is_silent_is_asked_once_more_one_by_one_or_all(
    mailer: Mailer, cast: Cast, editor: Browser, form: dict[str, str]
) -> None:
    people = {"person": [str(cast.alice), str(cast.bob)]}
    editor.submit(NEW, {**form, **people, "seen": "2", "then": "ask"})
    assert ">Chase<" not in editor.get("/library/requests/1").text

    with mailer.database.writing() as session:
        session.execute(update(StoryRequest).values(asked_at=mailer.clock() - timedelta(days=2)))
    page = editor.get("/library/requests/1")
    assert page.text.count("Chase<") == 2
    one = editor.submit("/library/requests/1", to="/library/requests/asked/1/chase")
    assert "is asked once more" in visible_text(one)
    rest = editor.submit("/library/requests/1", to="/library/requests/1/chase")
    assert "1 is asked once more. 1 can’t be, or were within the last day." in visible_text(rest)
    assert number(mailer, SystemMail) == 4


def test_members_that_nothing_was_told_of_are_listed_with_a_way_to_ask(
    mailer: Mailer, cast: Cast, editor: Browser, viewer: Browser
) -> None:
    with mailer.database.writing() as session:
        a_contact(session, "Ed", "ed@wye.example", category="associate", organisation="Wyeham")
        place = session.scalars(select(Organisation.id).where(Organisation.name == "Wyeham")).one()

    page = editor.get("/library/featured")

    assert "Not featured so far" in visible_text(page)
    assert f"{NEW}?organisation={place}" in page.text
    assert "Wyeham" in visible_text(editor.get(f"{NEW}?organisation={place}"))
    assert NEW not in viewer.get("/library/featured").text
    assert "Aldmor" not in visible_text(editor.get("/library/featured?category=associate"))


def test_nobody_asked_yet_says_what_to_do_and_who_can(cast: Cast, viewer: Browser) -> None:
    said = visible_text(viewer.get("/library/requests"))

    assert "Nobody has been asked yet" in said
    assert viewer.get(NEW).status_code == 403
