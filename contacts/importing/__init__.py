"""Files of people become contacts: read, match, check, decide, commit.

``preview`` looks at a file, ``prepare`` records it, ``rehearse`` says what it would come to, and
``run`` takes it in, chunk by chunk, so that it can be killed and doubled at any moment.
"""

from contacts.importing.asking import doubts, questions
from contacts.importing.doubts import DOUBTS, Doubt
from contacts.importing.files.encodings import CHOICES as ENCODINGS
from contacts.importing.results import NOTES, REASONS, ImportCounts, ImportResult, result_of
from contacts.importing.rows.permission import FileChoices, Question
from contacts.importing.rows_to_fix import rows_to_fix
from contacts.importing.running import (
    Preview,
    choices_of,
    keep,
    look_again,
    prepare,
    preview,
    read_again,
    rehearse,
    run,
    settle,
    start,
    steps,
)
from contacts.importing.words.consent import Says
from contacts.importing.words.fields import WORDS, ColumnField

__all__ = [
    "DOUBTS",
    "ENCODINGS",
    "NOTES",
    "REASONS",
    "WORDS",
    "ColumnField",
    "Doubt",
    "FileChoices",
    "ImportCounts",
    "ImportResult",
    "Preview",
    "Question",
    "Says",
    "choices_of",
    "doubts",
    "keep",
    "look_again",
    "prepare",
    "preview",
    "questions",
    "read_again",
    "rehearse",
    "result_of",
    "rows_to_fix",
    "run",
    "settle",
    "start",
    "steps",
]
