"""Files as other programs and people write them, and what they come to."""

from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.importing import ColumnField, FileChoices, preview
from contacts.models import Contact, Organisation, Role, Tag, contact_roles, contact_tags
from contacts.people.adding import tag_called
from tests.contacts.importing.sample_files import CASES, a_file, imported, people, summary


def tags(database: Database) -> dict[str, set[str]]:
    """By the beginning of the address."""
    with database.reading() as session:
        found = session.execute(
            select(Contact.email, Tag.name)
            .join(contact_tags, contact_tags.c.contact_id == Contact.id)
            .join(Tag, Tag.id == contact_tags.c.tag_id)
        ).all()
    given: dict[str, set[str]] = {}
    for email, name in found:
        given.setdefault(str(email).partition("@")[0], set()).add(name)
    return given


def test_quoted_tags_are_one_label_each(database: Database) -> None:
    imported(database, CASES / "mailchimp-subscribed.csv")

    assert set(map(frozenset, tags(database).values())) == {frozenset({"Full members", "Press"})}


def test_tags_are_compared_by_what_people_see(database: Database) -> None:
    first = imported(database, CASES / "tags.csv")
    again = imported(database, CASES / "tags.csv")

    assert (summary(first), summary(again)) == ((6, 0, 0, 0, 0), (0, 0, 6, 0, 0))
    assert tags(database) == {
        "t1": {"R&D"},
        "t2": {"R&D", '5" pipe'},
        "t3": {"Children's services", "Adults"},
        "t4": {"C++", "C#", "C"},
        "t5": {"R&D"},
        "t6": {"Ökologie", "Okologie"},
    }


def test_a_tag_of_a_form_and_of_a_file_is_the_same(database: Database) -> None:
    with database.writing() as session:
        made = {name: tag_called(session, name).id for name in ("C", "c#", "R & D", "Okologie")}
        again = {name: tag_called(session, name).id for name in ("c", "C#", "r&d", "okologie")}

    imported(database, CASES / "tags.csv")

    assert list(made.values()) == list(again.values())
    assert tags(database)["t4"] == {"C++", "c#", "C"}
    assert tags(database)["t1"] == {"R & D"}


def test_the_header_is_found_under_a_title(database: Database) -> None:
    found = preview(CASES / "title-row.csv")
    imported(database, CASES / "title-row.csv")

    assert (found.sheet.shape.header, found.sheet.above, found.sheet.rows) == (2, ("Table 1",), 2)
    with database.reading() as session:
        named = session.execute(
            select(Contact.name, Organisation.name).join(Organisation).order_by(Contact.id)
        ).all()
    assert named == [("Lena Moss", "Aldmor Council"), ("Kofi Ash", "Aldmor Council")]


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        ("Members list\n\nas of May;\nName;Email\nAl;a@a.example\n", 4, 1),
        ("Our newsletter\nEmail\na@a.example\nb@a.example\n", 2, 2),
        ("Name,Council\nLeader,Council\nAl,Aldmor\n", 1, 2),
        ("Ref,Kontakt\n1,al@a.example\n", 1, 1),
        ("al@a.example,Al\nbo@a.example,Bo\n", 0, 2),
    ],
)
def test_only_a_row_that_names_columns_is_taken_for_the_header(
    tmp_path: Path, text: str, header: int, rows: int
) -> None:
    sheet = preview(a_file(tmp_path, text)).sheet

    assert (sheet.shape.header, sheet.rows) == (header, rows)


def test_name_and_surname_are_joined(database: Database) -> None:
    imported(database, CASES / "name-surname.csv")

    with database.reading() as session:
        lena = session.scalars(select(Contact)).one()
    assert (lena.name, lena.first_name, lena.last_name) == ("Lena Moss", "Lena", "Moss")


@pytest.mark.parametrize(
    "row",
    [
        "Name,Surname\nLena Moss,Moss\n",
        "Name,Vorname\nMoss,Lena\n",
        "Nom;Prénom\nMoss;Lena\n",
        "Nombre,Apellidos\nLena,Moss\n",
        "Cognome,Nome\nMoss,Lena\n",
        "Voornaam,Achternaam\nLena,Moss\n",
        "Imię,Nazwisko\nLena,Moss\n",
        "Enw cyntaf,Cyfenw\nLena,Moss\n",
        "Vollständiger Name,Firma\nLena Moss,x\n",
    ],
)
def test_names_are_known_in_other_languages(database: Database, tmp_path: Path, row: str) -> None:
    imported(database, a_file(tmp_path, row))

    assert people(database) == [("Lena Moss", None)]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("E-bost,Sefydliad,Swydd,Tagiau", "email organisation role tags"),
        ("E-Mail-Adresse,Gemeinde,Funktion,Kategorie", "email organisation role category"),
        ("Adresse e-mail,Société,Fonction,Catégorie", "email organisation role category"),
        ("Correo electrónico,Ayuntamiento,Cargo,Etiquetas", "email organisation role tags"),
        ("Indirizzo e-mail,Ente,Ruolo,Etichette", "email organisation role tags"),
        ("E-mailadres,Organisatie,Functie,Categorie", "email organisation role category"),
        ("Poczta,Gmina,Stanowisko,Etykiety", "email organisation role tags"),
    ],
)
def test_columns_are_known_in_other_languages(tmp_path: Path, header: str, fields: str) -> None:
    found = preview(a_file(tmp_path, f"{header}\nal@a.example,x,y,z\n"))

    assert list(found.columns.values()) == [ColumnField(field) for field in fields.split()]


