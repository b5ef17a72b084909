"""What an issue has of the library: free again when it is gone from it, and never used twice."""

from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Newsletter
from mailer.authoring import document as documents
from mailer.authoring.library import listing
from mailer.authoring.library.listing import ItemStanding, WantedItems
from mailer.campaigns import approval, binning, editing, sending, timing
from mailer.campaigns.drafts import blocks, taking, undoing, versions
from mailer.errors import MailerError
from mailer.models import Campaign, LibraryItem, LibraryUse, VersionReason
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, an_item, many
from tests.mailer.campaigns.drafts.taking_items import FRAME, TODAY, an_issue, standing, take


def test_what_is_no_longer_in_the_issue_is_free_and_undo_brings_it_back(
    database: Database,
) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        made = take(session, issue, item)

        blocks.remove_block(session, issue, made.id, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.READY

        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_an_entry_taken_out_of_a_list_is_free_and_one_that_stays_is_not(
    database: Database,
) -> None:
    with database.writing() as session:
        issue, kept = an_issue(session), an_item(session, "event", title="Kept")
        gone = an_item(session, "event", title="Gone")
        take(session, issue, kept)
        take(session, issue, gone)
        current = blocks.block_of(session.get_one(Campaign, issue), "events")
        left = [
            each
            for each in documents.block_json(current)["events"]  # type: ignore[attr-defined]
            if each["title"] != "Gone"
        ]

        blocks.edit_block(
            session,
            issue,
            "events",
            {"events": left},
            expected=blocks.revision(current),
            actor=TESTER,
            now=NOW,
        )

        assert standing(session, kept) is ItemStanding.IN_ISSUE
        assert standing(session, gone) is ItemStanding.READY


def test_a_version_that_is_restored_brings_what_it_had(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        campaign = editing.find(session, issue)
        versions.keep(session, campaign, VersionReason.TESTED, actor=TESTER, now=NOW)
        take(session, issue, item)

        versions.restore(session, issue, 1, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.READY

        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_an_issue_in_the_bin_or_skipped_uses_nothing(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        take(session, issue, item)

        timing.skip(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.READY
        binning.put_in_bin(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.READY
        binning.remove(session, issue, actor=TESTER, now=NOW)

        assert session.scalars(select(LibraryUse)).all() == []
        assert standing(session, item) is ItemStanding.READY


def test_a_source_that_the_library_never_had_is_no_use(database: Database) -> None:
    with database.writing() as session:
        strange = {"id": "x", "type": "text", "text": "T", "source": "999999.3"}
        issue = a_campaign(
            session, a_newsletter(session).id, {"version": 1, "blocks": [strange]}
        ).id

        document, _ = documents.read(session.get_one(Campaign, issue).document)
        assert session.scalars(select(LibraryUse)).all() == []
        assert taking.pending_updates(session, document) == {}


def test_an_item_of_a_sent_issue_is_used_and_can_be_added_again_by_its_page(
    database: Database,
) -> None:
    with database.writing() as session:
        issue, other = an_issue(session), an_issue(session, "events")
        item = an_item(session)
        many(session, session.get_one(Newsletter, editing.find(session, issue).newsletter_id), 2)
        take(session, issue, item)

        _send(session, issue)

        assert standing(session, item) is ItemStanding.USED
        assert listing.offered(session, most=9) == []
        take(session, other, item)
        assert standing(session, item) is ItemStanding.IN_ISSUE
        assert [use.is_out for use in listing.uses_of(session, [item.id])[item.id]] == [False, True]


@pytest.mark.parametrize("seed", range(12))
def test_an_item_that_went_out_is_never_offered_as_unused(database: Database, seed: int) -> None:
    """Officers do what they like, in any order: what any sent issue has is offered no more, what an
    open one has is not either, and everything else that is ready is."""
    chance = Random(seed)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 3)
        issues = [a_campaign(session, newsletter.id, FRAME).id for _ in range(3)]
        kept = [an_item(session, kind) for kind in ("story", "event", "case_study", "lab")]
        for _ in range(40):
            issue, item = chance.choice(issues), chance.choice(kept)
            try:
                with session.begin_nested():
                    _act(session, chance, issue, item)
            except MailerError:
                session.expire_all()
            _compare(session, kept)


def _send(session: Session, issue: int) -> None:
    version = session.get_one(Campaign, issue).version
    approval.approve(session, issue, version=version, actor=TESTER, gate=Gate.OPEN, now=NOW)
    sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)


def _act(session: Session, chance: Random, issue: int, item: LibraryItem) -> None:
    match chance.randrange(9):
        case 0 | 1 | 2:
            take(session, issue, item)
        case 3:
            there = session.get_one(Campaign, issue).document["blocks"]
            chosen = chance.choice(there)["id"]
            blocks.remove_block(session, issue, chosen, actor=TESTER, now=NOW)
        case 4:
            undoing.undo(session, issue, actor=TESTER, now=NOW)
        case 5:
            undoing.redo(session, issue, actor=TESTER, now=NOW)
        case 6:
            timing.skip(session, issue, actor=TESTER, now=NOW)
        case 7:
            timing.put_back(session, issue, actor=TESTER, now=NOW)
        case 8 if chance.random() < 0.3:
            _send(session, issue)


def _compare(session: Session, kept: list[LibraryItem]) -> None:
    """Where everything stands, worked out from the documents alone."""
    session.flush()
    out, being_written = set[int](), set[int]()
    for campaign in session.scalars(select(Campaign)):
        named = {
            each["source"].partition(".")[0]
            for entry in campaign.document["blocks"]
            for each in [entry, *entry.get("events", []), *entry.get("cases", [])]
            if "source" in each
        }
        if campaign.status in listing.OUT:
            out |= set(map(int, named))
        elif campaign.editable:
            being_written |= set(map(int, named))
    offered = {each.item.id for each in listing.offered(session, most=99)}
    assert offered == {each.id for each in kept} - out - being_written
    for each in ItemStanding:
        wanted = WantedItems(standing=each)
        found, number = listing.search(session, wanted, today=TODAY, page=1, per_page=99)
        assert {one.standing for one in found} <= {each}
        assert number == len(found) == listing.count_standings(session, wanted).get(each, 0)
