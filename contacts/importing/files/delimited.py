"""A file of comma-separated rows: how it is to be read, and its rows one by one.

Memory stays flat whatever the file's length. Rows are numbered as a spreadsheet shows them: a
record with line breaks inside quotation marks is one row, and the header is row 1. Rows with
nothing in them are passed over and not counted.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from contacts.errors import BadFile
from contacts.importing.files.encodings import LONGEST_LINE, encoding_of, in_words

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SHOWN: Final = 20  # rows kept with a sheet, to guess from and to show

# csv's own limit on a cell (131,072 characters) is one number for the whole process, so it is
# left alone: other threads read tables too. What exceeds it is a row that cannot be read.
_LONGEST_ROW: Final = 500  # lines; more is a quotation mark that was never closed
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
        return f"{in_words(self.encoding)}, separated by {DELIMITERS[self.delimiter]}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read, and what is to be known of it before it is."""

    path: Path
    digest: str
    shape: Shape
    header: tuple[str, ...]
    first: tuple[tuple[str, ...], ...]
    rows: int

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
        }


class FileRow(NamedTuple):  # a tuple, since there is one for each of a million rows
    """One row that is not empty; ``trouble`` says why its cells could not be told apart."""

    number: int
    cells: list[str]
    trouble: str = ""


def examine(path: Path) -> Sheet:
    """The file as a sheet; BadFile says in a sentence why it is none."""
    try:
        encoding = encoding_of(path)
        shape = _shape(path, encoding)
        header, first = top(path, shape)
        return Sheet(path, _digest(path), shape, header, first, _count(path, shape))
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from None


def rows(path: Path, shape: Shape) -> Iterator[FileRow]:
    """Every row below the header that has something in it."""
    records = _records(path, shape)
    if shape.header:
        next(records)
    yield from records


def looks_like_address(cell: str) -> bool:
    """Whether a cell holds something in the form of an e-mail address."""
    return len(cell) < 400 and _ADDRESS.search(cell) is not None


def _records(path: Path, shape: Shape) -> Iterator[FileRow]:
    number = line = 0
    last: FileRow | None = None  # a row of several lines, held back until another follows it
    with path.open(encoding=shape.encoding, newline="") as file:
        reader = csv.reader(_lines(file, skip=shape.skip), delimiter=shape.delimiter)
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
        sample = list(islice(_lines(file), 300))
    if not any(map(str.strip, sample)):
        raise BadFile("This file is empty. Choose the file with the people in it.")
    if sep_line := re.fullmatch(r"(?i)sep=([,;\t|])\s*", sample[0]):
        return _with_header(path, Shape(encoding, sep_line[1], skip=1))
    best = max(DELIMITERS, key=lambda delimiter: _fits(sample, delimiter))
    return _with_header(path, Shape(encoding, best))


def _fits(sample: Sequence[str], delimiter: str) -> tuple[bool, float, int]:
    """How well a delimiter explains the first rows; more is better."""
    widths: list[int] = []
    try:
        widths.extend(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells)
    except csv.Error:
        pass
    width = widths[0] if widths else 0
    agreeing = sum(each == width for each in widths) / (len(widths) or 1)
    return width > 1, round(agreeing, 1), width


def _with_header(path: Path, shape: Shape) -> Shape:
    top = next(_records(path, shape), None)
    if top is None:
        raise BadFile("This file is empty. Choose the file with the people in it.")
    # A header names its columns; an address among the names means that it is a row already.
    has_header = not any(map(looks_like_address, top.cells))
    return Shape(shape.encoding, shape.delimiter, shape.skip, top.number if has_header else 0)


def top(path: Path, shape: Shape) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header, or names in its place, and the first rows."""
    records = _records(path, shape)
    header = next(records).cells if shape.header else []
    first = tuple(tuple(row.cells) for row in islice(records, SHOWN))
    if not first:
        raise BadFile("This file has a header and no rows below it, so there is nobody to import.")
    if not shape.header:
        header = [f"Column {_letters(place)}" for place in range(len(first[0]))]
    return tuple(" ".join(name.split()) for name in header), first


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


def _count(path: Path, shape: Shape) -> int:
    return sum(1 for _ in rows(path, shape))
