"""Exporting: what goes out is safe in a spreadsheet and comes back as it was."""

import csv
import io
from pathlib import Path

import pytest

from contacts.database import Database
from contacts.exporting.csv import guarded, write_csv
from contacts.models import Contact
from contacts.people.adding import add_contact, role_called, tag_called
from tests.contacts.importing.sample_files import a_file, imported, summary
from tests.factories import NOW, a_contact


def exported(database: Database) -> str:
    held = io.StringIO(newline="")
    with database.reading() as session:
        for _ in write_csv(session, held):
            pass
    return held.getvalue()


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("'t Hooft", "'t Hooft"),
        ("Al Bell", "Al Bell"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


def test_everybody_is_written_with_category_roles_and_tags(database: Database) -> None:
    with database.writing() as session:
        a_contact(session, "Al Bell", "al@a.example", category="full", organisation="Aldmor")
        a_contact(session, "Bo Cox", None, category="supporter")
        roles = [role_called(session, "Leader"), role_called(session, "Chair")]
        tag = tag_called(session, "press, local")
        add_contact(session, name="=Cy", email="cy@a.example", roles=roles, tags=[tag], now=NOW)

    assert exported(database) == (
        "name,email,organisation,category,roles,tags\r\n"
        '"Al Bell","al@a.example","Aldmor","Full","",""\r\n'
        '"Bo Cox","","","Supporter","",""\r\n'
        '"\'=Cy","cy@a.example","","","Chair; Leader","press, local"\r\n'
    )


def test_an_exported_file_is_imported_unchanged(database: Database, tmp_path: Path) -> None:
    names = ["=cmd|'/c'!A1", "'=x", "O'Brien", 'Al "the" Bell', "Zoë; Ó", "-"]
    with database.writing() as session:
        for number, name in enumerate(names):
            a_contact(session, name, f"p{number}@a.example", organisation=f"@{name}")
    path = a_file(tmp_path, exported(database))

    again = imported(database, path)
    with database.writing() as session:
        for contact in session.query(Contact):
            session.delete(contact)
    anew = imported(database, path)

    assert summary(again) == (0, 0, len(names), 0, 0)
    assert summary(anew) == (len(names), 0, 0, 0, 0)
    rows = list(csv.reader(io.StringIO(exported(database), newline="")))
    assert [row[0].removeprefix("'") if row[0][0] == "'" else row[0] for row in rows[1:]] == names


def test_pages_follow_each_other_without_a_gap(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.exporting.csv._PAGE", 3)
    with database.writing() as session:
        for number in range(8):
            a_contact(session, f"Person {number}", f"p{number}@a.example")

    rows = exported(database).splitlines()

    assert len(rows) == 9
    assert rows[8].startswith('"Person 7"')
