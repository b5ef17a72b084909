"""Committing: whom rows match, what is filled in, and whose consent is left alone."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.errors import BadFile, BasisMissing
from contacts.importing import ColumnField
from contacts.membership.categories import ensure_categories
from contacts.models import (
    Category,
    Consent,
    ConsentAct,
    Contact,
    Import,
    Organisation,
    Role,
    Subscription,
    SubscriptionStatus,
    SuppressionReason,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.organisations.adding import add_organisation
from contacts.people.adding import add_contact
from contacts.permission.subscriptions import unsubscribe
from contacts.permission.suppressions import suppress
from tests.contacts.importing.sample_files import GOOD, a_file, imported, people, summary
from tests.factories import NOW, TESTER, a_cast, a_contact, a_newsletter


def standing(database: Database) -> dict[str, SubscriptionStatus]:
    with database.reading() as session:
        found = session.execute(
            select(Contact.name, Subscription.status).join(
                Subscription, Subscription.contact_id == Contact.id
            )
        )
        return dict(found.all())


def count(database: Database, kind: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_new_people_are_added_with_all_that_the_file_says(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(
        tmp_path,
        "Name,Email,Council,Memb type,Role,Tags\n"
        'Cllr Amrit Kaur,A.Kaur@Aldmor.example,Aldmor Council,full,Leader;Chair,"vip, press"\n'
        "J Downing,j@aldmor.example,ALDMOR  council,Full,Leader,\n"
        "Di Dunn,di@else.example,,supporter,,\n",
    )

    result = imported(database, path)

    assert summary(result) == (3, 0, 0, 0, 0)
    with database.reading() as session:
        amrit, downing, di = session.scalars(select(Contact).order_by(Contact.id))
        place = session.scalars(select(Organisation)).one()
        full = session.scalar(select(Category.id).where(Category.slug == "full"))
        supporter = session.scalar(select(Category.id).where(Category.slug == "supporter"))
        roles = session.execute(
            select(contact_roles.c.contact_id, Role.name)
            .join(Role, Role.id == contact_roles.c.role_id)
            .order_by(contact_roles.c.contact_id, Role.name)
        ).all()
        tags = session.execute(
            select(Tag.slug).join(contact_tags, Tag.id == contact_tags.c.tag_id)
        ).all()
    assert (amrit.email, amrit.address_key) == ("A.Kaur@aldmor.example", "a.kaur@aldmor.example")
    assert (amrit.first_name, amrit.last_name) == ("Amrit", "Kaur")
    assert amrit.organisation_id == downing.organisation_id == place.id
    assert (place.name, place.slug, place.category_id) == ("Aldmor Council", "aldmor-council", full)
    assert amrit.own_category_id is None
    assert (di.organisation_id, di.own_category_id) == (None, supporter)
    assert roles == [(amrit.id, "Chair"), (amrit.id, "Leader"), (downing.id, "Leader")]
    assert sorted(tags) == [("press",), ("vip",)]
    assert amrit.created_at == NOW
    assert not amrit.tracking_allowed


def test_importing_the_same_file_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
    path = a_file(
        tmp_path,
        "Name,Email,Council,Category,Role,Tags\n"
        "Al Bell,al@a.example,Aldmor,full,Leader,a\n"
        "Bo Cox,,Aldmor,full,Chair,b\n"
        "Cy Day,,,,,\n"
        "Al B,AL@a.example,Aldmor,,,c\n",
    )
    first = imported(database, path, newsletter_id=newsletter, basis="they asked")
    with database.reading() as session:
        before = session.execute(select(Contact.__table__)).all()

    second = imported(database, path, newsletter_id=newsletter, basis="they asked")

    assert summary(first) == (3, 1, 0, 0, 0)
    assert summary(second) == (0, 0, 4, 0, 0)
    assert count(database, Consent) == 3
    with database.reading() as session:
        assert session.execute(select(Contact.__table__)).all() == before


def test_only_blanks_are_filled_in(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        categories = ensure_categories(session)
        aldmor = add_organisation(session, "Aldmor", category=categories["full"], now=NOW)
        add_contact(session, name="Al Bell", email="al@a.example", organisation=aldmor, now=NOW)
        add_contact(session, name="", email="bo@a.example", now=NOW)
        add_organisation(session, "Carrdale", category=None, now=NOW)
    path = a_file(
        tmp_path,
        "Name,Email,Council,Category\n"
        "Alan Bell,al@a.example,Bexmoor,associate\n"
        "Bo Cox,bo@a.example,Carrdale,associate\n"
        "Cy Day,cy@a.example,Aldmor,associate\n",
    )

    result = imported(database, path)

    assert summary(result) == (1, 1, 1, 0, 0)
    assert dict(result.counts.notes) == {
        "name_kept": 1,
        "organisation_kept": 1,
        "category_kept": 1,
    }
    with database.reading() as session:
        named = session.execute(
            select(Contact.name, Contact.last_name, Organisation.name, Category.slug)
            .join(Organisation, Organisation.id == Contact.organisation_id)
            .join(Category, Category.id == Organisation.category_id)
            .order_by(Contact.id)
        ).all()
        assert session.scalar(select(Organisation).where(Organisation.name == "Bexmoor")) is None
    assert named == [
        ("Al Bell", "Bell", "Aldmor", "full"),
        ("Bo Cox", "Cox", "Carrdale", "associate"),
        ("Cy Day", "Day", "Aldmor", "full"),
    ]


def test_of_people_who_share_an_address_the_name_decides(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        a_contact(session, "Al Bell", "office@a.example")
        a_contact(session, "Bo Cox", "office@a.example")
    path = a_file(
        tmp_path,
        "Name,Email,Role\nbo  cox,Office@a.example,Chair\nCy,office@a.example,Clerk\n"
        ",office@a.example,Clerk\n",
    )

    result = imported(database, path)

    assert summary(result) == (1, 1, 0, 0, 1)
    assert [problem.row for problem in result.problems] == [4]
    assert result.problems[0].message == (
        "Several people share this address: “Al Bell”, “Bo Cox” and “Cy”. "
        "Use one of these names in this row."
    )
    with database.reading() as session:
        named = session.execute(
            select(Contact.name, Role.name)
            .join(contact_roles, contact_roles.c.contact_id == Contact.id)
            .join(Role, Role.id == contact_roles.c.role_id)
            .order_by(Contact.id)
        ).all()
    assert named == [("Bo Cox", "Chair"), ("Cy", "Clerk")]


def test_people_without_an_address_are_known_by_name_and_organisation(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        a_contact(session, "Al Bell", "al@a.example", organisation="Aldmor")
        a_contact(session, "Bo Cox", "bo@a.example")
        a_contact(session, "Cy Day", None)
    path = a_file(
        tmp_path,
        "Name,Council,Tags\nAL BELL,Aldmor,x\nAl Bell,Bexmoor,x\nBo Cox,,x\nCy Day,,x\n",
    )

    result = imported(database, path)

    assert summary(result) == (2, 2, 0, 0, 0)
    assert len(people(database)) == 5


def test_subscribing_writes_the_basis_as_consent(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
        known = a_contact(session, "Alice Adeyemi", "alice@aldmor.example").id

    result = imported(
        database, a_file(tmp_path, GOOD), newsletter_id=newsletter, basis=" joined in  May "
    )

    assert summary(result) == (1, 1, 0, 0, 0)
    assert set(standing(database).values()) == {SubscriptionStatus.SUBSCRIBED}
    with database.reading() as session:
        consents = session.scalars(select(Consent).order_by(Consent.contact_id)).all()
    assert consents[0].contact_id == known
    assert {(each.act, each.basis, each.source, each.at) for each in consents} == {
        (ConsentAct.GIVEN, "joined in May", Actor(ActorKind.IMPORT, result.id), NOW)
    }


def test_without_a_newsletter_nobody_is_subscribed(database: Database, tmp_path: Path) -> None:
    imported(database, a_file(tmp_path, GOOD), basis="joined in May")

    assert count(database, Subscription) == count(database, Consent) == 0


def test_a_newsletter_without_a_basis_is_refused(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id

    with pytest.raises(BasisMissing, match="Say why we may write to these people"):
        imported(database, a_file(tmp_path, GOOD), newsletter_id=newsletter, basis="  ")

    assert count(database, Import) == 0


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_consent_is_never_widened(
    database: Database, tmp_path: Path, reason: SuppressionReason
) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        unsubscribe(session, cast.alice, cast.newsletter, source=TESTER, now=NOW)
        suppress(session, "new@a.example", reason, source=TESTER, now=NOW)
    before = standing(database)
    path = a_file(
        tmp_path,
        "Name,Email,Council,Tags\n"
        "Alice,Alice@aldmor.example,Elsewhere,t\n"
        "Bob,bob@bexmoor.example,Elsewhere,t\n"
        "Carol,carol@carrdale.example,Elsewhere,t\n"
        "New,NEW@a.example,Elsewhere,t\n",
    )

    result = imported(database, path, newsletter_id=cast.newsletter, basis="they asked")

    assert summary(result) == (0, 0, 0, 4, 0)
    expected = {"unsubscribed": 1, "not_confirmed": 1, "bounced": 1}
    expected[reason.value] = expected.get(reason.value, 0) + 1
    assert dict(result.counts.skipped) == expected
    assert standing(database) == before
    assert len(people(database)) == 3
    assert count(database, Tag) == 0
    assert count(database, Organisation) == 1


def test_somebody_who_unsubscribed_is_not_subscribed_under_another_name(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        al = a_contact(session, "Al Bell", "office@a.example", newsletter)
        a_contact(session, "Bo Cox", "office@a.example")
        unsubscribe(session, al.id, newsletter.id, source=TESTER, now=NOW)
        number = newsletter.id
    path = a_file(tmp_path, "Name,Email\nBo Cox,office@a.example\n")

    result = imported(database, path, newsletter_id=number, basis="they asked")

    assert dict(result.counts.skipped) == {"unsubscribed": 1}
    assert "Bo Cox" not in standing(database)


def test_a_person_matched_by_name_is_skipped_when_their_address_is_suppressed(
    database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
        a_contact(session, "Al Bell", "al@a.example", organisation="Aldmor")
        suppress(session, "al@a.example", SuppressionReason.COMPLAINED, source=TESTER, now=NOW)
    path = a_file(tmp_path, "Name,Council\nAl Bell,Aldmor\n")

    result = imported(database, path, newsletter_id=newsletter, basis="they asked")

    assert dict(result.counts.skipped) == {"complained": 1}
    assert standing(database) == {}


def test_a_person_twice_in_the_file_is_added_once(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session).id
    path = a_file(
        tmp_path,
        "Name,Email,Council\nAl,al@a.example,\nAl,AL@a.example,\nAl,al@a.example,Aldmor\n"
        "Bo,bo@a.example,\n",
    )

    result = imported(database, path, newsletter_id=newsletter, basis="they asked")

    assert summary(result) == (2, 1, 1, 0, 0)
    assert count(database, Consent) == 2
    with database.reading() as session:
        assert session.scalar(select(Organisation.name).join(Contact)) == "Aldmor"


def test_organisations_whose_names_make_one_slug_are_kept_apart(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(
        tmp_path,
        "Name,Council\nA,A & B\nB,A B!\nC,Прес\nD,Рада\nE," + "x" * 150 + "\nF," + "x" * 160 + "\n",
    )

    result = imported(database, path)

    assert summary(result) == (6, 0, 0, 0, 0)
    assert count(database, Organisation) == 6


def test_formulas_and_line_breaks_are_only_ever_text(database: Database, tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Name,Email\n\"'=cmd|'/c calc'!A1\",al@a.example\n"
        '"Bo\r\nBcc: eve@evil.example",bo@a.example\n'
        '\'+Cy,cy@a.example\nDi,"di@a.example\r\nBcc: eve@evil.example"\n',
    )

    result = imported(database, path)

    assert people(database) == [
        ("=cmd|'/c calc'!A1", "al@a.example"),
        ("Bo Bcc: eve@evil.example", "bo@a.example"),
        ("+Cy", "cy@a.example"),
    ]
    assert [(each.row, each.column, each.message) for each in result.problems] == [
        (5, "Email", "Not an e-mail address: it holds a line break or a control character.")
    ]


def test_a_list_without_a_header_is_taken_in(database: Database, tmp_path: Path) -> None:
    result = imported(database, a_file(tmp_path, "al@a.example\nnot an address\nbo@a.example\n"))

    assert summary(result) == (2, 0, 0, 0, 1)
    assert [problem.row for problem in result.problems] == [2]


def test_columns_chosen_by_a_person_count_and_not_the_guess(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(tmp_path, "Chair,Name,Email\nAl Bell,Aldmor,al@a.example\n")

    imported(
        database,
        path,
        columns={0: ColumnField.NAME, 1: ColumnField.ORGANISATION, 2: ColumnField.EMAIL},
    )

    assert people(database) == [("Al Bell", "al@a.example")]


def test_one_field_cannot_come_from_two_columns(database: Database, tmp_path: Path) -> None:
    path = a_file(tmp_path, "Chair,Name,Email\nAl Bell,Aldmor,al@a.example\n")

    with pytest.raises(BadFile) as refused:
        imported(database, path, columns={0: ColumnField.NAME, 1: ColumnField.NAME})

    assert str(refused.value) == (
        "The columns “Chair” and “Name” cannot both go into “Full name”: choose one of them."
    )


def test_the_same_file_twice_changes_nothing_whatever_its_rows_say_of_one_person(
    database: Database, tmp_path: Path
) -> None:
    """The first row knows no organisation; the second gives one, which has no category."""
    path = a_file(
        tmp_path,
        "name,email,council,category\nBo,bo@a.example,,full\nBo,bo@a.example,Bexmoor,\n",
    )
    first, second = imported(database, path), imported(database, path)
    assert (first.counts.added, first.counts.updated) == (1, 1)
    assert (second.counts.added, second.counts.updated) == (0, 0)
