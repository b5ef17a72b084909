"""The page of a new issue, and the one that says what an issue is called."""

import pytest
from sqlalchemy import select

from contacts.models import Segment
from mailer.bootstrap import Mailer
from mailer.models import Campaign, CampaignKind
from tests.factories import NOW, Cast, a_campaign, a_newsletter
from tests.mailer.web.browser import Browser, visible_text

NEW = "/issues/new"
TYPED = {"newsletter": "members-update", "start": "frame"}


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter, slug="2026-12")
        return f"/issues/members-update/{issue.slug}"


def newest(mailer: Mailer) -> Campaign:
    with mailer.database.reading() as session:
        found = session.query(Campaign).order_by(Campaign.id.desc()).first()
        assert found is not None
        session.expunge(found)
        return found


def test_a_proposal_that_nobody_touched_follows_newsletter_and_month(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        a_newsletter(session, "events").name = "Events"
    proposed = {"name": "P", "address": "p", "proposed_name": "P", "proposed_address": "p"}

    editor.submit(NEW, {**TYPED, **proposed, "newsletter": "events", "month": "2027-02"})

    made = newest(mailer)
    assert (made.name, made.month, made.slug) == ("Events, February 2027", "2027-02", "2027-02")


def test_what_was_typed_is_kept_and_what_is_wrong_stands_beside_it(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    typed = {"name": "My December", "month": "2026-12", "address": "2026-12"}

    answer = editor.submit(NEW, {**TYPED, **typed})

    assert answer.status_code == 422
    assert 'value="My December"' in answer.text
    assert "December has the address 2026-12. 2026-12-2 is free." in visible_text(answer)
    assert newest(mailer).slug == "2026-12"


def test_a_one_off_email_gets_an_address_from_its_name(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    shown = editor.get(f"{NEW}?start=one_off").text

    editor.submit(NEW, {**TYPED, "start": "one_off", "name": "Office closed", "month": "2026-12"})

    made = newest(mailer)
    assert 'value="one_off" checked' in " ".join(shown.split())
    assert (made.kind, made.month, made.slug) == (CampaignKind.ONE_OFF, None, "office-closed")


def test_a_bookmark_of_an_address_that_changed_leads_on_with_its_question(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    typed = {"name": "Winter", "month": "2026-12", "address": "winter", "subject": "Snow"}
    assert editor.submit(f"{page}/edit", typed).status_code == 200

    led = editor.get(f"{page}/compose?open=head&seen_as=full")

    assert led.status_code == 302
    assert led.location.startswith("/issues/members-update/winter/compose?")
    assert "open=head" in led.location
    assert "seen_as=full" in led.location


def test_what_is_sent_from_a_page_that_was_open_while_the_address_changed_is_done(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    typed = {"name": "Winter", "month": "2026-12", "address": "winter", "subject": "Snow"}
    editor.submit(f"{page}/edit", typed)

    answer = editor.submit("/issues/members-update/winter", to=f"{page}/skip")

    assert answer.status_code == 200
    assert newest(mailer).status.value == "skipped"


def test_an_address_that_no_issue_ever_had_is_a_page_that_is_not_there(
    page: str, editor: Browser
) -> None:
    assert editor.get("/issues/members-update/never").status_code == 404


def test_nothing_of_the_form_is_kept_where_one_field_of_it_is_wrong(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    typed = {"name": "Winter", "month": "2026-12", "address": "Not one", "subject": "Snow"}

    answer = editor.submit(f"{page}/edit", typed)

    assert answer.status_code == 422
    assert 'value="Snow"' in answer.text
    assert newest(mailer).subject != "Snow"


def test_viewers_make_nothing(cast: Cast, viewer: Browser) -> None:
    assert viewer.get(NEW).status_code == 403


def test_people_of_a_segment_are_left_out_by_a_tick(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        rules = {"match": "all", "rules": []}
        segment = Segment(name="Board", slug="board", rules=rules, created_at=NOW, updated_at=NOW)
        session.add(segment)
        session.flush()
    typed = {"name": "December", "month": "2026-12", "address": "2026-12", "subject": "Snow"}

    seen = visible_text(editor.submit(f"{page}/edit", {**typed, "not_in": str(segment.id)}))
    form = " ".join(editor.get(f"{page}/edit").text.split())
    refused = editor.submit(f"{page}/edit", {**typed, "not_got": "1"})

    assert "Left out by this issue’s audience" in seen
    assert f'name="not_in" value="{segment.id}" checked' in form
    assert refused.status_code == 422
    assert "Only people who got an issue that has gone out" in visible_text(refused)


def test_a_year_in_review_is_made_and_named_for_its_year(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    year = mailer.clock().year
    said = {"newsletter": "members-update", "month": f"{year}-12", "start": "year"}

    unsaid = editor.submit("/issues/new", {**said, "year": ""})
    made = editor.submit("/issues/new", {**said, "year": str(year)})

    assert "Choose a year of the list." in visible_text(unsaid)
    assert f"Members' Update, Year in Review {year} is a draft now." in visible_text(made)
    with mailer.database.reading() as session:
        issue = session.scalars(select(Campaign).where(Campaign.name.contains("Review"))).one()
        masthead = issue.document["blocks"][0]
    assert masthead["date"] == f"Year in Review {year}"
