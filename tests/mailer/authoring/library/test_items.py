"""Items of the library: two people, the bin, and what each act leaves behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from contacts.models import AuditEntry
from contacts.organisations.adding import add_organisation
from mailer.authoring.library import items, listing
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.listing import ItemStanding, WantedItems
from mailer.campaigns.drafts import taking
from mailer.errors import FormError, NotAllowed, NotFound
from mailer.models import ItemState, LibraryItem
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, an_item

LATER = NOW + timedelta(days=30)


def acts(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def titles(session: Session, **wanted: object) -> list[str]:
    found, number = listing.search(
        session,
        WantedItems(**wanted),  # type: ignore[arg-type]
        today=NOW.date(),
        page=1,
        per_page=50,
    )
    assert number == len(found)
    return [each.item.title for each in found]


def test_an_organisation_is_named_where_its_author_left_it_out(database: Database) -> None:
    with database.writing() as session:
        place = add_organisation(session, "Wyeham Council", category=None, now=NOW)
        session.flush()

        item = items.make(
            session,
            "case_study",
            WrittenItem({"title": "Tools"}, place.id),
            actor=TESTER,
            now=NOW,
        )

        assert item.fields["organisation"] == "Wyeham Council"
        assert (item.state, item.organisation_id) == (ItemState.DRAFT, place.id)


def test_an_item_without_a_name_or_of_an_unknown_organisation_is_not_made(
    database: Database,
) -> None:
    with database.writing() as session:
        for written in (WrittenItem({"text": "T"}), WrittenItem({"headline": "H"}, 12345)):
            with pytest.raises(FormError):
                items.make(session, "story", written, actor=TESTER, now=NOW)
        with pytest.raises(NotFound):
            items.make(session, "poem", WrittenItem({"headline": "H"}), actor=TESTER, now=NOW)

        assert session.scalars(select(LibraryItem)).all() == []


def test_who_saves_over_somebody_elses_words_is_told(database: Database) -> None:
    with database.writing() as session:
        item = an_item(session)
        mine = WrittenItem({"headline": "Our wood", "text": "Mine."})
        theirs = WrittenItem({"headline": "Our wood", "text": "Theirs."})
        items.edit(session, item.id, theirs, expected=1, actor=Actor.operator(7), now=NOW)

        with pytest.raises(NotAllowed, match="Somebody else"):
            items.edit(session, item.id, mine, expected=1, actor=TESTER, now=NOW)

        assert item.fields["text"] == "Theirs."
        # The answer to a save may be lost: the same words again are no clash.
        items.edit(session, item.id, theirs, expected=1, actor=TESTER, now=NOW)
        assert item.revision == 2


def test_each_act_writes_one_line(database: Database) -> None:
    with database.writing() as session:
        item = an_item(session)
        for _ in range(2):
            items.make_ready(session, item.id, actor=TESTER, now=NOW)
        for _ in range(2):
            items.take_back(session, item.id, actor=TESTER, now=NOW)
        for _ in range(2):
            items.put_in_bin(session, item.id, actor=TESTER, now=NOW)
        for _ in range(2):
            items.put_back(session, item.id, actor=TESTER, now=NOW)

        assert acts(session) == [
            "library made",
            "library made ready",
            "library taken back",
            "library binned",
            "library put back",
        ]


def test_what_is_unfinished_is_not_made_ready(database: Database) -> None:
    with database.writing() as session:
        written = WrittenItem({"headline": "H", "text": "T", "image": "https://a.example/p.png"})
        item = items.make(session, "story", written, actor=TESTER, now=NOW)

        with pytest.raises(FormError) as refusal:
            items.make_ready(session, item.id, actor=TESTER, now=NOW)

        assert [field for field, _ in refusal.value.problems] == ["image_alt"]
        assert item.state is ItemState.DRAFT


def test_the_bin_is_emptied_after_thirty_days_but_what_an_issue_has_stays(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id)
        used, free, kept = an_item(session), an_item(session, "post"), an_item(session, "lab")
        taking.add(session, issue.id, used.id, actor=TESTER, now=NOW)
        for item in (used, free):
            items.put_in_bin(session, item.id, actor=TESTER, now=NOW)

        assert items.empty_bin(session, now=LATER - timedelta(seconds=1)) == 0
        assert items.empty_bin(session, now=LATER) == 1
        assert set(session.scalars(select(LibraryItem.id))) == {used.id, kept.id}
        assert titles(session) == [kept.title]
        assert titles(session, binned=True) == [used.title]
        assert acts(session)[-1] == "library removed"


def test_what_is_in_the_bin_is_changed_only_once_it_is_back(database: Database) -> None:
    with database.writing() as session:
        item = an_item(session)
        items.put_in_bin(session, item.id, actor=TESTER, now=NOW)

        with pytest.raises(NotAllowed, match="put it back"):
            items.make_ready(session, item.id, actor=TESTER, now=NOW)
        with pytest.raises(NotAllowed, match="put it back"):
            items.edit(
                session, item.id, WrittenItem({"headline": "X"}), expected=1, actor=TESTER, now=NOW
            )


def test_a_list_is_narrowed_by_kind_standing_organisation_and_words(database: Database) -> None:
    with database.writing() as session:
        place = add_organisation(session, "Wyeham Council", category=None, now=NOW)
        session.flush()
        an_item(session, text="Café owners 100%_sure")
        draft = items.make(
            session,
            "story",
            WrittenItem({"headline": "Orchard"}, place.id),
            actor=TESTER,
            now=NOW,
        )
        an_item(session, "event")

        assert titles(session, kind="event") == ["Winter conference"]
        assert titles(session, standing=ItemStanding.DRAFT) == [draft.title]
        assert titles(session, organisation_id=place.id) == ["Orchard"]
        assert titles(session, text="wyeham orch") == ["Orchard"]
        assert titles(session, text="CAFÉ 100%_") == ["Our wood"]
        assert titles(session, text="% _") == ["Our wood"]
        assert titles(session, text="nothing of the kind") == []
        assert listing.count_standings(session, WantedItems(kind="story")) == {
            ItemStanding.READY: 1,
            ItemStanding.DRAFT: 1,
        }


def test_what_is_ahead_comes_first_and_what_is_over_last(database: Database) -> None:
    with database.writing() as session:
        for title, start in (
            ("Over", "2026-11-01"),
            ("Later", "2027-03-01"),
            ("Soon", "2026-12-09"),
            ("Today", "2026-12-08"),
        ):
            an_item(session, "event", title=title, start=start)

        assert titles(session, kind="event") == ["Today", "Soon", "Later", "Over"]
