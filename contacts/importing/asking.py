"""What a person is asked of a file before it is taken in: values, and the file as a whole."""

from collections.abc import Mapping
from dataclasses import replace

from contacts.importing.doubts import Doubt
from contacts.importing.doubts import doubts as doubts_in
from contacts.importing.files.delimited import rows
from contacts.importing.rows.permission import FileChoices, Question
from contacts.importing.rows.permission import questions as questions_in
from contacts.importing.running import Preview, for_seconds
from contacts.importing.words.fields import ColumnField


def questions(
    found: Preview,
    *,
    columns: Mapping[int, ColumnField],
    choices: FileChoices,
    within: float | None = None,
) -> list[Question]:
    """What a file says of permission and is not understood; a person has to say what it means.

    With ``within``, only as many rows are read as that many seconds allow.
    """
    sheet = found.sheet
    if choices.as_do_not_email:
        return []
    # A column about one newsletter is asked for by its place: which one it is makes no difference.
    about = {place: 0 for place, field in columns.items() if field is ColumnField.NEWSLETTER}
    looked_at = for_seconds(within, rows(sheet.path, sheet.shape))
    return questions_in(looked_at, sheet.header, columns, replace(choices, newsletters=about))


def doubts(
    found: Preview,
    *,
    columns: Mapping[int, ColumnField],
    choices: FileChoices,
    filename: str,
    subscribes: bool,
    within: float | None = None,
) -> list[Doubt]:
    """What may be a mistake about the file as a whole, and nobody has said yes to."""
    sheet = found.sheet
    if choices.as_do_not_email:
        return []
    looked_at = for_seconds(within, rows(sheet.path, sheet.shape))
    asked = doubts_in(looked_at, columns, filename=filename, subscribes=subscribes)
    return [each for each in asked if each not in choices.accepted]
