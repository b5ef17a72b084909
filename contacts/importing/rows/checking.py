"""A row becomes a person, or what is wrong with it: whole sentences that say what to do.

Cells are text and nothing else. One apostrophe that guards a formula is taken off, as spreadsheet
exports put it on, and what stood behind it is text that is guarded again on its way out. A formula
without one, and what a spreadsheet shows where a formula fails, are mistakes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, NamedTuple

from contacts.addresses import Address, parse
from contacts.errors import BadAddress
from contacts.importing.files.delimited import FileRow
from contacts.importing.rows.categories import Categories, UnknownCategory
from contacts.importing.rows.cells import clean, failed
from contacts.importing.rows.labels import parted
from contacts.importing.rows.permission import (
    FileChoices,
    NotUnderstood,
    Permission,
    PermissionReader,
)
from contacts.importing.words.fields import ColumnField, Columns
from contacts.names import fold, split_name

_ADDRESSES: Final = frozenset({ColumnField.EMAIL, ColumnField.OTHER_EMAIL})
_NONE: Final[tuple[str, ...]] = ()
_NOBODY: Final = "This row has neither an e-mail address nor a name: add one or delete the row."
_NO_ADDRESS: Final = (
    "This row has no e-mail address, and the do-not-email list is one of addresses: add one or "
    "delete the row."
)

_LONGEST_NAME: Final = 200  # of a person or an organisation, in characters
_LONGEST_LABEL: Final = 100  # a role, a tag, a category
_LONGEST_CELL: Final = 1000  # of several roles or tags
_MOST_LABELS: Final = 20
_SHOWN: Final = 200  # characters of a bad value that are kept beside its problem
_BETWEEN_ADDRESSES: Final = re.compile(r"\s*(?::::|[;,|/\n])\s*|\s+")


class ImportedPerson(NamedTuple):  # a tuple, since there is one for each of a million rows
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
    permission: Permission | None = None
    other_addresses: tuple[str, ...] = ()  # in the same cell, behind the person's


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was left out: where in the spreadsheet, what stands there, what to do."""

    row: int
    column: str
    value: str
    message: str


class _Wrong(Exception):
    """One cell cannot be used; its text is the sentence."""


