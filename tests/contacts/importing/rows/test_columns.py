"""Matching: columns by their names, or by the addresses in them."""

from pathlib import Path

import pytest

from contacts.errors import BadFile
from contacts.importing import ColumnField, preview
from tests.contacts.importing.sample_files import a_file


def guessed(folder: Path, text: str) -> dict[int, ColumnField]:
    return preview(a_file(folder, text)).columns


@pytest.mark.parametrize("header", ["email", "E-mail", "E-MAIL ADDR.", "Mail", "e_mail address"])
def test_an_email_column_is_known_by_many_names(tmp_path: Path, header: str) -> None:
    assert guessed(tmp_path, f"{header},Name\na@a.example,Al\n") == {
        0: ColumnField.EMAIL,
        1: ColumnField.NAME,
    }


def test_the_usual_columns_are_known_and_the_others_reported(tmp_path: Path) -> None:
    header = "Council,First name,Surname,E-mail,Memb type,DOB,Job title,Tags"
    found = preview(a_file(tmp_path, f"{header}\nX,Al,Bell,a@a.example,Full,1/2/71,Leader,vip\n"))

    assert list(found.columns.values()) == [
        ColumnField.ORGANISATION,
        ColumnField.FIRST_NAME,
        ColumnField.LAST_NAME,
        ColumnField.EMAIL,
        ColumnField.CATEGORY,
        ColumnField.ROLE,
        ColumnField.TAGS,
    ]
    assert found.ignored == ("DOB",)


def test_an_address_column_under_an_unknown_name_is_found_by_its_contents(tmp_path: Path) -> None:
    text = "Ref,Kontakt,Address\n1,al@a.example,1 High Street\n2,bo@a.example,2 High Street\n"

    assert guessed(tmp_path, text) == {1: ColumnField.EMAIL}


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        guessed(tmp_path, "Email,Name,e-mail\na@a.example,Al,b@a.example\n")

    assert str(refused.value) == (
        "There are two columns called “e-mail”. Delete or rename one and try again."
    )


def test_two_columns_of_one_name_that_are_not_used_do_no_harm(tmp_path: Path) -> None:
    assert guessed(tmp_path, "Notes,Email,Notes\nx,a@a.example,y\n") == {1: ColumnField.EMAIL}


def test_of_two_columns_with_addresses_the_likelier_name_wins(tmp_path: Path) -> None:
    assert guessed(tmp_path, "Personal email,Email\np@a.example,a@a.example\n") == {
        0: ColumnField.OTHER_EMAIL,
        1: ColumnField.EMAIL,
    }


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("E-mail 2 - Value", ColumnField.OTHER_EMAIL),
        ("E-mail 3 Address", ColumnField.OTHER_EMAIL),
        ("Email (Work)", ColumnField.OTHER_EMAIL),
        ("Home-Email", ColumnField.OTHER_EMAIL),
        ("Secondary email", ColumnField.OTHER_EMAIL),
        ("Manager's email", None),
        ("Contact owner email", None),
        ("Email of assistant", None),
    ],
)
def test_another_address_is_the_persons_and_never_somebody_elses(
    tmp_path: Path, name: str, field: ColumnField | None
) -> None:
    found = guessed(tmp_path, f"Email,{name}\na@a.example,b@a.example\n")

    assert found.get(1) is field


def test_of_two_columns_for_one_field_one_with_values_is_taken(tmp_path: Path) -> None:
    found = guessed(tmp_path, "Email,Organisation,Current Employer\na@a.example,,Aldmor\n")

    assert found == {0: ColumnField.EMAIL, 2: ColumnField.ORGANISATION}


@pytest.mark.parametrize(
    ("header", "field"),
    [("Salutation,Title", ColumnField.ROLE), ("Job Title,Title", ColumnField.TITLE)],
)
def test_a_title_is_of_the_job_or_of_the_person(
    tmp_path: Path, header: str, field: ColumnField
) -> None:
    assert guessed(tmp_path, f"Email,{header}\na@a.example,x,y\n")[2] is field


def test_without_addresses_and_names_the_headers_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        guessed(tmp_path, "Ref,DOB,Colour\n1,1/2/71,red\n")

    assert str(refused.value) == (
        "Your file needs a column of e-mail addresses or of names. "
        "Right now it has “Ref”, “DOB” and “Colour”."
    )


def test_a_list_of_addresses_needs_no_header(tmp_path: Path) -> None:
    found = preview(a_file(tmp_path, "al@a.example\nbo@a.example\n"))

    assert (found.columns, found.sheet.rows) == ({0: ColumnField.EMAIL}, 2)


def test_of_two_columns_without_a_header_the_other_is_a_name(tmp_path: Path) -> None:
    found = guessed(tmp_path, "Al,al@a.example\nBo,bo@a.example\n")

    assert found == {0: ColumnField.NAME, 1: ColumnField.EMAIL}


def test_of_more_columns_without_a_header_only_the_address_is_guessed(tmp_path: Path) -> None:
    found = preview(a_file(tmp_path, "Al,Aldmor,al@a.example\nBo,Bexmoor,bo@a.example\n"))

    assert found.columns == {2: ColumnField.EMAIL}
    assert found.ignored == ("Column A", "Column B")
