"""The start list: an officer with a browser alone gets from nothing to a schedule."""

import pytest
from sqlalchemy import select

from contacts.models import AuditEntry, Newsletter
from mailer.bootstrap import Mailer
from mailer.models import Power
from tests.factories import a_campaign, a_contact, a_newsletter
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

NETWORK = {
    "name": "Commons Network",
    "postal_address": "1 Commons Row\nNorthhaven",
    "time_zone": "Europe/London",
    "languages": ["en-GB", "cy"],
}
NEWSLETTER = {
    "name": "Members' Update",
    "from_name": "Commons Network",
    "from_address": "news@network.example",
}
SCHEDULE = {
    "newsletter": "members-update",
    "rule": "weekday",
    "nth": "2",
    "weekday": "1",
    "day": "1",
    "time": "10:00",
    "draft_days_before": "21",
    "subject": "Members' Update, {month}",
}


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Power.ADMIN)


def test_the_list_leads_from_nothing_to_the_schedule(admin: Browser, mailer: Mailer) -> None:
    first = visible_text(admin.get("/"))
    second = visible_text(admin.submit("/settings/network", NETWORK))
    third = visible_text(admin.submit("/settings/newsletters/new", NEWSLETTER))
    with mailer.database.writing() as session:
        a_contact(session, "Ann", "ann@a.example")
    fourth = visible_text(admin.get("/"))
    admin.submit("/schedules/new", SCHEDULE)
    over = visible_text(admin.get("/"))

    assert "Four things before the first issue." in first
    assert "After the newsletter" in first
    assert "Saved." in second
    assert "Three things before the first issue." in second
    assert "Never checked" in third
    assert "Check the domain network.example" in third
    assert "One thing before the first issue." in fourth
    assert "before the first issue" not in over


def test_the_first_that_is_not_done_is_the_one_thing_to_do(admin: Browser) -> None:
    admin.submit("/settings/newsletters/new", NEWSLETTER)

    page = admin.get("/").text

    assert page.count('class="btn primary"') == 1
    assert 'class="btn primary" href="/settings/network"' in page


def test_somebody_who_may_not_is_told_who_can(sign_in: SignIn) -> None:
    sign_in(Power.ADMIN)
    seen = sign_in(Power.EDITOR).get("/")

    assert "Admins can do this: Vera Admin." in visible_text(seen)
    assert "/settings/" not in seen.text


def test_an_installation_with_an_issue_is_past_its_start(admin: Browser, mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, a_newsletter(session).id)

    assert "before the first issue" not in visible_text(admin.get("/"))


def test_nothing_that_needs_a_newsletter_is_offered_before_there_is_one(admin: Browser) -> None:
    issues = admin.get("/issues/")
    schedule = admin.get("/schedules/new")

    assert "A newsletter comes first" in visible_text(issues)
    assert "New issue" not in issues.text
    assert schedule.headers["Location"] == "/"


def test_what_was_typed_is_kept_when_it_is_refused(admin: Browser, mailer: Mailer) -> None:
    wrong = {**NEWSLETTER, "from_address": "nobody", "description": "Case studies"}

    answer = admin.submit("/settings/newsletters/new", wrong)

    assert answer.status_code == 422
    for typed in ("nobody", "Case studies", "Commons Network"):
        assert typed in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(Newsletter)).all() == []
        acts = session.scalars(select(AuditEntry.act)).all()
    assert "newsletter added" not in acts
