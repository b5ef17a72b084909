"""The hub and the composer of an issue that filled itself, and what came later."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.campaigns import timing
from mailer.models import CampaignStatus, Power, SystemMail
from tests.factories import TESTER
from tests.mailer.campaigns.assembly.scene import (
    DRAFTED,
    MADE,
    SENT,
    a_schedule,
    block,
    blocks_of,
    issues,
    joined,
    ready,
    run,
)
from tests.mailer.web.browser import Browser, visible_text

LATER = DRAFTED + timedelta(days=2)
HUB = "/issues/members-update/2026-12"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def filled(mailer: Mailer) -> None:
    """December’s draft, with one story and one event."""
    with mailer.database.writing() as session:
        joined(session, "Aldmor <b>Council</b>", date(2026, 11, 9))
        a_schedule(session)
        ready(session, "story", MADE, headline=f"Our wood {HOSTILE}")
        ready(session, "event", MADE, title="Fair", start="2026-12-15")
    run(mailer.database, DRAFTED)


@pytest.mark.usefixtures("filled")
def test_the_hub_says_what_was_pulled_in_and_why(editor: Browser) -> None:
    page = editor.get(HUB)
    seen = visible_text(page)

    assert "4 things pulled in, 1 to write" in seen
    assert "Ready since 11 Nov; the network itself has not been featured yet." in seen
    assert "There was no new blog post." in seen
    assert "<img src=x" not in page.text
    assert "<b>Council</b>" not in page.text


@pytest.mark.usefixtures("filled")
def test_the_composer_says_why_at_the_block(editor: Browser) -> None:
    page = editor.get(f"{HUB}/compose").text

    story = page.partition('id="b-s1"')[2].partition('id="b-s2"')[0]
    assert "Ready since 11 Nov" in story
    assert "<img src=x" not in page


@pytest.mark.usefixtures("filled")
def test_new_events_are_added_by_one_press_or_declined(mailer: Mailer, editor: Browser) -> None:
    with mailer.database.writing() as session:
        keys = [
            f"item {ready(session, 'event', LATER, title=title, start=start).id}"
            for title, start in (("Talk", "2026-12-20"), (f"Walk {HOSTILE}", "2026-12-21"))
        ]
        story = ready(session, "story", LATER, headline="Later")
    offered = visible_text(editor.get(HUB))
    in_composer = editor.get(f"{HUB}/compose")

    added = editor.submit(HUB, {"key": keys}, to=f"{HUB}/offered/add")
    declined = editor.submit(HUB, {"key": [f"item {story.id}"]}, to=f"{HUB}/offered/not")
    twice = editor.submit(HUB, {"key": keys}, to=f"{HUB}/offered/add")

    assert "2 new events. Add them?" in offered
    assert "A new story: Later" in re.sub(r"\s+", " ", offered)
    assert "2 new events. Add them?" in visible_text(in_composer)
    assert "<img src=x" not in in_composer.text
    assert "It is in the issue now: Event list" in visible_text(added)
    assert "Not in this issue." in visible_text(declined)
    assert "That is not offered any more" in visible_text(twice)
    assert "New since the draft was made" not in visible_text(editor.get(HUB))
    with mailer.database.reading() as session:
        (issue,) = issues(session)
        assert len(block(issue, "events")["events"]) == 3
        assert len([each for each in blocks_of(issue, "story") if "headline" in each]) == 1


@pytest.mark.usefixtures("filled")
def test_a_viewer_sees_why_and_is_offered_nothing(mailer: Mailer, viewer: Browser) -> None:
    with mailer.database.writing() as session:
        new = ready(session, "event", LATER, title="Talk", start="2026-12-20")

    seen = visible_text(viewer.get(HUB))
    refused = viewer.submit("/", {"key": [f"item {new.id}"]}, to=f"{HUB}/offered/add")

    assert "4 things pulled in" in seen
    assert "Add them?" not in seen
    assert "A new event" not in seen
    assert refused.status_code == 403


@pytest.mark.usefixtures("filled")
def test_blocks_of_a_skipped_issue_are_brought_across(mailer: Mailer, editor: Browser) -> None:
    with mailer.database.writing() as session:
        timing.skip(session, issues(session)[0].id, actor=TESTER, now=SENT)
        for story in ("Newer", "Newest"):
            ready(session, "story", MADE - timedelta(days=1), headline=story)
    run(mailer.database, datetime(2026, 12, 22, 10, 0, tzinfo=UTC))
    with mailer.database.reading() as session:
        following = issues(session)[1]
        assert following.status is CampaignStatus.DRAFT
    hub = "/issues/members-update/2027-01"

    seen = visible_text(editor.get(hub))
    none = editor.submit(hub, {}, to=f"{hub}/bring")
    brought = editor.submit(hub, {"block": ["s1"]}, to=f"{hub}/bring")

    assert "Bring blocks across from Members' Update, December 2026?" in seen
    assert "Choose at least one block." in visible_text(none)
    assert "1 block brought across." in visible_text(brought)


@pytest.mark.usefixtures("filled")
def test_home_says_what_was_pulled_in_and_what_there_was_nothing_of(editor: Browser) -> None:
    seen = visible_text(editor.get("/"))

    assert "4 things pulled in, 1 to write" in seen
    assert "There was no new blog post." in seen


def test_the_mail_about_a_new_draft_says_what_was_chosen_and_why(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        asha = operators.create(
            session,
            email="asha@network.example",
            name="Asha",
            power=Power.EDITOR,
            actor=TESTER,
            now=MADE,
        )
        a_schedule(session).owner_id = asha.id
        ready(session, "event", MADE, title=f"Fair {HOSTILE}", start="2026-12-15")
    run(mailer.database, DRAFTED)

    with mailer.database.reading() as session:
        mail = session.scalars(select(SystemMail)).one()
    assert "1 thing pulled in, 3 to write." in mail.paragraphs
    assert "There was no story that is ready" in mail.paragraphs
    assert f"Pulled in: Fair {HOSTILE} (" in mail.paragraphs
