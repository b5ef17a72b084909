"""The page of an issue: what is final can be undone, and approving says what it does."""

from datetime import timedelta

import pytest

from contacts.actors import SCHEDULE
from mailer.bootstrap import Mailer
from mailer.campaigns import sending, timing
from mailer.models import Campaign, CampaignStatus
from mailer.settings.environment import Gate
from tests.factories import TESTER, Cast, a_campaign
from tests.mailer.web.browser import Browser, visible_text


@pytest.fixture
def page(mailer: Mailer, cast: Cast) -> str:
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter)
        return f"/issues/members-update/{issue.slug}"


def status(mailer: Mailer) -> CampaignStatus:
    with mailer.database.reading() as session:
        return session.get_one(Campaign, 1).status


def test_an_issue_that_was_skipped_is_put_back_by_one_press(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    skipped = visible_text(editor.submit(page, to=f"{page}/skip"))
    assert status(mailer) is CampaignStatus.SKIPPED
    assert "Put it back" in skipped

    seen = visible_text(editor.submit(page, to=f"{page}/put-back"))

    assert "is a draft again" in seen
    assert status(mailer) is CampaignStatus.DRAFT


def test_approving_a_held_issue_says_that_it_stays_held(
    mailer: Mailer, page: str, approver: Browser
) -> None:
    with mailer.database.writing() as session:
        now = mailer.clock()
        wall = (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        timing.plan(session, 1, wall=wall, zone="UTC", actor=SCHEDULE, gate=Gate.OPEN, now=now)
        timing.hold(session, 1, why="It wasn't approved by 10:00.", actor=SCHEDULE, now=now)

    seen = visible_text(approver.submit(f"{page}/approval", {"version": "1"}, to=f"{page}/approve"))

    assert "You approved version 1. It stays held: choose when it goes out" in seen
    assert status(mailer) is CampaignStatus.HELD


@pytest.mark.parametrize("move", ["pause", "resume", "stop"])
def test_a_press_that_comes_too_late_is_refused_in_a_sentence(
    mailer: Mailer, page: str, approver: Browser, move: str
) -> None:
    refused = approver.submit(page, to=f"{page}/{move}")

    assert refused.status_code == 409
    assert f"This issue is a draft: there is nothing to {move}." in visible_text(refused)
    assert status(mailer) is CampaignStatus.DRAFT


def test_stopping_asks_first_and_says_what_is_lost(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        sending.launch(session, 1, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())

    watching = editor.get(f"{page}/progress").text
    asked = editor.get(f"{page}/stop")
    before = status(mailer)
    editor.submit(f"{page}/stop")

    assert f'href="{page}/stop"' in watching
    assert "can’t be called back" in visible_text(asked)
    assert before is CampaignStatus.SENDING
    assert status(mailer) is CampaignStatus.STOPPED


def test_a_block_that_was_removed_is_brought_back_by_undo(
    mailer: Mailer, page: str, editor: Browser
) -> None:
    with mailer.database.reading() as session:
        blocks = session.get_one(Campaign, 1).document["blocks"]

    removed = editor.submit(f"{page}/compose", to=f"{page}/compose/{blocks[0]['id']}/remove")
    with mailer.database.reading() as session:
        left = session.get_one(Campaign, 1).document["blocks"]
    editor.submit(f"{page}/compose", to=f"{page}/compose/undo")

    assert "removed." in visible_text(removed)
    assert len(left) == len(blocks) - 1
    with mailer.database.reading() as session:
        assert session.get_one(Campaign, 1).document["blocks"] == blocks


def test_a_segment_that_is_not_there_is_a_sentence_and_the_words_stay(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        issue = a_campaign(session, cast.newsletter)
    page = f"/issues/members-update/{issue.slug}/edit"

    answer = editor.submit(page, {"subject": "Kept words", "segment": "999999", "version": "1"})

    assert answer.status_code == 422
    assert "That segment is no longer there." in visible_text(answer)
    assert 'value="Kept words"' in answer.text
