"""What is asked of a whole file: whether a file without names, or of people who left, is meant."""

from pathlib import Path

import pytest

from contacts.importing import Doubt, FileChoices, doubts, preview
from tests.contacts.importing.products.test_products import FILES
from tests.contacts.importing.sample_files import a_file


def asked(path: Path, *, choices: FileChoices | None = None, subscribes: bool = True) -> list[str]:
    found = preview(path)
    return [
        *doubts(
            found,
            columns=found.columns,
            choices=choices or FileChoices(),
            filename=path.name,
            subscribes=subscribes,
        )
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Email\na@a.example\nb@a.example\n", [Doubt.NAMELESS]),
        ("Email,Name\na@a.example,\nb@a.example, \n", [Doubt.NAMELESS]),
        ("Email,Vorname,Firma\na@a.example,,Aldmor\n", [Doubt.NAMELESS]),
        ("Email,Name\na@a.example,\nb@a.example,Bo\n", []),
        ("Email,First name,Surname\na@a.example,,Bell\n", []),
        ("Email,Surname\n" + "a@a.example\n" * 3000 + "b@a.example,Bell\n", []),
    ],
)
def test_a_file_that_gives_nobody_a_name_is_asked_about(
    tmp_path: Path, text: str, found: list[Doubt]
) -> None:
    path = a_file(tmp_path, text)

    assert asked(path) == found
    assert asked(path, choices=FileChoices(accepted=frozenset({Doubt.NAMELESS}))) == []
    assert asked(path, choices=FileChoices(as_do_not_email=True)) == []


def test_a_file_that_only_its_name_says_no_for_is_asked_about() -> None:
    path = FILES / "nonsubscribed_email_audience_export_0a1b2c.csv"

    assert asked(path) == [Doubt.NAMED_FOR_NO]
    assert asked(path, subscribes=False) == []
    assert asked(path, choices=FileChoices(accepted=frozenset({Doubt.NAMED_FOR_NO}))) == []


@pytest.mark.parametrize(
    ("name", "columns", "found"),
    [
        ("unsubscribed_members.csv", "", [Doubt.NAMED_FOR_NO]),
        ("cleaned_members.csv", "", [Doubt.NAMED_FOR_NO]),
        ("Opt-outs May.csv", "", [Doubt.NAMED_FOR_NO]),
        ("Do not e-mail.csv", "", [Doubt.NAMED_FOR_NO]),
        ("Abgemeldete.csv", "", [Doubt.NAMED_FOR_NO]),
        ("unsubscribed_members.csv", ",Status", []),  # each row says
        ("subscribed_members.csv", "", []),
        ("members cleaned.csv", "", []),
        ("people.csv", "", []),
    ],
)
def test_a_file_named_for_people_who_left_is_asked_about_unless_its_rows_say(
    tmp_path: Path, name: str, columns: str, found: list[Doubt]
) -> None:
    path = tmp_path / name
    value = ",unsubscribed" if columns else ""
    path.write_text(f"Email,Name{columns}\na@a.example,Al{value}\n")

    assert asked(path) == found
