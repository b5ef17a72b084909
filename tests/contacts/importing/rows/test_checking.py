"""Checking: a row becomes a person or whole sentences about what is wrong with it."""

import pytest

from contacts.importing.files.delimited import FileRow
from contacts.importing.rows.categories import Categories
from contacts.importing.rows.cells import clean
from contacts.importing.rows.checking import Checker, ImportedPerson, RowProblem
from contacts.importing.rows.columns import ColumnField

HEADER = ("Name", "E-mail", "Council", "Memb type", "Role", "Tags")
COLUMNS = dict(
    enumerate(
        (
            ColumnField.NAME,
            ColumnField.EMAIL,
            ColumnField.ORGANISATION,
            ColumnField.CATEGORY,
            ColumnField.ROLE,
            ColumnField.TAGS,
        )
    )
)
CATEGORIES = [
    (1, "full", "Full"),
    (2, "associate", "Associate"),
    (3, "affiliate", "Affiliate"),
    (4, "supporter", "Supporter"),
]


def checked(*cells: str, number: int = 7) -> ImportedPerson | list[RowProblem]:
    return Checker(HEADER, COLUMNS, Categories(CATEGORIES)).check(FileRow(number, list(cells)))


def person(*cells: str) -> ImportedPerson:
    found = checked(*cells)
    assert isinstance(found, ImportedPerson), found
    return found


def problems(*cells: str) -> list[RowProblem]:
    found = checked(*cells)
    assert isinstance(found, list), found
    return found


def test_a_good_row_becomes_a_person() -> None:
    found = person(
        "Cllr Amrit Kaur",
        "A.Kaur@Aldmor.example",
        "Aldmor  Council",
        "FULL",
        "Leader; Chair",
        "a,b",
    )

    assert found == ImportedPerson(
        7,
        "A.Kaur@aldmor.example",
        "a.kaur@aldmor.example",
        "Cllr Amrit Kaur",
        "Amrit",
        "Kaur",
        "Aldmor Council",
        "aldmor council",
        1,
        ("Leader", "Chair"),
        ("a", "b"),
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("full", 1), ("FULL", 1), ("Full member", 1), ("f", 1), ("assoc", 2), ("Affil.", 3)),
        *(("supporters", 4), ("Associate membership", 2), ("Full council", 1), ("", None)),
    ],
)
def test_a_category_is_known_by_its_beginning(text: str, number: int | None) -> None:
    assert person("Al", "al@a.example", "", text).category_id == number


def test_a_category_nobody_has_leaves_the_row_out() -> None:
    assert problems("Al", "al@a.example", "", "Gold") == [
        RowProblem(
            7,
            "Memb type",
            "Gold",
            "“Gold” is not a category. Use Full, Associate, Affiliate or Supporter.",
        )
    ]
    assert problems("Al", "al@a.example", "", "A")[0].message == (
        "“A” could be several categories. Use Full, Associate, Affiliate or Supporter."
    )


def test_every_fault_of_a_row_is_told_at_once() -> None:
    found = problems("x" * 100_000, "al.a.example", "y" * 300, "Gold")

    assert [(each.column, each.message) for each in found[:3]] == [
        ("E-mail", "Not an e-mail address: there is no @ in it."),
        ("Name", "This is 100,000 characters long and 200 are taken: shorten it."),
        ("Council", "This is 300 characters long and 200 are taken: shorten it."),
    ]
    assert len(found) == 4
    assert all(len(each.value) <= 201 for each in found)


def test_a_row_without_address_and_name_is_left_out() -> None:
    assert problems("", "", "Aldmor Council")[0].message == (
        "This row has neither an e-mail address nor a name: add one or delete the row."
    )


def test_a_row_with_more_cells_than_the_header_is_out_of_step() -> None:
    assert problems("Bell", "Bob", "b@a.example", "", "", "", "x")[0].message == (
        "This row has 7 cells and the header has 6. "
        "Put quotation marks around values that hold a comma."
    )
    assert isinstance(checked("Bob", "b@a.example", "", "", "", "", "", " "), ImportedPerson)


