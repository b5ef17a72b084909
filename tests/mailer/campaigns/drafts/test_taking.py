"""Items in issues: added by one press, followed through every change, and never used twice."""

from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from contacts.models import AuditEntry, Newsletter
from mailer.authoring import document as documents
from mailer.authoring.library import items, listing
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.listing import ItemStanding, WantedItems
from mailer.campaigns import approval, binning, editing, sending, timing
from mailer.campaigns.drafts import blocks, taking, undoing, versions
from mailer.errors import MailerError, NotAllowed
from mailer.models import Campaign, ItemState, LibraryItem, LibraryUse, VersionReason
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, an_item, many
from tests.mailer.campaigns.drafts.test_blocks import at_once

TODAY = NOW.date()
OTHER = Actor.operator(7)
FRAME: dict[str, Any] = {
    "version": 1,
    "blocks": [
        {"id": "top", "type": "masthead", "title": "News", "date": "December 2026"},
        {"id": "one", "type": "text", "text": "One."},
        {
            "id": "events",
            "type": "event_list",
            "heading": "Coming up",
            "events": [
                {"title": "Webinar", "start": "2026-12-09T10:00"},
                {"title": "Summer school", "start": "2027-07-01"},
            ],
        },
        {"id": "foot", "type": "footer", "legal_name": "N", "postal_address": "A", "why": "W"},
    ],
}


def an_issue(session: Session, slug: str = "members-update") -> int:
    return a_campaign(session, a_newsletter(session, slug).id, FRAME).id


def block(session: Session, issue: int, block_id: str) -> dict[str, Any]:
    there = session.get_one(Campaign, issue).document["blocks"]
    return next(each for each in there if each["id"] == block_id)


def standing(session: Session, item: LibraryItem) -> ItemStanding:
    session.flush()
    return listing.listed(session, [item])[0].standing


def take(session: Session, issue: int, item: LibraryItem, **more: Any) -> Any:
    return taking.add(session, issue, item.id, actor=TESTER, now=NOW, **more)


def test_a_story_becomes_a_block_that_says_where_it_came_from(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, rights="Ask before reprinting.")

        made = take(session, issue, item, after="one")

        written = block(session, issue, made.id)
        assert written["headline"] == "Our wood"
        assert written["source"] == f"{item.id}.1"
        assert "rights" not in written
        assert standing(session, item) is ItemStanding.IN_ISSUE
        use = session.scalars(select(LibraryUse)).one()
        assert (use.campaign_id, use.block_id, use.revision) == (issue, made.id, 1)


