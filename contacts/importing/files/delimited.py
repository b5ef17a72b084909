"""A file of comma-separated rows: how it is to be read, and its rows one by one.

Memory stays flat whatever the file's length. Rows are numbered as a spreadsheet shows them: a
record with line breaks inside quotation marks is one row, and the header is row 1. Rows with
nothing in them are passed over and not counted.
"""

import csv
import hashlib
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from contacts.errors import BadFile
from contacts.importing.files.encodings import LONGEST_LINE, encoding_of, in_words, is_guess
from contacts.importing.files.guessing import samples
from contacts.importing.words.fields import ColumnField
from contacts.importing.words.headers import field_of, known

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MOST_COLUMNS: Final = 500
_ABOVE: Final = 10  # rows that may stand above the header
SHOWN: Final = 20  # rows kept with a sheet, to guess from and to show

# csv's own limit on a cell (131,072 characters) is one number for the whole process, so it is
# left alone: other threads read tables too. What exceeds it is a row that cannot be read.
_LOOKS: Final = 1_000  # rows between two looks at the clock
_LONG_LINE: Final = 10_000  # characters, above which the columns of a line are counted first
_SAMPLE: Final = 1_000_000  # characters that the delimiter is told from
_LONGEST_NAME: Final = 200  # characters of a column's name
_LONGEST_ROW: Final = 500  # lines; more is a quotation mark that was never closed
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ADDRESS: Final = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
_TOO_LONG: Final = (
    "A cell of this row is longer than 131,072 characters. "
    "If a quotation mark is missing, rows below may have been swallowed: mend it here."
)
_UNCLOSED: Final = (
    "A quotation mark is opened in this row and not closed, so rows below it were swallowed: "
    "mend it here."
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file's bytes become rows."""

    encoding: str
    delimiter: str
    skip: int = 0  # lines before the table, such as Excel's "sep=;"
    header: int = 1  # the header's row; 0 when the file has none

    @property
    def words(self) -> str:
        """ "UTF-8, separated by commas"."""
        guessed = "probably " if is_guess(self.encoding) else ""
        return f"{guessed}{in_words(self.encoding)}, separated by {DELIMITERS[self.delimiter]}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read, and what is to be known of it before it is."""

    path: Path
    digest: str
    shape: Shape
    header: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]
    rows: int
    counted: bool = True  # else ``rows`` is about how many there are
    above: tuple[str, ...] = ()  # the rows above the header, such as a title, which are skipped

    @property
    def accents(self) -> tuple[str, ...]:
        """Words to tell a wrong encoding by, where it is a guess."""
        codec = self.shape.encoding
        return samples(self.path, codec) if is_guess(codec) else ()

    def to_json(self) -> dict[str, Any]:
        """What another process needs to read the same file in the same way."""
        shape = self.shape
        return {
            "encoding": shape.encoding,
            "delimiter": shape.delimiter,
            "skip": shape.skip,
            "header": shape.header,
            "names": list(self.header),
            "rows": self.rows,
            "counted": self.counted,
        }


class FileRow(NamedTuple):  # a tuple, since there is one for each of a million rows
    """One row that is not empty; ``trouble`` says why its cells could not be told apart."""

    number: int
    cells: list[str]
    trouble: str = ""


def examine(path: Path, *, within: float | None = None, encoding: str | None = None) -> Sheet:
    """The file as a sheet; BadFile says in a sentence why it is none.

    Rows that could not be counted ``within`` so many seconds are estimated.
    """
    try:
        encoding = encoding_of(path, chosen=encoding)
        shape = _shape(path, encoding)
        header, first, above = top(path, shape)
        number, counted = _count(path, shape, within=within)
        return Sheet(path, _digest(path), shape, header, first, number, counted, above)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from None


def rows(path: Path, shape: Shape) -> Iterator[FileRow]:
    """Every row below the header that has something in it."""
    for row in _records(path, shape):
        if row.number > shape.header:
            yield row


def looks_like_address(cell: str) -> bool:
    """Whether a cell holds something in the form of an e-mail address."""
    return len(cell) < 400 and _ADDRESS.search(cell) is not None


def _records(path: Path, shape: Shape) -> Iterator[FileRow]:
    number = line = 0
    last: FileRow | None = None  # a row of several lines, held back until another follows it
    with path.open(encoding=shape.encoding, newline="") as file:
        narrow = _narrow(_lines(file, skip=shape.skip), shape.delimiter)
        reader = csv.reader(narrow, delimiter=shape.delimiter)
        while True:
            trouble = ""
            cells: list[str] = []
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                trouble = _TOO_LONG
            if last:
                yield last
                last = None
            number += 1
            before, line = line, reader.line_num
            if line - before > _LONGEST_ROW:
                trouble = trouble or _UNCLOSED
            if trouble:
                yield FileRow(number, cells, trouble)
            elif any(map(str.strip, cells)):
                if line - before > 1:
                    last = FileRow(number, cells)
                else:
                    yield FileRow(number, cells)
    if last:
        lines = line - before
        unclosed = _ends_unclosed(path, shape, lines=lines, after=line - lines)
        yield FileRow(number, last.cells, _UNCLOSED) if unclosed else last


