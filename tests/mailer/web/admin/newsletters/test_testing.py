"""Sending a test from the pages: one press for oneself, and the page with the choices."""

import pytest
from sqlalchemy import select

from contacts.models import AuditEntry
from contacts.permission import newsletters
from mailer.bootstrap import Mailer
from mailer.models import IssueTest, SystemMail
from tests.factories import Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text

ISSUE = "/issues/members-update/2026-12"
PAGE = f"{ISSUE}/test"
MINE = "editor@network.example"


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, cast.newsletter).id


def sent(mailer: Mailer) -> list[tuple[str, str]]:
    """To whom, and the category that it is seen as."""
    with mailer.database.reading() as session:
        found = select(SystemMail.to_address, IssueTest.category).join_from(IssueTest, SystemMail)
        return [(to, category) for to, category in session.execute(found.order_by(IssueTest.id))]


@pytest.mark.parametrize(
    ("back", "there"), [("hub", ISSUE), ("composer", f"{ISSUE}/compose"), ("home", "/")]
)
@pytest.mark.usefixtures("issue")
def test_one_press_sends_me_a_test_and_leads_back(
    mailer: Mailer, editor: Browser, back: str, there: str
) -> None:
    answer = editor.submit(there, to=f"{PAGE}?back={back}", follow=False)

    assert (answer.status_code, answer.headers["Location"]) == (302, there)
    assert sent(mailer) == [(MINE, "full")]
    assert f"on its way to {MINE}" in visible_text(editor.get(there))


@pytest.mark.usefixtures("issue")
def test_nobody_is_led_anywhere_else(editor: Browser) -> None:
    answer = editor.submit(PAGE, to=f"{PAGE}?back=https://evil.example", follow=False)

    assert answer.headers["Location"] == PAGE


@pytest.mark.usefixtures("issue")
def test_a_test_goes_to_others_as_all_categories(mailer: Mailer, editor: Browser) -> None:
    typed = {"whom": "others", "to": "a@a.example\r\nb@a.example", "as": "all"}

    editor.submit(PAGE, typed)

    assert len(sent(mailer)) == 8
    assert {category for _, category in sent(mailer)} == {
        *("full", "associate", "affiliate", "supporter")
    }


@pytest.mark.usefixtures("issue")
def test_a_test_goes_to_the_group_of_the_newsletter(mailer: Mailer, editor: Browser) -> None:
    with mailer.database.writing() as session:
        newsletters.newsletter_of(session, "members-update").test_group = "a@a.example, b@a.example"

    editor.submit(PAGE, {"whom": "group", "as": "none"})

    assert sent(mailer) == [("a@a.example", ""), ("b@a.example", "")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"whom": "group"}, "has no test group yet"),
        ({"whom": "others"}, "at least one address"),
        ({"whom": "others", "to": "a@a.example, nonsense"}, "“nonsense”: Not an e-mail address"),
        ({"whom": "others", "to": ",".join(f"p{n}@a.example" for n in range(11))}, "at most 10"),
        ({"as": "person"}, "Write the address of the person"),
        ({"as": "person", "person": "nobody@a.example"}, "Nobody here has that address"),
        ({"as": "gone"}, "That category is no longer there"),
    ],
)
@pytest.mark.usefixtures("issue")
def test_what_cannot_be_sent_is_said_on_the_page(
    mailer: Mailer, editor: Browser, typed: dict[str, str], sentence: str
) -> None:
    answer = editor.submit(PAGE, typed)

    assert answer.status_code == 422
    assert sentence in visible_text(answer)
    assert sent(mailer) == []


@pytest.mark.usefixtures("issue")
def test_the_hub_shows_where_a_test_got_to_and_renews_itself(
    mailer: Mailer, editor: Browser
) -> None:
    editor.submit(ISSUE, to=f"{PAGE}?back=hub")

    hub = editor.get(ISSUE)

    assert f"Version 1 to {MINE}" in visible_text(hub)
    assert "On its way" in visible_text(hub)
    assert 'id="tests"' in hub.text
    assert 'data-fresh="5"' in hub.text


@pytest.mark.usefixtures("issue")
def test_a_viewer_sees_tests_and_sends_none(mailer: Mailer, viewer: Browser) -> None:
    assert "No test has been sent yet" in visible_text(viewer.get(PAGE))
    assert "Send the test" not in viewer.get(PAGE).text
    assert "Send me a test" not in viewer.get(ISSUE).text
    assert viewer.submit("/", to=PAGE).status_code == 403
    assert sent(mailer) == []


def test_the_links_of_a_test_only_ask_whether_it_looks_right(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="2026-12")
    page = "/issues/members-update/2026-12"

    asked = editor.get(f"{page}/test/read?version=1")

    assert "Does the test look right?" in visible_text(asked)
    with mailer.database.reading() as session:
        acts = session.scalars(select(AuditEntry.act)).all()
    assert "issue test read" not in acts
    said = editor.submit(f"{page}/test/read?version=1", {"version": "1"})
    assert "you found nothing wrong in version 1" in visible_text(said)
