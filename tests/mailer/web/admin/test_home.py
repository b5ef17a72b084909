"""Home: the issue that needs somebody, who does what, what waits, and what is ready to tell."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts.models import Newsletter
from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, schedules
from mailer.campaigns.timeline.replanning import replan
from mailer.models import Campaign, CampaignStatus, LibraryUse, Power
from tests.factories import TESTER, Cast, a_campaign, an_item
from tests.mailer.campaigns.test_schedules import _plan as a_plan
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


@pytest.fixture
def issue(mailer: Mailer, cast: Cast) -> int:
    """The draft of a schedule that Oda owns and an approver approves, out in ten days."""
    now = mailer.clock()
    with mailer.database.writing() as session:
        oda = operators.create(
            session,
            email="oda@network.example",
            name="Oda Ost",
            power=Power.EDITOR,
            actor=TESTER,
            now=now,
        )
        newsletter = session.get_one(Newsletter, cast.newsletter)
        schedule = schedules.make(session, newsletter, a_plan(owner_id=oda.id), now=now)
        number, coming = schedule.id, next(schedules.ahead(session, schedule, now=now)).planned
    with mailer.database.writing() as session:
        made = schedules.make_draft(session, number, coming, now=now)
        assert made is not None
        replan(session, made.id, now=now)
        return made.id


def _set(mailer: Mailer, issue: int, **values: object) -> None:
    with mailer.database.writing() as session:
        found = session.get_one(Campaign, issue)
        for name, value in values.items():
            setattr(found, name, value)


def test_it_names_the_owner_and_who_approves_by_when(editor: Browser, issue: int) -> None:
    page = visible_text(editor.get("/"))

    assert "Owner Oda Ost" in page
    assert "Submit by" in page
    assert "Approve by" in page


def test_other_drafts_are_listed_below(
    mailer: Mailer, editor: Browser, cast: Cast, issue: int
) -> None:
    with mailer.database.writing() as session:
        a_campaign(session, cast.newsletter, slug="extra")

    page = visible_text(editor.get("/"))

    assert "Also in the making December No time is chosen for it yet." in page


def test_what_was_sent_stays_for_two_days_unless_another_issue_needs_somebody(
    mailer: Mailer, editor: Browser, cast: Cast, issue: int
) -> None:
    now = mailer.clock()
    with mailer.database.writing() as session:
        sent = a_campaign(session, cast.newsletter, slug="gone").id
    gone = {"status": CampaignStatus.SENT, "started_at": now, "frozen_at": now, "finished_at": now}
    _set(mailer, sent, **gone, name="The last one")

    assert "Sent The last one" in visible_text(editor.get("/"))
    _set(mailer, issue, status=CampaignStatus.HELD, trouble="It wasn't approved by 10:00.")
    assert "Held Members' Update" in visible_text(editor.get("/"))
    _set(mailer, issue, status=CampaignStatus.DRAFT)
    _set(mailer, sent, finished_at=now - timedelta(days=3))
    assert "Drafting Members' Update" in visible_text(editor.get("/"))


def test_what_is_held_waits_for_editors_and_not_for_viewers(
    mailer: Mailer, sign_in: SignIn, issue: int
) -> None:
    _set(mailer, issue, status=CampaignStatus.HELD, trouble="It wasn't approved by 10:00.")

    waits = "was not sent. It wasn't approved by 10:00."
    assert waits in visible_text(sign_in(Power.EDITOR).get("/"))
    assert waits not in visible_text(sign_in(Power.VIEWER).get("/"))


def test_what_is_ready_is_put_into_the_issue_by_one_press(
    mailer: Mailer, editor: Browser, issue: int
) -> None:
    with mailer.database.writing() as session:
        an_item(session, "event")
        story = an_item(session).id

    assert "1 story, 1 event" in visible_text(editor.get("/"))
    with mailer.database.reading() as session:
        address = editing.find(session, issue).slug
    add = f"/issues/members-update/{address}/compose/from-library"
    editor.submit("/", {"item": story}, to=add)

    with mailer.database.reading() as session:
        assert session.scalars(select(LibraryUse.item_id)).all() == [story]
    assert "1 story" not in visible_text(editor.get("/"))


def test_the_hub_shows_the_timeline_and_gives_the_issue_to_another_owner(
    mailer: Mailer, editor: Browser, issue: int
) -> None:
    with mailer.database.reading() as session:
        found = editing.find(session, issue)
        hub = f"/issues/{found.newsletter.slug}/{found.slug}"
        other = next(
            each
            for each in operators.those_who_may(session, Power.EDITOR)
            if each.name != "Oda Ost"
        )
    assert "15 minutes before" in visible_text(editor.get(hub))

    editor.submit(hub, {"operator": other.id}, to=f"{hub}/owner")

    assert "Owner you" in visible_text(editor.get(hub))
    assert "Given to another owner" in visible_text(editor.get(hub))


def test_issues_are_listed_by_state_and_newsletter_with_how_many_people(
    mailer: Mailer, editor: Browser, cast: Cast, issue: int
) -> None:
    now = mailer.clock()
    with mailer.database.writing() as session:
        sent = a_campaign(session, cast.newsletter, slug="gone").id
    _set(mailer, sent, status=CampaignStatus.SENT, started_at=now, finished_at=now, name="Gone")

    to_come, gone, other = (
        visible_text(editor.get(f"/issues/?{query}"))
        for query in ("state=to_come", "state=gone", "newsletter=another")
    )

    assert "1 will receive it" in to_come
    assert "Gone" not in to_come
    assert "Gone News for" in gone
    assert "0 delivered" in gone
    assert "There is none." in other