class Checker:
    """Checks the rows of one sheet."""

    def __init__(
        self,
        header: Sequence[str],
        columns: Columns,
        categories: Categories,
        choices: FileChoices | None = None,
    ) -> None:
        self._header = header
        self._width = len(header)
        choices = choices or FileChoices()
        self._addresses_only = choices.as_do_not_email
        self._place = {
            field: place
            for place, field in columns.items()
            # A list of addresses loses none of them by what stands beside it.
            if field in _ADDRESSES or not self._addresses_only
        }
        self._other_emails = tuple(
            place for place, field in columns.items() if field is ColumnField.OTHER_EMAIL
        )
        self._categories = categories
        self._email = self._place.get(ColumnField.EMAIL)
        self._name = self._place.get(ColumnField.NAME)
        self._first_name = self._place.get(ColumnField.FIRST_NAME)
        self._last_name = self._place.get(ColumnField.LAST_NAME)
        self._organisation = self._place.get(ColumnField.ORGANISATION)
        self._category = self._place.get(ColumnField.CATEGORY)
        self._role = self._place.get(ColumnField.ROLE)
        self._tags = self._place.get(ColumnField.TAGS)
        self._title = self._place.get(ColumnField.TITLE)
        self._permission = PermissionReader(header, columns, choices)

    def check(self, row: FileRow) -> ImportedPerson | list[RowProblem]:
        """The person in a row, or everything that is wrong with it."""
        cells = row.cells
        if row.trouble or len(cells) != self._width:
            if misfit := self._misfit(row):
                return [misfit]
            cells = [*cells, *[""] * self._width][: self._width]
        try:
            return self._person(row.number, cells)
        except NotUnderstood as question:
            column, cell = self._header[question.place], question.cell
            return [RowProblem(row.number, column, _shortened(cell), str(question))]
        except _Wrong:
            return self._problems(row.number, cells)

    def _person(self, number: int, cells: list[str]) -> ImportedPerson:
        # Nearly every row is good: it is read straight through, and only a row with a fault is
        # gone through again, cell by cell, for all of its faults.
        email = key = None
        others, place = _NONE, self._email
        if self._email is not None and (cell := cells[self._email]):
            address, others = _addresses(cell)
            if address is not None:
                email, key = address.wire, address.key
        if self._other_emails:
            email, key, others, place = self._with_others(cells, email, key, others)
        name, first, last = self._names(cells)
        if key is None and not name:
            raise _Wrong(_NO_ADDRESS if self._addresses_only else _NOBODY)
        organisation, organisation_key = "", ""
        if self._organisation is not None and (cell := cells[self._organisation]):
            organisation, organisation_key = _organisation(cell)
        category_id = None
        if self._category is not None and (cell := cells[self._category]):
            category_id = self._category_id(cell, of_organisation=bool(organisation))
        roles = tags = _NONE
        if self._role is not None and (cell := cells[self._role]):
            roles = _roles(cell)
        if self._tags is not None and (cell := cells[self._tags]):
            tags = _tags(cell)
        permission = self._said(cells, place) if self._permission.is_needed else None
        return ImportedPerson(
            number,
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
            permission,
            others,
        )

    def _with_others(
        self, cells: list[str], email: str | None, key: str | None, others: tuple[str, ...]
    ) -> tuple[str | None, str | None, tuple[str, ...], int | None]:
        """The first address there is, those behind it, and the column of the first."""
        place = self._email
        for other in self._other_emails:
            if not (cell := cells[other].strip()):
                continue
            try:
                address, more = _addresses(cell)
            except _Wrong:
                if key is None or self._addresses_only:
                    raise
                others = (*others, clean(cell)[:_SHOWN])  # said, and no reason to lose the row
                continue
            if address is None or address.key == key:
                continue
            if key is None:
                email, key, others, place = address.wire, address.key, more, other
            else:
                others = (*others, address.wire, *more)
        return email, key, others, place

    def _said(self, cells: list[str], address_at: int | None) -> Permission | None:
        try:
            return self._permission.read(cells, address_at)
        except NotUnderstood:
            if self._addresses_only:
                return None  # the list itself says enough
            raise

    def _names(self, cells: list[str]) -> tuple[str, str, str]:
        name, first, last = self._bare_names(cells)
        if self._title is not None and (cell := cells[self._title]):
            title = _bounded(cell, _LONGEST_LABEL)
            if title and name and not fold(name).startswith(fold(title)):
                name = f"{title} {name}"
        return name, first, last

    def _bare_names(self, cells: list[str]) -> tuple[str, str, str]:
        name = first = last = ""
        if self._name is not None and (cell := cells[self._name]):
            name = _bounded(cell, _LONGEST_NAME)
            first, last = split_name(name)
        if self._first_name is not None and (cell := cells[self._first_name]):
            first = _bounded(cell, _LONGEST_NAME)
        if self._last_name is not None and (cell := cells[self._last_name]):
            last = _bounded(cell, _LONGEST_NAME)
        return name or f"{first} {last}".strip(), first, last

    def _problems(self, number: int, cells: list[str]) -> list[RowProblem]:
        readers: dict[ColumnField, Callable[[str], object]] = {
            ColumnField.EMAIL: _addresses,
            ColumnField.TITLE: lambda cell: _bounded(cell, _LONGEST_LABEL),
            ColumnField.NAME: lambda cell: _bounded(cell, _LONGEST_NAME),
            ColumnField.FIRST_NAME: lambda cell: _bounded(cell, _LONGEST_NAME),
            ColumnField.LAST_NAME: lambda cell: _bounded(cell, _LONGEST_NAME),
            ColumnField.ORGANISATION: _organisation,
            ColumnField.CATEGORY: partial(
                self._category_id, of_organisation=self._has_organisation(cells)
            ),
            ColumnField.ROLE: _roles,
            ColumnField.TAGS: _tags,
        }
        problems = []
        for field, read in readers.items():
            place = self._place.get(field)
            cell = cells[place] if place is not None else ""
            if cell:
                try:
                    read(cell)
                except _Wrong as wrong:
                    problems.append(self._problem(number, field, cell, str(wrong)))
        for place in () if problems else self._other_emails:
            try:
                _addresses(cells[place])
            except _Wrong as wrong:
                column, shown = self._header[place], _shortened(cells[place])
                problems.append(RowProblem(number, column, shown, str(wrong)))
        return problems or [self._nobody(number)]

    def _has_organisation(self, cells: list[str]) -> bool:
        return self._organisation is not None and bool(cells[self._organisation].strip())

    def _category_id(self, cell: str, *, of_organisation: bool) -> int | None:
        try:
            if cell not in self._categories:
                cell = _bounded(cell, _LONGEST_LABEL)
            number = self._categories.find(cell)
            if number is not None:
                self._categories.refuse_misfit(number, cell, of_organisation=of_organisation)
            return number
        except UnknownCategory as unknown:
            raise _Wrong(str(unknown)) from None

    def _misfit(self, row: FileRow) -> RowProblem | None:
        if row.trouble:
            return RowProblem(row.number, "", "", row.trouble)
        spare = " ".join(row.cells[self._width :]).strip()
        if not spare:
            return None
        message = (
            f"This row has {len(row.cells)} cells and the header has {self._width}. "
            "Put quotation marks around values that hold a comma."
        )
        return RowProblem(row.number, "", _shortened(spare), message)

    def _nobody(self, number: int) -> RowProblem:
        field = next(
            each
            for each in (
                ColumnField.EMAIL,
                ColumnField.OTHER_EMAIL,
                ColumnField.NAME,
                ColumnField.FIRST_NAME,
                ColumnField.LAST_NAME,
            )
            if each in self._place
        )
        message = _NO_ADDRESS if self._addresses_only else _NOBODY
        return self._problem(number, field, "", message)

    def _problem(self, number: int, field: ColumnField, cell: str, message: str) -> RowProblem:
        return RowProblem(number, self._header[self._place[field]], _shortened(cell), message)


