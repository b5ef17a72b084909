"""Blocks of an issue that did not go out, in the next one."""

from datetime import UTC, datetime

import pytest

from contacts.database import Database
from mailer.authoring import document as documents
from mailer.campaigns import editing, timing
from mailer.campaigns.assembly import bringing
from mailer.campaigns.drafts import undoing
from mailer.errors import NotAllowed
from mailer.models import CampaignStatus
from tests.factories import TESTER
from tests.mailer.campaigns.assembly.scene import (
    DRAFTED,
    SENT,
    a_schedule,
    issues,
    ready,
    run,
)

JANUARY = datetime(2026, 12, 22, 10, 0, tzinfo=UTC)


def _held_and_next(database: Database) -> int:
    with database.writing() as session:
        a_schedule(session)
        ready(session, "story", DRAFTED, headline="Of the library")
        ready(session, "event", DRAFTED, title="Over by then", start="2026-12-15")
    run(database, DRAFTED)
    with database.writing() as session:
        (issue,) = issues(session)
        words = {"id": "own", "type": "text", "text": "Somebody’s own words."}
        blocks = [*issue.document["blocks"][:-2], words, *issue.document["blocks"][-2:]]
        document = {"version": 1, "blocks": blocks}
        editing.edit(session, issue.id, document=document, actor=TESTER, now=DRAFTED)
    run(database, SENT)
    run(database, JANUARY)
    with database.reading() as session:
        held, following = issues(session)
        assert held.status is CampaignStatus.HELD
        return following.id


def test_what_is_written_and_not_over_is_offered_and_added_as_steps(database: Database) -> None:
    issue_id = _held_and_next(database)
    with database.writing() as session:
        issue = editing.find(session, issue_id)
        before = documents.to_json(documents.read(issue.document)[0])
        left = bringing.left_before(session, issue, now=JANUARY)
        assert left is not None
        ids = [each.block.id for each in left.blocks]

        made = bringing.bring(session, issue_id, ids, actor=TESTER, now=JANUARY)

        words = [getattr(each, "headline", "") or getattr(each, "text", "") for each in made]
        assert words == ["Of the library", "Somebody’s own words."]
        types = [each["type"] for each in editing.find(session, issue_id).document["blocks"]]
        assert types[-4:] == ["story", "text", "social_links", "footer"]
        again = bringing.left_before(session, editing.find(session, issue_id), now=JANUARY)
        assert again is None
        for _ in made:
            undoing.undo(session, issue_id, actor=TESTER, now=JANUARY)
        assert editing.find(session, issue_id).document == before


def test_nothing_is_brought_from_an_issue_that_went_out(database: Database) -> None:
    issue_id = _held_and_next(database)
    with database.writing() as session:
        held = issues(session)[0]
        held.status = CampaignStatus.SENT

        assert bringing.left_before(session, editing.find(session, issue_id), now=JANUARY) is None
        with pytest.raises(NotAllowed, match="not there any more"):
            bringing.bring(session, issue_id, ["own"], actor=TESTER, now=JANUARY)


def test_a_skipped_issue_leaves_its_blocks_too(database: Database) -> None:
    issue_id = _held_and_next(database)
    with database.writing() as session:
        timing.skip(session, issues(session)[0].id, actor=TESTER, now=JANUARY)

        left = bringing.left_before(session, editing.find(session, issue_id), now=JANUARY)

        assert left is not None
        with pytest.raises(NotAllowed, match="at least one"):
            bringing.bring(session, issue_id, [], actor=TESTER, now=JANUARY)
