"""Blocks are changed on the locked issue: what two people do at once, both have done."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.campaigns import approval, editing
from mailer.campaigns.drafts import blocks
from mailer.errors import ChangedMeanwhile, DocumentError, NotAllowed, NotFound
from mailer.models import Campaign, CampaignStatus, Change
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

FRAME: dict[str, Any] = {
    "version": 1,
    "blocks": [
        {"id": "top", "type": "masthead", "title": "News", "date": "December 2026"},
        {"id": "one", "type": "text", "text": "One."},
        {"id": "two", "type": "text", "text": "Two."},
        {"id": "foot", "type": "footer", "legal_name": "N", "postal_address": "A", "why": "W"},
    ],
}


@pytest.fixture
def issue(database: Database) -> int:
    with database.writing() as session:
        return a_campaign(session, a_newsletter(session).id, FRAME).id


def ids(database: Database, issue: int) -> list[str]:
    with database.reading() as session:
        return [each["id"] for each in session.get_one(Campaign, issue).document["blocks"]]


def at_once(
    database: Database, first: Callable[[Session], object], second: Callable[[Session], object]
) -> None:
    """Do ``second`` while ``first`` is done and not yet committed."""
    begun = threading.Event()

    def follow() -> None:
        begun.wait(10)
        with database.writing() as session:
            second(session)

    thread = threading.Thread(target=follow)
    thread.start()
    with database.writing() as session:
        first(session)
        begun.set()
        thread.join(0.3)  # time to come as far as the lock
        assert thread.is_alive()
    thread.join(10)
    assert not thread.is_alive()


def add(issue: int, kind: str = "text") -> Callable[[Session], object]:
    return lambda session: blocks.add_block(session, issue, kind, actor=TESTER, now=NOW)


def test_two_people_who_add_at_once_both_find_their_block(database: Database, issue: int) -> None:
    at_once(database, add(issue), add(issue, "divider"))

    found = ids(database, issue)
    assert len(found) == len(set(found)) == 6
    assert found[:3] == ["top", "one", "two"]
    assert found[-1] == "foot"


def test_adding_removing_and_moving_at_once_undo_each_other_never(
    database: Database, issue: int
) -> None:
    def remove(session: Session) -> None:
        blocks.remove_block(session, issue, "one", actor=TESTER, now=NOW)

    def move(session: Session) -> None:
        blocks.move_block(session, issue, "two", to="up", actor=TESTER, now=NOW)

    at_once(database, add(issue), remove)
    at_once(database, move, add(issue))

    found = ids(database, issue)
    assert found[:2] == ["top", "two"]  # the masthead stays where it is
    assert "one" not in found
    assert len(found) == 5


def revision(database: Database, issue: int, block_id: str) -> str:
    with database.reading() as session:
        return blocks.revision(blocks.block_of(session.get_one(Campaign, issue), block_id))


def write(
    database: Database, issue: int, text: str, *, expected: str, actor: Actor = TESTER
) -> None:
    with database.writing() as session:
        blocks.edit_block(
            session, issue, "one", {"text": text}, expected=expected, actor=actor, now=NOW
        )


def test_a_block_is_edited_only_as_the_person_saw_it(database: Database, issue: int) -> None:
    seen = revision(database, issue, "one")
    write(database, issue, "Theirs.", expected=seen)

    with pytest.raises(ChangedMeanwhile) as refusal:
        write(database, issue, "Mine.", expected=seen)

    assert refusal.value.theirs["text"] == "Theirs."
    write(database, issue, "Mine.", expected=refusal.value.revision)
    with database.reading() as session:
        block = session.get_one(Campaign, issue).document["blocks"][1]
    assert block == {"id": "one", "type": "text", "text": "Mine."}


def test_what_others_do_to_other_blocks_is_no_conflict(database: Database, issue: int) -> None:
    seen = revision(database, issue, "one")
    with database.writing() as session:
        add(issue)(session)
        blocks.move_block(session, issue, "one", to="two", actor=TESTER, now=NOW)

    write(database, issue, "Mine.", expected=seen)

    assert ids(database, issue)[:3] == ["top", "two", "one"]


def test_a_save_whose_answer_was_lost_can_be_sent_again(database: Database, issue: int) -> None:
    seen = revision(database, issue, "one")
    write(database, issue, "Mine.", expected=seen)

    write(database, issue, "Mine.", expected=seen)

    with database.reading() as session:
        assert len(session.scalars(select(Change)).all()) == 1


def test_a_missing_block_is_not_found_and_nothing_changes(database: Database, issue: int) -> None:
    with database.writing() as session:
        before = session.get_one(Campaign, issue).revision
        with pytest.raises(NotFound):
            blocks.add_block(session, issue, "carousel", actor=TESTER, now=NOW)
        with pytest.raises(NotFound):
            blocks.move_block(session, issue, "nine", to="up", actor=TESTER, now=NOW)
        with pytest.raises(NotFound):
            blocks.remove_block(session, issue, "nine", actor=TESTER, now=NOW)
        seen = blocks.revision(blocks.block_of(session.get_one(Campaign, issue), "one"))
        with pytest.raises(DocumentError):
            blocks.edit_block(
                session, issue, "one", {"txt": "Mine."}, expected=seen, actor=TESTER, now=NOW
            )
        assert session.get_one(Campaign, issue).revision == before


def test_a_changed_block_takes_the_issue_back_from_approval(database: Database, issue: int) -> None:
    with database.writing() as session:
        many(session, editing.find(session, issue).newsletter, 1)
        approval.submit(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)
        add(issue)(session)

        assert session.get_one(Campaign, issue).status is CampaignStatus.DRAFT
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["issue made", "issue submitted", "issue taken back"]


def test_an_issue_that_is_being_sent_keeps_its_blocks(database: Database, issue: int) -> None:
    with database.writing() as session:
        editing.find(session, issue).status = CampaignStatus.SENDING
        session.flush()
        with pytest.raises(NotAllowed):
            add(issue)(session)


def test_an_issue_is_never_kept_larger_than_it_can_be_read_again(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        many = {**FRAME, "blocks": [{"id": f"b{n}", "type": "divider"} for n in range(200)]}
        editing.edit(session, issue, document=many, actor=TESTER, now=NOW)

    with pytest.raises(DocumentError, match="Keep to 200 blocks"), database.writing() as session:
        blocks.add_block(session, issue, "text", actor=TESTER, now=NOW)
    with database.writing() as session:
        editing.edit(session, issue, document=FRAME, actor=TESTER, now=NOW)
    words = {"text": "x" * 1_000_000}
    change = partial(
        blocks.edit_block,
        campaign_id=issue,
        block_id="one",
        expected=revision(database, issue, "one"),
        actor=TESTER,
        now=NOW,
    )
    with pytest.raises(DocumentError, match="smaller"), database.writing() as session:
        change(session, changes=words)

    assert ids(database, issue) == ["top", "one", "two", "foot"]
