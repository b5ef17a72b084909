"""A row becomes a person, or what is wrong with it: whole sentences that say what to do.

Cells are text and nothing else. One apostrophe that guards a formula is taken off, as spreadsheet
exports put it on; what begins with = + - @ stays as written and is guarded again on its way out.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from contacts.addresses import Address, parse
from contacts.directory import folded, split_name
from contacts.errors import BadAddress
from contacts.importing.categories import Categories, UnknownCategory
from contacts.importing.matching import WORDS, Columns, Field
from contacts.importing.reading import Row

T = TypeVar("T")
_NONE: Final[tuple[str, ...]] = ()

_LONGEST: Final = {
    Field.NAME: 200,
    Field.FIRST_NAME: 100,
    Field.LAST_NAME: 100,
    Field.ORGANISATION: 200,
    Field.CATEGORY: 100,
    Field.ROLE: 400,
    Field.TAGS: 400,
}
_LONGEST_LABEL: Final = 100
_MOST_LABELS: Final = 20
_SHOWN: Final = 200  # characters of a bad value that are kept beside its problem
_GUARD: Final = re.compile(r"'(?='*[=+\-@\t\r\n＝＋－＠])")
# Marks that turn or hide text: a name that carries them shows as another one.
_TURNING: Final = dict.fromkeys(
    (0x200B, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


@dataclass(frozen=True, slots=True)
class Person:
    """What a row says, checked and in its stored form; blank where it says nothing."""

    row: int
    email: str | None
    key: str | None
    name: str
    first: str
    last: str
    organisation: str
    organisation_key: str
    category_id: int | None
    roles: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was left out: where in the spreadsheet, what stands there, what to do."""

    row: int
    column: str
    value: str
    message: str


class _Wrong(Exception):
    """One cell cannot be used; its text is the sentence."""


class Checker:
    """Checks the rows of one sheet."""

    def __init__(self, header: Sequence[str], columns: Columns, categories: Categories) -> None:
        self._header = header
        self._width = len(header)
        self._place = {field: place for place, field in columns.items()}
        self._categories = categories
        self._has_name = Field.NAME in self._place
        self._has_parts = bool(self._place.keys() & {Field.FIRST_NAME, Field.LAST_NAME})

    def check(self, row: Row) -> Person | list[Problem]:
        """The person in a row, or everything that is wrong with it."""
        cells = row.cells
        if row.trouble or len(cells) != self._width:
            if misfit := self._misfit(row):
                return [misfit]
            cells = [*cells, *[""] * self._width][: self._width]
        problems: list[Problem] = []

        def take(field: Field, read: Callable[[str], T], blank: T) -> T:
            place = self._place.get(field)
            if place is None or not (cell := cells[place]):
                return blank
            try:
                return read(cell)
            except _Wrong as wrong:
                problems.append(self._problem(row.number, field, cell, str(wrong)))
                return blank

        address = take(Field.EMAIL, _address, None)
        name, first, last = take(Field.NAME, _name, ("", "", ""))
        if self._has_parts:
            first = take(Field.FIRST_NAME, _first_name, "") or first
            last = take(Field.LAST_NAME, _last_name, "") or last
            name = name or f"{first} {last}".strip()
        organisation, organisation_key = take(Field.ORGANISATION, _organisation, ("", ""))
        category_id = take(Field.CATEGORY, self._category, None)
        roles = take(Field.ROLE, _roles, _NONE)
        tags = take(Field.TAGS, _tags, _NONE)
        if address is None and not name and not problems:
            problems.append(self._nobody(row.number))
        if problems:
            return problems
        email, key = (address.wire, address.key) if address else (None, None)
        return Person(
            row.number,
            email,
            key,
            name,
            first,
            last,
            organisation,
            organisation_key,
            category_id,
            roles,
            tags,
        )

    def _category(self, cell: str) -> int | None:
        try:
            return self._categories.find(_bounded(cell, Field.CATEGORY))
        except UnknownCategory as unknown:
            raise _Wrong(str(unknown)) from None

    def _misfit(self, row: Row) -> Problem | None:
        if row.trouble:
            return Problem(row.number, "", "", row.trouble)
        spare = " ".join(row.cells[self._width :]).strip()
        if not spare:
            return None
        message = (
            f"This row has {len(row.cells)} cells and the header has {self._width}. "
            "Put quotation marks around values that hold a comma."
        )
        return Problem(row.number, "", _shortened(spare), message)

    def _nobody(self, number: int) -> Problem:
        field = next(
            each
            for each in (Field.EMAIL, Field.NAME, Field.FIRST_NAME, Field.LAST_NAME)
            if each in self._place
        )
        message = "This row has neither an e-mail address nor a name: add one or delete the row."
        return self._problem(number, field, "", message)

    def _problem(self, number: int, field: Field, cell: str, message: str) -> Problem:
        return Problem(number, self._header[self._place[field]], _shortened(cell), message)


def clean(cell: str) -> str:
    """A cell as one line of text: no guard, no control characters, single spaces."""
    if cell[:1] == "'":
        cell = _GUARD.sub("", cell, count=1) if _GUARD.match(cell) else cell
    if not (cell.isascii() and cell.isprintable()):
        cell = unicodedata.normalize("NFC", cell).translate(_TURNING)
        cell = "".join(
            " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in cell
        )
    return " ".join(cell.split())


def _address(cell: str) -> Address | None:
    try:
        return parse(cell)
    except BadAddress as error:
        if not cell.strip():
            return None
        raise _Wrong(str(error)) from None


def _bounded(cell: str, field: Field) -> str:
    limit = _LONGEST[field]
    if len(cell) > limit and len(cell := cell.strip()) > limit:
        raise _Wrong(
            f"“{WORDS[field]}” takes at most {limit} characters and this has {len(cell):,}: "
            "shorten it."
        )
    return clean(cell)


def _name(cell: str) -> tuple[str, str, str]:
    name = _bounded(cell, Field.NAME)
    return (name, *split_name(name))


def _first_name(cell: str) -> str:
    return _bounded(cell, Field.FIRST_NAME)


def _last_name(cell: str) -> str:
    return _bounded(cell, Field.LAST_NAME)


def _organisation(cell: str) -> tuple[str, str]:
    # Only what is short is remembered, so that the memory is bounded in bytes too.
    return _keyed(_bounded(cell, Field.ORGANISATION))


@lru_cache(maxsize=20_000)
def _keyed(name: str) -> tuple[str, str]:
    return name, folded(name)


def _roles(cell: str) -> tuple[str, ...]:
    # A job title may hold a comma: "Leader, Aldmor Council".
    return _labels(_lines_kept(cell, Field.ROLE), r"[;|\n]")


def _tags(cell: str) -> tuple[str, ...]:
    return _labels(_lines_kept(cell, Field.TAGS), r"[;|,\n]")


def _lines_kept(cell: str, field: Field) -> str:
    _bounded(cell, field)
    return cell.strip()


@lru_cache(maxsize=20_000)
def _labels(cell: str, separators: str) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, map(clean, re.split(separators, cell))))
    if len(found) > _MOST_LABELS:
        raise _Wrong(f"There are {len(found)} values here: at most {_MOST_LABELS} are taken.")
    if long := next((label for label in found if len(label) > _LONGEST_LABEL), None):
        raise _Wrong(f"“{long[:30]}…” is longer than {_LONGEST_LABEL} characters: shorten it.")
    return tuple(found)


def _shortened(value: str) -> str:
    shown = clean(value[: _SHOWN * 2])
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