def test_an_event_is_put_among_the_events_where_its_day_is(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")

        made = take(session, issue, item)

        titles = [each["title"] for each in block(session, issue, "events")["events"]]
        assert made.id == "events"
        assert titles == ["Webinar", "Winter conference", "Summer school"]
        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert block(session, issue, "events") == FRAME["blocks"][2]
        assert standing(session, item) is ItemStanding.READY
        undoing.redo(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_each_thing_that_is_taken_is_a_step_of_its_own(database: Database) -> None:
    with database.writing() as session:
        issue = an_issue(session)
        for title in ("First", "Second"):
            take(session, issue, an_item(session, "event", title=title))

        undoing.undo(session, issue, actor=TESTER, now=NOW)

        titles = [each["title"] for each in block(session, issue, "events")["events"]]
        assert titles == ["Webinar", "First", "Summer school"]


def test_a_full_list_is_left_and_another_block_begun(database: Database) -> None:
    with database.writing() as session:
        issue = an_issue(session)
        made = [
            take(session, issue, an_item(session, "case_study", title=f"Case {number}")).id
            for number in range(5)
        ]

        assert len(set(made[:4])) == 1
        assert made[4] != made[0]
        assert len(block(session, issue, made[0])["cases"]) == 4


def test_a_list_for_some_members_only_is_not_what_everybody_reads(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")
        document = documents.edit(
            documents.read(session.get_one(Campaign, issue).document)[0],
            "events",
            {"visible_to": ["full"]},
        )
        editing.edit(session, issue, document=documents.to_json(document), actor=TESTER, now=NOW)

        assert take(session, issue, item).id != "events"


@pytest.mark.parametrize("kind", ["story", "case_study", "event", "lab", "call", "post"])
def test_every_kind_can_be_added_and_its_issue_is_read_again(database: Database, kind: str) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, kind)

        take(session, issue, item)

        _, problems = documents.read(session.get_one(Campaign, issue).document)
        assert problems == []
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_two_officers_who_add_the_same_item_have_it_once(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session).id
    said: list[str] = []

    def second(session: Session) -> None:
        try:
            taking.add(session, issue, item, actor=OTHER, now=NOW)
        except NotAllowed as refusal:
            said.append(str(refusal))

    at_once(
        database, lambda session: taking.add(session, issue, item, actor=TESTER, now=NOW), second
    )

    with database.reading() as session:
        assert len(session.scalars(select(LibraryUse)).all()) == 1
    assert said == ['“Our wood” is in this issue already: Story "Our wood".']


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


def test_a_change_in_the_library_is_said_and_taken_only_by_a_press(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        made = take(session, issue, item)
        before = blocks.edit_block(
            session,
            issue,
            made.id,
            {"layout": "left", "visible_to": ["full"]},
            expected=blocks.revision(made),
            actor=TESTER,
            now=NOW,
        )
        written = WrittenItem({"headline": "Our wood", "text": "Ninety of us own it."})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        document, _ = documents.read(session.get_one(Campaign, issue).document)
        (changed,) = taking.pending_updates(session, document)[made.id].items
        assert changed.item_id == item.id
        assert blocks.block_of(session.get_one(Campaign, issue), made.id) == before

        taking.update(session, issue, made.id, actor=TESTER, now=NOW)
        after = block(session, issue, made.id)
        assert (after["text"], after["layout"]) == ("Ninety of us own it.", "left")
        assert after["visible_to"] == ["full"]
        document, _ = documents.read(session.get_one(Campaign, issue).document)
        assert taking.pending_updates(session, document) == {}
        assert session.scalars(select(LibraryUse)).one().revision == 2
        with pytest.raises(NotAllowed):
            taking.update(session, issue, made.id, actor=TESTER, now=NOW)

        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert blocks.block_of(session.get_one(Campaign, issue), made.id) == before


def test_what_readers_never_see_is_no_change(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        made = take(session, issue, item)
        written = WrittenItem({**item.fields, "rights": "By e-mail on 2 November."})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        document, _ = documents.read(session.get_one(Campaign, issue).document)

        assert item.revision == 2
        assert taking.pending_updates(session, document) == {}
        with pytest.raises(NotAllowed, match="already"):
            taking.update(session, issue, made.id, actor=TESTER, now=NOW)


def test_only_the_entry_that_changed_is_taken_again(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")
        take(session, issue, item)
        written = WrittenItem({"title": "Winter conference", "start": "2027-01-19"})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        taking.update(session, issue, "events", actor=TESTER, now=NOW)

        events = block(session, issue, "events")["events"]
        assert [each["start"] for each in events] == [
            "2026-12-09T10:00",
            "2027-01-19",
            "2027-07-01",
        ]


def test_what_is_not_ready_or_in_the_bin_is_not_added(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        items.take_back(session, item.id, actor=TESTER, now=NOW)
        with pytest.raises(NotAllowed, match="not ready"):
            take(session, issue, item)
        items.make_ready(session, item.id, actor=TESTER, now=NOW)
        items.put_in_bin(session, item.id, actor=TESTER, now=NOW)
        with pytest.raises(NotAllowed, match="bin"):
            take(session, issue, item)


def test_a_source_that_the_library_never_had_is_no_use(database: Database) -> None:
    with database.writing() as session:
        strange = {"id": "x", "type": "text", "text": "T", "source": "999999.3"}
        issue = a_campaign(
            session, a_newsletter(session).id, {"version": 1, "blocks": [strange]}
        ).id

        document, _ = documents.read(session.get_one(Campaign, issue).document)
        assert session.scalars(select(LibraryUse)).all() == []
        assert taking.pending_updates(session, document) == {}


def test_what_adds_something_writes_a_line(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        take(session, issue, item)
        session.flush()

        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts[-1] == "library added to an issue"


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
    for standing in ItemStanding:
        wanted = WantedItems(standing=standing)
        found, number = listing.search(session, wanted, today=TODAY, page=1, per_page=99)
        assert {each.standing for each in found} <= {standing}
        assert number == len(found) == listing.count_standings(session, wanted).get(standing, 0)


def test_items_are_made_ready_only_when_nothing_is_missing(database: Database) -> None:
    with database.writing() as session:
        item = an_item(session)

        items.edit(
            session,
            item.id,
            WrittenItem({"headline": "Our wood"}),
            expected=1,
            actor=TESTER,
            now=NOW,
        )

        assert item.state is ItemState.DRAFT
        assert item.on_day is None
        assert an_item(session, "event").on_day == date(2027, 1, 12)
