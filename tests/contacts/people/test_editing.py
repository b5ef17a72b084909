"""Changing people and organisations: what is kept, what goes along, and what is refused."""

import pytest
from sqlalchemy import select

from contacts.actors import Subject
from contacts.database import Database
from contacts.errors import BadName, BasisMissing, UnknownRecord
from contacts.membership.categories import ensure_categories
from contacts.models import (
    AuditEntry,
    Consent,
    Contact,
    Organisation,
    Subscription,
    SubscriptionStatus,
    SuppressionReason,
)
from contacts.organisations import editing as organisations_editing
from contacts.people import editing
from contacts.people.adding import role_called
from contacts.people.editing import PersonDetails
from contacts.permission.suppressions import find as suppression_of
from contacts.permission.suppressions import release, suppress
from tests.factories import NOW, TESTER, a_cast, a_contact


def _details(**more: object) -> PersonDetails:
    return PersonDetails(**{"name": "Alice Adeyemi", "email": "alice@aldmor.example", **more})  # type: ignore[arg-type]  # values of a form


def test_a_new_address_keeps_what_the_person_agreed_to(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        alice = editing.person(session, cast.alice)
        before = session.scalars(select(Consent.id).where(Consent.contact_id == alice.id)).all()
        details = _details(email="Alice.New@Aldmor.EXAMPLE", organisation="Aldmor Council")

        changed = editing.change(session, alice, details, actor=TESTER, now=NOW)

        after = session.scalars(select(Consent.id).where(Consent.contact_id == alice.id)).all()
        standing = session.get_one(Subscription, (alice.id, cast.newsletter))
        assert changed == ["name", "e-mail address"]
        assert (alice.email, alice.address_key) == (
            "Alice.New@aldmor.example",
            "alice.new@aldmor.example",
        )
        assert after == before
        assert standing.status is SubscriptionStatus.SUBSCRIBED


@pytest.mark.parametrize(
    ("reason", "goes_along"),
    [
        (SuppressionReason.UNSUBSCRIBED, True),
        (SuppressionReason.COMPLAINED, True),
        (SuppressionReason.DO_NOT_EMAIL, True),
        (SuppressionReason.BOUNCED, False),
    ],
)
def test_the_suppression_that_a_person_wished_moves_to_a_new_address(
    database: Database, reason: SuppressionReason, goes_along: bool
) -> None:
    with database.writing() as session:
        dan = a_contact(session, "Dan", "dan@old.example")
        suppress(session, "dan@old.example", reason, source=TESTER, now=NOW)
        dan = editing.person(session, dan.id)

        editing.change(session, dan, PersonDetails("Dan", "dan@new.example"), actor=TESTER, now=NOW)

        held = suppression_of(session, "dan@new.example")
        assert (held is not None) is goes_along
        assert held is None or held.reason is reason
        assert suppression_of(session, "dan@old.example") is not None


def test_what_changed_is_noted_without_the_values(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        bob = editing.person(session, cast.bob)
        editing.change(
            session,
            bob,
            PersonDetails("Robert Bell", "bob@bexmoor.example", category="supporter"),
            actor=TESTER,
            now=NOW,
        )

        about_bob = AuditEntry.subject == Subject("contact", bob.id)
        line = session.scalars(select(AuditEntry).where(about_bob)).one()
        assert (line.actor, line.act) == (TESTER, "changed")
        assert line.detail == {"changed": ["name"]}


def test_saving_the_same_changes_nothing_and_notes_nothing(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        bob = editing.person(session, cast.bob)
        same = PersonDetails("Bob Bell", "bob@bexmoor.example", category="supporter")

        assert editing.change(session, bob, same, actor=TESTER, now=NOW) == []
        about_bob = AuditEntry.subject == Subject("contact", bob.id)
        assert session.scalars(select(AuditEntry).where(about_bob)).all() == []


def test_joining_an_organisation_gives_up_the_own_category(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        bob = editing.person(session, cast.bob)
        details = PersonDetails(
            "Bob Bell", "bob@bexmoor.example", organisation="ALDMOR  council", category="supporter"
        )

        editing.change(session, bob, details, actor=TESTER, now=NOW)

        bob = session.get_one(Contact, cast.bob)
        place = session.get_one(Organisation, bob.organisation_id)
        assert (place.name, bob.own_category_id) == ("Aldmor Council", None)


def test_an_organisation_is_made_only_when_it_is_said_to_be_new(database: Database) -> None:
    with database.writing() as session:
        a_cast(session)
        slip = _details(organisation="Aldmoor Council")
        meant = _details(organisation="Aldmoor Council", adds_organisation=True)

        assert editing.problems(session, slip) == [
            ("organisation", "No organisation is called “Aldmoor Council”.")
        ]
        assert editing.problems(session, meant) == []
        made = editing.add(session, meant, actor=TESTER, now=NOW)
        assert session.get_one(Organisation, made.organisation_id).name == "Aldmoor Council"


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (PersonDetails(name=" ", email=""), "name"),
        (PersonDetails(name="x" * 201), "name"),
        (PersonDetails(name="Ann", email="ann at a.example"), "email"),
        (PersonDetails(name="Ann", email="a@a.example, b@b.example"), "email"),
    ],
)
def test_each_problem_is_beside_its_field(
    database: Database, details: PersonDetails, field: str
) -> None:
    with database.reading() as session:
        problems = editing.problems(session, details)

    assert [name for name, _ in problems] == [field]
    assert problems[0][1].endswith(".")


def test_somebody_added_is_on_no_newsletter(database: Database) -> None:
    with database.writing() as session:
        ensure_categories(session)
        role_called(session, "Leader")
        details = _details(category="full", roles=("leader",), tags=("Housing", "Wales"))

        made = editing.add(session, details, actor=TESTER, now=NOW)
        made = editing.person(session, made.id)

        assert session.scalars(select(Subscription)).all() == []
        assert [role.name for role in made.roles] == ["Leader"]
        assert {tag.name for tag in made.tags} == {"Housing", "Wales"}


def test_people_who_share_an_address_are_known_to_each_other(database: Database) -> None:
    with database.writing() as session:
        one = a_contact(session, "One", "office@a.example")
        two = a_contact(session, "Two", "Office@A.example")
        a_contact(session, "Three", None)
        four = a_contact(session, "Four", None)

        assert [each.id for each in editing.others_at(session, one)] == [two.id]
        assert editing.others_at(session, four) == []


def test_an_organisation_keeps_its_url_and_cannot_take_anothers_name(database: Database) -> None:
    with database.writing() as session:
        categories = ensure_categories(session)
        a_contact(session, "Ann", "ann@a.example", organisation="Aldmor Council")
        a_contact(session, "Ben", "ben@b.example", organisation="Bexmoor Council")
        aldmor = session.scalars(
            select(Organisation).where(Organisation.slug == "aldmor-council")
        ).one()

        organisations_editing.change_organisation(
            session,
            aldmor,
            name="Aldmor and Carrdale Council",
            category=categories["full"],
            actor=TESTER,
            now=NOW,
        )
        with pytest.raises(BadName, match="Bexmoor Council"):
            organisations_editing.change_organisation(
                session,
                aldmor,
                name="bexmoor  COUNCIL",
                category=None,
                actor=TESTER,
                now=NOW,
            )

        assert (aldmor.slug, aldmor.name) == ("aldmor-council", "Aldmor and Carrdale Council")
        assert aldmor.category_id == categories["full"].id


def test_a_suppression_is_lifted_only_for_a_reason_that_is_kept(database: Database) -> None:
    with database.writing() as session:
        suppress(session, "dan@d.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)
        held = suppression_of(session, "dan@d.example")
        assert held is not None

        with pytest.raises(BasisMissing):
            release(session, held, why="  ", actor=TESTER, now=NOW)
        release(session, held, why="The mailbox is back.", actor=TESTER, now=NOW)
        session.flush()

        lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        line = lines[-1]
        assert [each.act for each in lines] == ["suppressed", "lifted"]
        assert "dan@d.example" not in str(lines[0].detail)
        assert suppression_of(session, "dan@d.example") is None
        assert line.detail == {
            "address": "dan@d.example",
            "was": "bounced",
            "why": "The mailbox is back.",
        }


def test_nobody_is_found_under_a_number_that_is_not_theirs(database: Database) -> None:
    with database.reading() as session, pytest.raises(UnknownRecord):
        editing.person(session, 4711)
