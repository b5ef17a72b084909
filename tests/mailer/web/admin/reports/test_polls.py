"""Polls in a report: numbers that lead to people."""

import re

from sqlalchemy import select

from contacts.models import Contact
from mailer.bootstrap import Mailer
from mailer.models import Campaign
from tests.factories import Cast
from tests.mailer.receipts.answered import answers, sent
from tests.mailer.web.browser import Browser, visible_text

REPORT = "/issues/members-update/2026-12/report"


def test_every_number_of_a_poll_leads_to_as_many_people(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    sent(mailer.database, cast)
    answers(mailer.database, cast.alice, 1)
    answers(mailer.database, cast.bob, 1)
    answers(mailer.database, cast.carol, 3)

    page = viewer.get(REPORT)
    found = re.findall(rf'<a href="({REPORT}/poll/school/\d)">(\d)</a>', page.text)

    assert [number for _, number in found] == ["2", "1"]
    assert "Poll: What about?" in visible_text(page)
    assert "Together 3" in visible_text(page)
    for url, number in found:
        listed = viewer.get(url)
        assert len(re.findall(r'<a href="/people/\d+">', listed.text)) == int(number)
    assert "2 answered “Homes”" in visible_text(viewer.get(found[0][0]))


def test_somebody_who_was_erased_is_counted_and_not_named(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    sent(mailer.database, cast)
    answers(mailer.database, cast.alice, 1)
    with mailer.database.writing() as session:
        session.delete(session.get_one(Contact, cast.alice))

    listed = visible_text(viewer.get(f"{REPORT}/poll/school/1"))

    assert "1 answered “Homes”" in listed
    assert "(withdrawn or erased)" in listed
    assert "Alice" not in listed


def test_an_answer_that_there_is_not_has_no_list(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    sent(mailer.database, cast)

    assert viewer.get(f"{REPORT}/poll/school/1").status_code == 200
    for path in ("school/4", "school/0", "t/1", "nothing/1"):
        assert viewer.get(f"{REPORT}/poll/{path}").status_code == 404


def test_an_issue_without_a_poll_says_nothing_of_one(
    mailer: Mailer, cast: Cast, viewer: Browser
) -> None:
    sent(mailer.database, cast)
    with mailer.database.writing() as session:
        issue = session.scalars(select(Campaign)).one()
        issue.sent_version = None

    assert "Poll" not in visible_text(viewer.get(REPORT))