def _addresses(cell: str) -> tuple[Address | None, tuple[str, ...]]:
    """The address of a cell, and any that stand behind it."""
    try:
        return parse(cell), _NONE
    except BadAddress as error:
        if not cell.strip():
            return None, _NONE
        parts = [part for part in _BETWEEN_ADDRESSES.split(cell.strip()) if part]
        if len(parts) > 1:
            try:
                found = [parse(part) for part in parts[:_MOST_LABELS]]
            except BadAddress:
                pass
            else:
                return found[0], tuple(each.wire for each in found[1:])
        raise _Wrong(str(error)) from None


def _bounded(cell: str, limit: int) -> str:
    if len(cell) > limit and len(cell := cell.strip()) > limit:
        raise _Wrong(f"This is {len(cell):,} characters long and {limit} are taken: shorten it.")
    if wrong := failed(cell):
        raise _Wrong(wrong)
    return clean(cell)


def _organisation(cell: str) -> tuple[str, str]:
    # Only what is short is remembered, so that the memory is bounded in bytes too.
    if len(cell) > _LONGEST_NAME:
        cell = _bounded(cell, _LONGEST_NAME)
    return _keyed(cell)


@lru_cache(maxsize=20_000)
def _keyed(cell: str) -> tuple[str, str]:
    if wrong := failed(cell):
        raise _Wrong(wrong)
    name = clean(cell)
    return name, fold(name)


def _roles(cell: str) -> tuple[str, ...]:
    # A job title may hold a comma: "Leader, Aldmor Council".
    return _labels(_short(cell), ";|\n")


def _tags(cell: str) -> tuple[str, ...]:
    return _labels(_short(cell), ";|,\n")


def _short(cell: str) -> str:
    if len(cell) > _LONGEST_CELL:
        _bounded(cell, _LONGEST_CELL)
    return cell.strip()


@lru_cache(maxsize=20_000)
def _labels(cell: str, separators: str) -> tuple[str, ...]:
    if wrong := failed(cell):
        raise _Wrong(wrong)
    found = dict.fromkeys(filter(None, map(clean, parted(cell, separators))))
    if len(found) > _MOST_LABELS:
        raise _Wrong(f"There are {len(found)} values here: at most {_MOST_LABELS} are taken.")
    if long := next((label for label in found if len(label) > _LONGEST_LABEL), None):
        raise _Wrong(f"“{long[:30]}…” is longer than {_LONGEST_LABEL} characters: shorten it.")
    return tuple(found)


def _shortened(value: str) -> str:
    shown = clean(value[: _SHOWN * 2])
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