def test_a_row_with_fewer_cells_is_blank_in_the_rest() -> None:
    assert person("Bob", "b@a.example").organisation == ""


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("'=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("'+44 20", "+44 20"),
        ("''=1", "'=1"),
        ("+44 (0)20 7946 0000", "+44 (0)20 7946 0000"),
        ("@import", "@import"),
        ("#press", "#press"),
        ("#1", "#1"),
        ("- Al -", "- Al -"),
        ("=", "="),
        ("'t Hooft", "'t Hooft"),
        ("O'Brien", "O'Brien"),
    ],
)
def test_what_only_looks_like_a_formula_is_text_and_loses_one_guard(cell: str, name: str) -> None:
    assert person(cell, "al@a.example").name == name


FAILED = [
    *("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", " #ref! "),
    *("#BEZUG!", "#NV", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", "#VALEUR!", "#NOM?", "#¡REF!"),
    *("#¿NOMBRE?", "#RIF!", "#VALORE!", "#VERW!", "#WAARDE!", "#ADR!", "#ARG!", "####"),
]
FORMULAS = [
    *("=A2", "=VLOOKUP(A2;B:C;2)", "=1", "＝A1", "+SUM(A1)", "+A1+B2", "@SUM(A1)", "-SUM(A1)"),
]


@pytest.mark.parametrize("cell", [*FAILED, *FORMULAS])
def test_a_failed_formula_and_a_formula_are_mistakes_in_every_column(cell: str) -> None:
    good = ("Al Bell", "al@a.example", "Aldmor", "full", "Leader", "press")

    for place in range(len(good)):
        found = problems(*good[:place], cell, *good[place + 1 :])

        assert len(found) == 1
        assert found[0].value == clean(cell)


def test_a_failed_formula_is_no_name_and_says_what_to_do() -> None:
    (failed,) = problems("#REF!", "al@a.example")
    (formula,) = problems("=A2", "al@a.example")

    assert failed.message == (
        "A spreadsheet shows this where a formula fails: write what belongs here."
    )
    assert formula.message == (
        "This is a formula and not what it comes to: write that, or save the sheet with its values."
    )


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("Al\r\nBcc: eve@evil.example", "Al Bcc: eve@evil.example"),
        ("Al\x07\x1bBell", "Al Bell"),
        ("Al\u202elleB", "AllleB"),
        ("Zoe\u0308", "Zoë"),
        ("\u00a0Al\u2003Bell ", "Al Bell"),
        ("A\u200bl", "Al"),
        ("Al\u2028Bell", "Al Bell"),
    ],
)
def test_a_name_is_one_line_of_visible_text(cell: str, line: str) -> None:
    assert clean(cell) == line


def test_an_address_with_a_line_break_is_refused() -> None:
    assert problems("Al", "al@a.example\r\nBcc: eve@evil.example")[0].message == (
        "Not an e-mail address: it holds a line break or a control character."
    )


def test_more_labels_than_a_person_can_have_are_refused() -> None:
    found = problems("Al", "al@a.example", "", "", "", ",".join(f"t{n}" for n in range(30)))

    assert found[0].message == "There are 30 values here: at most 20 are taken."


def test_parts_of_a_name_make_the_whole() -> None:
    columns = {0: ColumnField.FIRST_NAME, 1: ColumnField.LAST_NAME, 2: ColumnField.EMAIL}
    checker = Checker(("First", "Last", "Email"), columns, Categories(CATEGORIES))

    found = checker.check(FileRow(2, ["Amrit", "Kaur", ""]))

    assert isinstance(found, ImportedPerson)
    assert (found.name, found.first, found.last) == ("Amrit Kaur", "Amrit", "Kaur")
