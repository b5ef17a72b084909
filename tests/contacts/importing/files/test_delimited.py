"""Reading: encodings, binaries, delimiters, and rows numbered as a spreadsheet numbers them."""

import codecs
import io
import time
import zipfile
from pathlib import Path

import pytest

from contacts.errors import BadFile
from contacts.importing.files.delimited import FileRow, examine, rows
from tests.contacts.importing.sample_files import CASES, GOOD, a_file

WESTERN = "probably Windows-1252 (Western Europe)"
ACCENTS = "name,email\nZoë Ó Briain,zoe@aldmor.example\n"


def read(path: Path) -> list[FileRow]:
    return list(rows(path, examine(path).shape))


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (ACCENTS.encode(), "utf-8", "UTF-8"),
        (codecs.BOM_UTF8 + ACCENTS.encode(), "utf-8-sig", "UTF-8"),
        (ACCENTS.encode("utf-16"), "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE + ACCENTS.encode("utf-16-be"), "utf-16", "UTF-16"),
        (ACCENTS.encode("utf-16-le"), "utf-16-le", "UTF-16"),
        (ACCENTS.encode("utf-16-be"), "utf-16-be", "UTF-16"),
        (ACCENTS.encode("utf-32"), "utf-32", "UTF-32"),
        (ACCENTS.encode("latin-1"), "cp1252", WESTERN),
        (ACCENTS.replace("Ó Briain", "“B”").encode("cp1252"), "cp1252", WESTERN),
    ],
)
def test_an_encoding_is_found_and_named(
    tmp_path: Path, content: bytes, encoding: str, said: str
) -> None:
    path = a_file(tmp_path, content)

    sheet = examine(path)

    assert sheet.shape.encoding == encoding
    assert sheet.shape.words == f"{said}, separated by commas"
    assert sheet.header == ("name", "email")
    assert sheet.first[0][0].startswith("Zoë")


def a_zip(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 100)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            a_zip("[Content_Types].xml", "xl/workbook.xml"),
            "This looks like an Excel workbook. Save it as CSV and try again.",
        ),
        (
            a_zip("photos/a.jpg"),
            "This is a zip archive. Unpack it and choose the CSV file inside.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "This looks like an old Excel workbook. Save it as CSV and try again.",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "This is a picture. Choose the CSV file instead."),
        (
            b"%PDF-1.7\n%\xe2\xe3",
            "This is a PDF. Open the table it was made from. Save it as CSV and try again.",
        ),
        (
            b"<html><table><tr><td>a@b.example",
            (
                "This is a web page or XML, not CSV. Open it in a spreadsheet. "
                "Save it as CSV and try again."
            ),
        ),
        (b"", "This file is empty. Choose the file with the people in it."),
        (b"\r\n  \r\n", "This file is empty. Choose the file with the people in it."),
        (codecs.BOM_UTF8, "This file is empty. Choose the file with the people in it."),
        (
            GOOD.encode() + b"Car\0ol,carol@carrdale.example\n",
            (
                "This file holds NUL characters, so it is damaged or not text. "
                "Export it again as “CSV UTF-8” and try again."
            ),
        ),
        (bytes(range(256)) * 20, "This is not a text file. Save it as CSV and try again."),
        (
            "name,email\n".encode("utf-16") + b"x",
            (
                "This file begins as UTF-16 and then breaks off. "
                "Export it again as “CSV UTF-8” and try again."
            ),
        ),
        (
            ("name,email\n" + "Zoë,zoe@a.example\n" * 9).encode() + b"Zo\xeb,z@a.example\n",
            (
                "This file is almost UTF-8, but line 11 of it is not. "
                "Save it again as “CSV UTF-8” and try again."
            ),
        ),
        (
            b"name,email\nZo\x81\xeb,zoe@a.example\n",
            "The letters of this file could not be read. Save it as “CSV UTF-8” and try again.",
        ),
        (
            b"name,email\n",
            "This file has a header and no rows below it, so there is nobody to import.",
        ),
    ],
)
def test_a_file_that_is_no_table_of_text_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = a_file(tmp_path, content)

    with pytest.raises(BadFile) as refused:
        examine(path)

    assert str(refused.value) == sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_by_trial(tmp_path: Path, delimiter: str) -> None:
    lines = [["name", "email", "tags"], ['"Bell, Bob; Jr"', "bob@a.example", '"a,b;c"']]
    path = a_file(tmp_path, "\n".join(delimiter.join(line) for line in lines))

    assert examine(path).shape.delimiter == delimiter
    assert read(path)[0].cells == ["Bell, Bob; Jr", "bob@a.example", "a,b;c"]


def test_excels_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    path = a_file(tmp_path, "sep=;\r\nname;email\r\nBob;bob@a.example\r\n")

    assert read(path) == [FileRow(2, ["Bob", "bob@a.example"])]


def test_line_breaks_in_quotation_marks_leave_row_numbers_as_a_spreadsheet_shows_them(
    tmp_path: Path,
) -> None:
    path = a_file(tmp_path, 'name,email\r\n"Alice\r\nAdeyemi",a@a.example\r\n\r\nBob,b@a.example')

    assert [row.number for row in read(path)] == [2, 4]
    assert examine(path).rows == 2


def test_rows_with_nothing_in_them_are_not_counted(tmp_path: Path) -> None:
    path = a_file(tmp_path, "name,email\n,\n , \nBob,b@a.example\n,,,\n")

    assert [row.number for row in read(path)] == [4]


