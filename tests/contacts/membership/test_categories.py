"""Categories are added, changed, ordered and removed on both databases; who may, holds them."""

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.errors import BadDetails, InUse
from contacts.importing.rows.categories import Categories, UnknownCategory
from contacts.membership import categories
from contacts.membership.categories import CategoryDetails, ensure_categories
from contacts.models import AuditEntry, Category, Holders, Segment
from contacts.organisations import editing as organisations
from contacts.people import editing as people
from contacts.people.editing import PersonDetails
from mailer.models import Schedule
from mailer.network.categories import remove, used_in
from tests.factories import NOW, TESTER, a_campaign, a_contact, a_document, a_newsletter


@pytest.fixture
def database(database: Database) -> Database:
    with database.writing() as session:
        ensure_categories(session)
    return database


def slugs(database: Database) -> list[str]:
    with database.reading() as session:
        return [each.slug for each in categories.listing(session)]


def change(database: Database, slug: str, details: CategoryDetails) -> None:
    with database.writing() as session:
        categories.change(session, slug, details, actor=TESTER, now=NOW)


def test_a_category_is_added_last_under_a_slug_of_its_own(database: Database) -> None:
    with database.writing() as session:
        made = categories.add(session, CategoryDetails("Friend"), actor=TESTER, now=NOW)
        act = session.scalars(select(AuditEntry.act)).one()

    assert slugs(database) == ["full", "associate", "affiliate", "supporter", "friend"]
    assert (made.held_by, act) == (Holders.BOTH, "category added")


def test_a_category_called_new_has_a_page_too(database: Database) -> None:
    with database.writing() as session:
        assert (
            categories.add(session, CategoryDetails("New"), actor=TESTER, now=NOW).slug == "new-2"
        )


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (CategoryDetails(""), "name"),
        (CategoryDetails("full"), "name"),
        (CategoryDetails("F" * 81), "name"),
        (CategoryDetails("Friend\x07"), "name"),
        (CategoryDetails("Friend", "D" * 501), "description"),
        (CategoryDetails("Friend", held_by="nobody"), "held_by"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    database: Database, details: CategoryDetails, field: str
) -> None:
    with database.writing() as session, pytest.raises(BadDetails) as refused:
        categories.add(session, details, actor=TESTER, now=NOW)

    assert field in dict(refused.value.problems)


def test_a_renamed_category_keeps_its_slug_and_is_not_brought_back(database: Database) -> None:
    change(database, "full", CategoryDetails("Whole", "Councils."))
    with database.writing() as session:
        remove(session, "supporter", actor=TESTER, now=NOW)
        ensure_categories(session)

    with database.reading() as session:
        assert categories.find(session, "full").name == "Whole"
    assert slugs(database) == ["full", "associate", "affiliate"]


def test_categories_are_put_in_order(database: Database) -> None:
    with database.writing() as session:
        categories.move(session, "supporter", up=True, actor=TESTER, now=NOW)
        categories.move(session, "full", up=True, actor=TESTER, now=NOW)

    assert slugs(database) == ["full", "associate", "supporter", "affiliate"]


def test_a_category_that_is_held_stays(database: Database) -> None:
    with database.writing() as session:
        a_contact(session, "Ann", "ann@a.example", category="supporter")
        a_contact(session, "Bo", "bo@b.example", category="full", organisation="Aldmor Council")

    for slug in ("supporter", "full"):
        with database.writing() as session, pytest.raises(InUse, match="give them another"):
            remove(session, slug, actor=TESTER, now=NOW)
    assert len(slugs(database)) == 4


def test_a_category_that_segments_issues_or_schedules_speak_of_stays(database: Database) -> None:
    rule = {"field": "category", "op": "any_of", "values": ["associate"]}
    rules = {"match": "all", "rules": [{"match": "any", "rules": [rule]}]}
    shown = {"id": "x", "type": "text", "text": "For you.", "visible_to": ["affiliate"]}
    with database.writing() as session:
        newsletter = a_newsletter(session)
        session.add(
            Segment(slug="s", name="Associates", rules=rules, created_at=NOW, updated_at=NOW)
        )
        a_campaign(session, newsletter.id, a_document(shown))

    with database.writing() as session:
        with pytest.raises(InUse, match="the segment Associates"):
            remove(session, "associate", actor=TESTER, now=NOW)
        with pytest.raises(InUse, match="the issue December"):
            remove(session, "affiliate", actor=TESTER, now=NOW)
        assert used_in(session, "full") == []
        assert session.scalars(select(Schedule)).all() == []


def test_a_category_of_organisations_is_no_persons(database: Database) -> None:
    change(database, "full", CategoryDetails("Full", held_by="organisations"))

    with database.reading() as session:
        alone = people.problems(session, PersonDetails("Ann", category="full"))
        there = PersonDetails("Ann", category="full", organisation="New", adds_organisation=True)
        assert dict(alone) == {
            "category": "Full is for organisations only. Choose another category."
        }
        assert people.problems(session, there) == []


def test_a_category_of_people_is_no_organisations(database: Database) -> None:
    change(database, "supporter", CategoryDetails("Supporter", held_by="people"))

    with database.writing() as session:
        supporter = categories.find(session, "supporter")
        with pytest.raises(BadDetails, match="for people only"):
            organisations.add(session, "Aldmor", category=supporter, actor=TESTER, now=NOW)


def test_who_may_hold_a_category_is_not_narrowed_over_those_who_do(database: Database) -> None:
    with database.writing() as session:
        a_contact(session, "Ann", "ann@a.example", category="full")
        a_contact(session, "Bo", "bo@b.example", category="affiliate", organisation="Aldmor")

    for slug, wanted in (("full", "organisations"), ("affiliate", "people")):
        with pytest.raises(BadDetails, match="hold it"):
            change(database, slug, CategoryDetails("Other", held_by=wanted))


def test_a_row_of_a_file_holds_what_it_may(database: Database) -> None:
    change(database, "full", CategoryDetails("Full", held_by="organisations"))
    with database.reading() as session:
        known = Categories.load(session)
        full = session.scalars(select(Category.id).where(Category.slug == "full")).one()

    number = known.find("Full member")
    assert number == full
    known.refuse_misfit(number, "Full member", of_organisation=True)
    with pytest.raises(UnknownCategory, match="name the organisation"):
        known.refuse_misfit(number, "Full member", of_organisation=False)