def _lines(file: TextIO, *, skip: int = 0) -> Iterator[str]:
    # A bound on what one line may take, though such files are refused before.
    return islice(iter(partial(file.readline, 2 * LONGEST_LINE), ""), skip, None)


def _narrow(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    # Millions of cells of one line would be as many objects before anybody could count them.
    for line in lines:
        if len(line) > _LONG_LINE and line.count(delimiter) > 20 * MOST_COLUMNS:
            raise _too_wide()
        yield line


def _ends_unclosed(path: Path, shape: Shape, *, lines: int, after: int) -> bool:
    """Whether the file's last row, of several lines, ends only because the file does."""
    with path.open(encoding=shape.encoding, newline="") as file:
        held = islice(_lines(file, skip=shape.skip + after), lines)
        try:
            for _ in csv.reader(held, delimiter=shape.delimiter, strict=True):
                pass
        except csv.Error as error:
            return "unexpected end of data" in str(error)
    return False


def _shape(path: Path, encoding: str) -> Shape:
    with path.open(encoding=encoding, newline="") as file:
        sample = list(_beginning(_lines(file)))
    if not any(map(str.strip, sample)):
        raise BadFile("This file is empty. Choose the file with the people in it.")
    if sep_line := re.fullmatch(r"(?i)sep=([,;\t|])\s*", sample[0]):
        return _with_header(path, Shape(encoding, sep_line[1], skip=1))
    best = max(DELIMITERS, key=lambda delimiter: _fits(sample, delimiter))
    return _with_header(path, Shape(encoding, best))


def _beginning(lines: Iterator[str]) -> Iterator[str]:
    size = 0
    for line in islice(lines, 300):
        yield line[:_SAMPLE]
        size += len(line)
        if size > _SAMPLE:
            return


def _fits(sample: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    """How well a delimiter explains the first rows; more is better."""
    widths: list[int] = []
    try:
        read = csv.reader(sample, delimiter=delimiter)
        widths.extend(len(cells) for cells in read if any(map(str.strip, cells)))
    except csv.Error:
        pass
    # The commonest, since titles above the header have other widths; of several the first.
    width = max(widths, key=widths.count) if widths else 0
    if width == 1:
        width = widths[0]  # most rows are cut short, and the header is not
    agreeing = sum(each == width for each in widths) / (len(widths) or 1)
    return width > 1, round(agreeing, 1), width


def _with_header(path: Path, shape: Shape) -> Shape:
    tops: list[FileRow] = []
    for row in islice(_records(path, shape), _ABOVE + 1):
        if len(row.cells) > MOST_COLUMNS:
            raise _too_wide()
        tops.append(row)
        # A header names its columns; an address means that this is a row of people already.
        if any(map(looks_like_address, row.cells)):
            break
    if not tops:
        raise BadFile("This file is empty. Choose the file with the people in it.")
    if any(map(looks_like_address, tops[0].cells)):
        return replace(shape, header=0)
    names = [known(row.cells) + _names_addresses(row) for row in tops]
    most = names.index(max(names))  # a title above names none of the columns
    found = tops[most] if names[most] > 1 else tops[0]
    return replace(shape, header=found.number)


def _names_addresses(row: FileRow) -> bool:
    """Whether a row names a column of addresses, which may be the only one."""
    fields = map(field_of, row.cells)
    return any(field is not None and field[0] is ColumnField.EMAIL for field in fields)


def top(
    path: Path, shape: Shape
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The header, or names in its place, the first rows, and what stands above the header."""
    header: list[str] = []
    above: list[str] = []
    records = _records(path, shape)
    if shape.header:
        for row in records:
            if row.number >= shape.header:
                header = row.cells
                break
            above.append(_name_of(" ".join(filter(None, row.cells))))
    first = tuple(tuple(row.cells) for row in islice(records, SHOWN))
    if not first:
        raise BadFile("This file has a header and no rows below it, so there is nobody to import.")
    if not shape.header:
        header = [f"Column {_letters(place)}" for place in range(len(first[0]))]
    return tuple(map(_name_of, header)), first, tuple(above)


def _name_of(cell: str) -> str:
    return " ".join(_CONTROL.sub(" ", cell).split())[:_LONGEST_NAME]


def _letters(place: int) -> str:
    """A column as spreadsheets call it: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(path: Path, shape: Shape, *, within: float | None) -> tuple[int, bool]:
    """The number of rows, and whether it is more than an estimate."""
    ends_at = time.monotonic() + within if within is not None else math.inf
    number = 0
    for number, row in enumerate(rows(path, shape), 1):
        if number % _LOOKS == 0 and time.monotonic() > ends_at:
            return round(_lines_in(path) * number / row.number), False
    return number, True


def _lines_in(path: Path) -> int:
    with path.open("rb") as file:
        blocks = iter(partial(file.read, 1 << 20), b"")
        return sum(max(block.count(b"\n"), block.count(b"\r")) for block in blocks)


def _too_wide() -> BadFile:
    return BadFile(
        f"This file has more than {MOST_COLUMNS} columns. Delete those that are not about people, "
        "and try again."
    )
