"""The page of one copy on the web, and the links of copies that are nobody's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts.addresses import several
from mailer.bootstrap import Mailer
from mailer.models import Delivery, IssueTest, Receipt
from mailer.notices.issue_test_copies import token_of
from mailer.notices.issue_tests import SeenAs, send_test
from mailer.security.tokens import Purpose
from tests.factories import TESTER, Cast, a_campaign, a_document
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock

SECRET = {"id": "s", "type": "text", "text": "For full members alone.", "visible_to": ["full"]}
HELLO = {"id": "t", "type": "text", "text": "Hello {{first_name|friend}}."}


def a_test_page(mailer: Mailer, cast: Cast, seen_as: SeenAs) -> str:
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter, a_document(HELLO, SECRET))
        to = several("asha@network.example", most=1)
        site, now = mailer.settings.site, mailer.clock()
        (test,) = send_test(session, issue.id, to, seen_as, site=site, actor=TESTER, now=now)
        return f"/v/{token_of(test, mailer.tokens)}"


def test_the_link_of_a_test_shows_that_version_and_says_what_it_is(
    mailer: Mailer, cast: Cast, visitor: Browser
) -> None:
    page = visitor.get(a_test_page(mailer, cast, SeenAs(("full",))))

    assert "This is a test of version 1, as Full members see it." in visible_text(page)
    assert "For full members alone." in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_a_test_is_shown_for_thirty_days(
    mailer: Mailer, cast: Cast, visitor: Browser, clock: MovedClock
) -> None:
    page = a_test_page(mailer, cast, SeenAs())

    clock.moved = timedelta(days=31)

    assert visitor.get(page).status_code == 410


@pytest.mark.parametrize("path", ["/u/{}", "/p/{}", "/u/{}/undo", "/p/{}/stop", "/p/{}/link"])
def test_links_that_are_nobodys_change_nothing_and_say_so(
    mailer: Mailer, cast: Cast, visitor: Browser, path: str
) -> None:
    del cast
    page = path.format(mailer.tokens.seal(Purpose.CHOICES, 0))

    answers = [visitor.submit("/choices", to=page)]
    if path.count("/") == 2:
        answers += [visitor.get(page), visitor.post_bare(page)]

    for answer in answers:
        assert answer.status_code in {200, 400}  # a program has no token of a form
    assert "Nobody was unsubscribed" in visible_text(answers[0])


def test_a_token_of_another_purpose_shows_nothing(
    mailer: Mailer, cast: Cast, visitor: Browser
) -> None:
    del cast
    for purpose in (Purpose.CHOICES, Purpose.TRACK, Purpose.ANSWER):
        assert visitor.get(f"/v/{mailer.tokens.seal(purpose, 1)}").status_code == 404
    for number, kind in ((999, 0), (999, 1), (1, 7)):
        token = mailer.tokens.seal(Purpose.ONLINE, number, kind)
        assert visitor.get(f"/v/{token}").status_code == 404


def test_looking_counts_nothing(mailer: Mailer, cast: Cast, visitor: Browser) -> None:
    visitor.get(a_test_page(mailer, cast, SeenAs()))

    with mailer.database.reading() as session:
        assert session.scalars(select(Receipt)).all() == []
        assert session.scalars(select(Delivery)).all() == []
        assert len(session.scalars(select(IssueTest)).all()) == 1
