"""What a row says of permission: its columns read together, and no value taken for a yes by guess.

A value that is not understood is a question (``questions``), which a person answers once for the
file; where nobody has, the row is left out and listed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from contacts.importing.files.delimited import FileRow
from contacts.importing.rows.cells import clean, failed
from contacts.importing.rows.moments import is_none, moment
from contacts.importing.words import consent
from contacts.importing.words.consent import STRENGTH, Says, lists_who_left
from contacts.importing.words.fields import ColumnField, Columns
from contacts.importing.words.headers import whose
from contacts.importing.words.plain import value

MOST_ANSWERS: Final = 200  # of one column; with more values it holds something else
_REMEMBERED: Final = 10_000
_LONGEST_REASON: Final = 2_000
_ADDRESSES: Final = frozenset({ColumnField.EMAIL, ColumnField.OTHER_EMAIL})
_ABOUT: Final = frozenset(
    {
        ColumnField.PERMISSION,
        ColumnField.AGREED_AT,
        ColumnField.STOPPED_AT,
        ColumnField.STOP_REASON,
        ColumnField.NEWSLETTER,
    }
)

Answers = Mapping[int, Mapping[str, Says]]  # column -> value as compared -> what it means


class Permission(NamedTuple):
    """What a row says, of all newsletters and of single ones."""

    says: Says
    stopped_at: datetime | None
    why: str
    agreed_at: datetime | None
    newsletters: tuple[tuple[int, Says], ...]


@dataclass(frozen=True, slots=True)
class FileChoices:
    """What a person said of a file beside its columns.

    ``newsletters`` are the columns that are each about one, with its id.
    """

    answers: Answers = field(default_factory=dict)
    newsletters: Mapping[int, int] = field(default_factory=dict)
    as_do_not_email: bool = False
    newer: bool = False
    accepted: frozenset[str] = frozenset()  # the doubts about the file that were said yes to

    def to_json(self) -> dict[str, Any]:
        return {
            "answers": {
                str(place): {word: says.value for word, says in given.items()}
                for place, given in self.answers.items()
            },
            "newsletters": {str(place): number for place, number in self.newsletters.items()},
            "as_do_not_email": self.as_do_not_email,
            "newer": self.newer,
            "accepted": sorted(self.accepted),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "FileChoices":
        return cls(
            {
                int(place): {word: Says(says) for word, says in given.items()}
                for place, given in kept.get("answers", {}).items()
            },
            {int(place): number for place, number in kept.get("newsletters", {}).items()},
            kept.get("as_do_not_email", False),
            kept.get("newer", False),
            frozenset(kept.get("accepted", ())),
        )


class NotUnderstood(Exception):
    """A value that may be a yes or a no."""

    def __init__(self, place: int, cell: str) -> None:
        super().__init__()
        self.place, self.cell = place, cell

    def __str__(self) -> str:
        what = f"“{self.cell.strip()[:100]}”" if self.cell.strip() else "A blank here"
        return f"{what} may be a yes or a no: say what it means, or correct it."


class PermissionReader:
    """Reads the cells of a row that are about permission."""

    def __init__(self, header: Sequence[str], columns: Columns, choices: FileChoices) -> None:
        self.is_needed = any(field in _ABOUT for field in columns.values())
        self._header = header
        self._answers = choices.answers
        self._newsletters = [
            (place, choices.newsletters[place])
            for place, field in columns.items()
            if field is ColumnField.NEWSLETTER and place in choices.newsletters
        ]
        self._known: dict[int, dict[str, Says]] = defaultdict(dict)
        self._meaning: dict[int, Says] = {}
        self._flags: list[int] = []
        self._times: list[int] = []
        self._reasons: list[int] = []
        self._agreed: list[int] = []
        lists = {
            ColumnField.PERMISSION: self._flags,
            ColumnField.STOPPED_AT: self._times,
            ColumnField.STOP_REASON: self._reasons,
            ColumnField.AGREED_AT: self._agreed,
        }
        for place, field_here in columns.items():
            if field_here not in lists:
                continue
            lists[field_here].append(place)
            about = consent.of_header(header[place])
            fallback = Says.YES if field_here is ColumnField.PERMISSION else Says.NO
            if lists_who_left(header):
                fallback = Says.NO
            self._meaning[place] = about[0] if about else fallback
        self._address_of = {
            flag: place
            for flag in self._flags
            for place, field_here in columns.items()
            if field_here in _ADDRESSES
            and self._meaning[flag] is Says.GONE
            and whose(header[flag]) == whose(header[place]) != ""
        }
        # A time or a reason says by itself that it happened, unless a column about the very same
        # thing has said whether.
        self._said_by = {
            place: [
                flag
                for flag in self._flags
                if consent.topic(header[flag]) == consent.topic(header[place])
                and self._meaning[flag] is self._meaning[place]
            ]
            for place in (*self._times, *self._reasons)
        }

    def read(self, cells: Sequence[str], address_at: int | None = None) -> Permission:
        """What the row says; NotUnderstood names the cell that is a question.

        ``address_at`` is the column of the person's address, where there are several.
        """
        says, stopped_at, agreed_at = self._flagged(cells, address_at)
        for place in self._times:
            if not is_none(cell := cells[place]):
                if failed(cell):
                    raise NotUnderstood(place, cell)
                says = self._by_itself(place, cells, says)
                stopped_at = moment(cell) or stopped_at
        why = []
        for place in self._reasons:
            if not is_none(cell := cells[place]):
                if failed(cell):
                    raise NotUnderstood(place, cell)
                says = self._by_itself(place, cells, says)
                if (spoken := consent.state(cell)) in {Says.COMPLAINT, Says.GONE}:
                    says = _stronger(says, spoken or says)
                why.append(clean(cell))
        moments = [agreed_at, *(moment(cells[place]) for place in self._agreed)]
        newsletters = tuple(
            (number, said)
            for place, number in self._newsletters
            if (said := self._standing(place, cells[place])) is not None
        )
        return Permission(
            says,
            stopped_at,
            " · ".join(dict.fromkeys(why))[:_LONGEST_REASON],
            max(filter(None, moments), default=None),
            newsletters,
        )

    def _flagged(
        self, cells: Sequence[str], address_at: int | None
    ) -> tuple[Says, datetime | None, datetime | None]:
        """What columns of yes and no say; a day in one of them is when that was."""
        says, stopped_at, agreed_at = Says.NOTHING, None, None
        for place in self._flags:
            cell = cells[place]
            said = self._flag(place, cell)
            if said is Says.GONE and self._address_of.get(place, address_at) != address_at:
                continue  # another address of this person is gone
            says = _stronger(says, said)
            if cell[:1].isdigit() and (at := moment(cell)):
                if self._meaning[place] is Says.YES:
                    agreed_at = at
                else:
                    stopped_at = at
        return says, stopped_at, agreed_at

    def _by_itself(self, place: int, cells: Sequence[str], says: Says) -> Says:
        if any(cells[flag].strip() for flag in self._said_by[place]):
            return says
        return _stronger(says, self._meaning[place])

    def _flag(self, place: int, cell: str) -> Says:
        known = self._known[place]
        if (said := known.get(cell)) is None:
            said = self._understand(place, cell)
            if said is None:
                raise NotUnderstood(place, cell)
            if len(known) < _REMEMBERED:
                known[cell] = said
        return said

    def _understand(self, place: int, cell: str) -> Says | None:
        word, meaning = value(cell), self._meaning[place]
        if (answer := self._answers.get(place, {}).get(word)) is not None:
            return answer
        if not word:
            return None if meaning is Says.YES else Says.NOTHING
        spoken = consent.numbered(self._header[place], cell) or consent.state(cell)
        if spoken is not None:
            return _within(meaning, spoken)
        return self._yes_or_no(meaning, cell)

    def _yes_or_no(self, meaning: Says, cell: str) -> Says | None:
        true = consent.truth(cell)
        if true is None and not (cell[:1].isdigit() and moment(cell)):
            return None
        if meaning is Says.YES:
            return Says.NO if true is False else Says.YES
        return Says.NOTHING if true is False else meaning

    def _standing(self, place: int, cell: str) -> Says | None:
        if not cell.strip():
            return None
        answer = self._answers.get(place, {}).get(value(cell)) or consent.state(cell)
        if answer is None:
            raise NotUnderstood(place, cell)
        return answer

    def asked(self, cells: Sequence[str]) -> list[tuple[int, str]]:
        """Every cell of a row that is a question: its column and its value as compared."""
        found = [
            (place, value(cells[place]))
            for place in self._flags
            if cells[place] not in self._known[place] and self._is_asked(place, cells[place])
        ]
        for place, _ in self._newsletters:
            try:
                self._standing(place, cells[place])
            except NotUnderstood:
                found.append((place, value(cells[place])))
        return found

    def _is_asked(self, place: int, cell: str) -> bool:
        try:
            self._flag(place, cell)
        except NotUnderstood:
            return True
        return False

    def ticked(self, cells: Sequence[str]) -> list[tuple[int, bool | None]]:
        """Of each column about a no: whether a row says it, says the contrary, or is blank."""
        return [
            (place, None if not cells[place].strip() else consent.truth(cells[place]) is not False)
            for place in self._flags
            if self._meaning[place] is not Says.YES
            and "" not in self._answers.get(place, {})
            and (place not in self._address_of or cells[self._address_of[place]].strip())
        ]


@dataclass(frozen=True, slots=True)
class Question:
    """A value of a column about permission that a person has to explain; "" is a blank."""

    place: int
    column: str
    value: str
    rows: int


def questions(
    rows: Iterable[FileRow], header: Sequence[str], columns: Columns, choices: FileChoices
) -> list[Question]:
    """Everything about permission in these rows that is not understood.

    A blank in a column about a no is one only where the same column says both yes and no: in a
    column of ticks it is the no.
    """
    reader = PermissionReader(header, columns, choices)
    if not reader.is_needed:
        return []
    asked: Counter[tuple[int, str]] = Counter()
    ticks: dict[int, Counter[bool | None]] = defaultdict(Counter)
    width = len(header)
    for row in rows:
        if row.trouble:
            continue
        cells = row.cells if len(row.cells) >= width else [*row.cells, *[""] * width][:width]
        for each in reader.asked(cells):
            if each in asked or len(asked) < MOST_ANSWERS:
                asked[each] += 1
        for place, tick in reader.ticked(cells):
            ticks[place][tick] += 1
    for place, seen in ticks.items():
        if all(seen[each] for each in (True, False, None)):
            asked[place, ""] += seen[None]
    return [
        Question(place, header[place], word, number)
        for (place, word), number in sorted(asked.items())
    ]


def _within(meaning: Says, spoken: Says) -> Says:
    """A word that speaks for itself, in a column about ``meaning``."""
    if meaning is Says.NEVER and spoken is Says.NO:
        return Says.EVERYTHING  # unsubscribed, in a column about not writing at all
    if meaning is not Says.YES and spoken is Says.YES:
        return Says.NOTHING
    return spoken


def _stronger(one: Says, other: Says) -> Says:
    return max(one, other, key=STRENGTH.__getitem__)