def test_old_macintosh_line_ends_are_line_ends(tmp_path: Path) -> None:
    path = a_file(tmp_path, "name,email\rAlice,a@a.example\rBob,b@a.example\r")

    assert [row.number for row in read(path)] == [2, 3]


def test_a_cell_of_100000_characters_is_read(tmp_path: Path) -> None:
    path = a_file(tmp_path, f"name,email,notes\nBob,b@a.example,{'x' * 100_000}\n")

    assert len(read(path)[0].cells[2]) == 100_000


def test_a_cell_too_long_to_read_leaves_out_its_own_row_only(tmp_path: Path) -> None:
    long = "x" * 200_000
    path = a_file(tmp_path, f"name,email\nAl,a@a.example\n{long},b@a.example\nCy,c@a.example\n")

    found = read(path)

    assert [(row.number, bool(row.trouble)) for row in found] == [(2, False), (3, True), (4, False)]
    assert "longer than 131,072 characters" in found[1].trouble


def test_a_quotation_mark_that_is_never_closed_is_noticed(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'name,email\nAl,a@a.example\n"Bob,b@a.example\nCy,c@a.example\n')

    found = read(path)

    assert [(row.number, bool(row.trouble)) for row in found] == [(2, False), (3, True)]
    assert "A quotation mark is opened in this row and not closed" in found[1].trouble


def test_a_line_without_end_is_refused_and_not_held_in_memory(tmp_path: Path) -> None:
    path = a_file(tmp_path, "name,email\n" + "x," * 4_000_000)

    with pytest.raises(BadFile, match="A line of this file is longer than 4 million characters"):
        examine(path)


def test_a_file_that_is_too_long_or_too_wide_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    for content, words in (
        (b"a" + b"\n" * 20_000_000, "more than 2,000,000 lines"),
        (b"a\n" + b",\n" * 10_000_000, "more than 2,000,000 lines"),
        (b"Email" + b"," * 600 + b"\na@a.example\n", "more than 500 columns"),
        ((b"," * 3_900_000 + b"\n") * 20, "more than 500 columns"),
        (b"Email,Name\n" + b"a@a.example" + b"," * 3_900_000 + b"\n", "more than 500 columns"),
    ):
        path.write_bytes(content)
        began = time.monotonic()
        with pytest.raises(BadFile, match=words):
            examine(path)
        assert time.monotonic() - began < 10  # a minute and more, when all of it was read


def test_rows_that_cannot_be_counted_in_time_are_estimated(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Email,Name\n" + "".join(f"a{n}@a.example,A\n" for n in range(5_000)))

    exact, hasty = examine(path), examine(path, within=0.0)

    assert (exact.rows, exact.counted) == (5_000, True)
    assert not hasty.counted
    assert 4_900 < hasty.rows < 5_100


def test_the_name_of_a_column_is_one_line_of_bounded_length(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"Email,a\x01b{'x' * 1_000}\na@a.example,A\n")

    assert examine(path).header == ("Email", "a b" + "x" * 197)


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("Łukasz Żak;Małgorzata Wąs;Gmina Świerk", "cp1250"),
        ("Łukasz Żak;Małgorzata Wąs;Gmina Świerk", "iso8859-2"),
        ("Jiří Dvořák;Žaneta Černá;Tomáš Němec", "cp1250"),
        ("Zoë Müller;François Lefèvre;Peña", "cp1252"),
        ("Zoë Müller;François Lefèvre;Peña", "mac-roman"),
        ("Siân O’Brien;Gŵyl".replace("ŵ", "w"), "cp1252"),
        ("Œuvre Lecœur;Hélène", "iso8859-15"),
        ("Jürgen Groß;Käthe Schön", "cp1252"),
    ],
)
def test_a_code_page_is_guessed_by_what_its_words_look_like(
    tmp_path: Path, names: str, encoding: str
) -> None:
    rows = "".join(f"{name},p@a.example\n" for name in names.split(";"))
    sheet = examine(a_file(tmp_path, f"name,email\n{rows}", encoding))

    assert sheet.shape.encoding == encoding
    assert sheet.shape.words.startswith("probably ")
    assert sheet.accents


def test_another_encoding_can_be_chosen_where_it_is_a_guess(tmp_path: Path) -> None:
    path = CASES / "polish-cp1250.csv"
    guessed, chosen = examine(path), examine(path, encoding="cp1252")

    assert guessed.shape.words == "probably Windows-1250 (Central Europe), separated by semicolons"
    assert guessed.first[0][0] == "Łukasz Żak"
    assert {"Łukasz", "Żak", "Małgorzata"} <= set(guessed.accents)
    assert chosen.first[0][0] == "£ukasz ¯ak"
    with pytest.raises(BadFile, match="does not read as UTF-8"):
        examine(path, encoding="utf-8")
    assert examine(a_file(tmp_path, ACCENTS)).accents == ()


def test_rows_that_are_cut_short_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'Name,Email\nAl,a@a.example\nBo\nCy\nDi\n""\n""\n""\n')

    assert examine(path).header == ("Name", "Email")


def test_a_column_of_names_is_not_parted_by_a_comma_in_one_of_them(tmp_path: Path) -> None:
    path = a_file(tmp_path, "Name\nAl Bell\nBo Cox\nDow, Cy\n")

    assert examine(path).header == ("Name",)
    assert [row.cells for row in rows(path, examine(path).shape)][-1] == ["Dow, Cy"]
