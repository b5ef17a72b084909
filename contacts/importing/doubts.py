"""What a whole file is asked before it is taken in: things that a person has to have meant."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from contacts.importing.files.delimited import FileRow
from contacts.importing.words.fields import NAMES, ColumnField, Columns
from contacts.importing.words.plain import plain


class Doubt(StrEnum):
    """What may be a mistake, and is one unless somebody says yes to it."""

    NAMELESS = "without-names"
    NAMED_FOR_NO = "file-name"


DOUBTS: Final = {
    Doubt.NAMELESS: (
        "Nobody in this file would have a name. If there is a column of names, say which one it is."
    ),
    Doubt.NAMED_FOR_NO: (
        "By the name of this file these people are not subscribed, and no column says otherwise."
    ),
}
# A file of Mailchimp's says only by its name that those in it never subscribed.
_NAMED_FOR_NO: Final = re.compile(
    r"unsub|nonsub|notsub|optout|optedout|^cleaned|suppress|blocklist|blacklist|donotemail|"
    r"donotcontact|bounces|bounced|complaints|abgemeldet|abmeldung|desinscri|desabonn|disiscri|"
    r"uitgeschreven|afgemeld|wypisan"
)
_SAYS_WHETHER: Final = frozenset(
    {
        ColumnField.PERMISSION,
        ColumnField.STOPPED_AT,
        ColumnField.STOP_REASON,
        ColumnField.NEWSLETTER,
    }
)


def doubts(
    rows: Iterable[FileRow], columns: Columns, *, filename: str, subscribes: bool
) -> list[Doubt]:
    """What has to be asked of a file whose people are kept, or subscribed as well."""
    found = []
    if not _names_somebody(rows, columns):
        found.append(Doubt.NAMELESS)
    said = not _SAYS_WHETHER.isdisjoint(columns.values())
    if subscribes and not said and _NAMED_FOR_NO.search(plain(PurePath(filename).stem)):
        found.append(Doubt.NAMED_FOR_NO)
    return found


def _names_somebody(rows: Iterable[FileRow], columns: Columns) -> bool:
    places = [place for place, field in columns.items() if field in NAMES]
    return bool(places) and any(
        row.cells[place].strip() for row in rows for place in places if place < len(row.cells)
    )