def test_contacts_of_google_arrive_whole(database: Database) -> None:
    found = preview(CASES / "google-contacts.csv")
    result = imported(database, CASES / "google-contacts.csv")

    assert summary(result) == (3, 0, 0, 0, 0)
    assert ColumnField.OTHER_EMAIL in found.columns.values()
    with database.reading() as session:
        maya, ben, trust = session.scalars(select(Contact).order_by(Contact.id))
        roles = session.execute(
            select(contact_roles.c.contact_id, Role.name).join(Role).order_by(Role.id)
        ).all()
        places = session.execute(
            select(Organisation.name).join(Contact).order_by(Contact.id)
        ).scalars()
        assert list(places) == ["Aldmor Council", "Brackley Vale Council", "Hill Trust"]
    assert (maya.name, maya.first_name, maya.last_name) == (
        "Cllr Maya Lindqvist",
        "Maya",
        "Lindqvist",
    )
    assert (ben.email, trust.email) == ("ben.otto@brackley-vale.example", "info@hilltrust.example")
    assert roles == [(maya.id, "Leader"), (ben.id, "Policy officer")]
    assert tags(database) == {"maya.lindqvist": {"Councillors"}}
    assert dict(result.counts.notes) == {"second_address": 2}


@pytest.mark.parametrize(
    ("row", "email", "others"),
    [
        ("a@a.example,b@a.example,c@a.example", "a@a.example", ["b@a.example", "c@a.example"]),
        (",b@a.example,c@a.example", "b@a.example", ["c@a.example"]),
        (",,c@a.example", "c@a.example", []),
        ("a@a.example,not one,", "a@a.example", ["not one"]),
        ("a@a.example,A@a.example,", "a@a.example", []),
    ],
)
def test_the_first_address_of_several_columns_is_theirs_and_the_others_are_said(
    database: Database, tmp_path: Path, row: str, email: str, others: list[str]
) -> None:
    first = "z@a.example,y@a.example,x@a.example"
    path = a_file(tmp_path, f"Name,Email,Email 2,Email 3\nZoe,{first}\nAl Bell,{row}\n")

    result = imported(database, path)

    assert people(database)[1] == ("Al Bell", email)
    assert [each.value for each in result.differences if each.row == 3] == others


def test_a_bad_second_address_is_a_problem_only_where_there_is_no_first(
    database: Database, tmp_path: Path
) -> None:
    path = a_file(tmp_path, "Name,Email,Email 2\nZoe,z@a.example,y@a.example\nAl,,not one\n")

    result = imported(database, path)

    assert summary(result) == (1, 0, 0, 0, 1)
    assert [(each.column, each.value) for each in result.problems] == [("Email 2", "not one")]


def first_import(database: Database, tmp_path: Path) -> None:
    imported(
        database,
        a_file(
            tmp_path,
            "Email,Name,Council,Role\n"
            "maya.lindqvist@aldmor.example,Maya Lindqvist,Aldmor Council,Deputy leader\n",
        ),
    )


def facts(database: Database) -> list[tuple[str, str, str, str]]:
    with database.reading() as session:
        found = session.execute(
            select(Contact.name, Contact.last_name, Organisation.name, Role.name)
            .join(Organisation, Organisation.id == Contact.organisation_id)
            .join(contact_roles, contact_roles.c.contact_id == Contact.id)
            .join(Role, Role.id == contact_roles.c.role_id)
        )
        return [(name, last, place, role) for name, last, place, role in found]


def test_differences_are_listed_by_row_and_nothing_is_replaced(
    database: Database, tmp_path: Path
) -> None:
    first_import(database, tmp_path)

    result = imported(database, CASES / "newer-facts.csv")

    assert summary(result) == (0, 0, 1, 0, 0)
    assert [(each.row, each.column, each.value, each.message) for each in result.differences] == [
        (2, "Full name", "Maya Lindqvist-Hale", "Here it is “Maya Lindqvist”, and stays so."),
        (
            2,
            "Organisation name",
            "Brackley Vale Council",
            "Here it is “Aldmor Council”, and stays so.",
        ),
        (
            2,
            "Role",
            "Leader",
            "The role was not taken, as it belongs to another organisation than the one here.",
        ),
    ]
    assert (result.counts.differences, result.problems) == (3, [])
    assert facts(database) == [("Maya Lindqvist", "Lindqvist", "Aldmor Council", "Deputy leader")]


def test_a_newer_file_replaces_name_organisation_and_role(
    database: Database, tmp_path: Path
) -> None:
    first_import(database, tmp_path)
    newer = FileChoices(newer=True)

    result = imported(database, CASES / "newer-facts.csv", choices=newer)
    again = imported(database, CASES / "newer-facts.csv", choices=newer)

    assert (summary(result), summary(again)) == ((0, 1, 0, 0, 0), (0, 0, 1, 0, 0))
    assert (result.differences, again.differences) == ([], [])
    assert facts(database) == [
        ("Maya Lindqvist-Hale", "Lindqvist-Hale", "Brackley Vale Council", "Leader")
    ]


def test_a_newer_file_takes_nothing_away_by_a_blank(database: Database, tmp_path: Path) -> None:
    first_import(database, tmp_path)
    path = a_file(tmp_path, "Email,Name,Council,Role\nmaya.lindqvist@aldmor.example,,,\n")

    result = imported(database, path, choices=FileChoices(newer=True))

    assert summary(result) == (0, 0, 1, 0, 0)
    assert facts(database) == [("Maya Lindqvist", "Lindqvist", "Aldmor Council", "Deputy leader")]
