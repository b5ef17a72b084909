"""Files of people become contacts: read, match, check, decide, commit.

``preview`` looks at a file, ``prepare`` records it, ``rehearse`` says what it would come to, and
``run`` takes it in, chunk by chunk, so that it can be killed and doubled at any moment.
"""

from contacts.importing.results import NOTES, REASONS, ImportCounts, ImportResult, result_of
from contacts.importing.rows.columns import WORDS, ColumnField
from contacts.importing.rows_to_fix import rows_to_fix
from contacts.importing.running import (
    Preview,
    keep,
    look_again,
    prepare,
    preview,
    rehearse,
    run,
    settle,
    start,
    steps,
)

__all__ = [
    "NOTES",
    "REASONS",
    "WORDS",
    "ColumnField",
    "ImportCounts",
    "ImportResult",
    "Preview",
    "keep",
    "look_again",
    "prepare",
    "preview",
    "rehearse",
    "result_of",
    "rows_to_fix",
    "run",
    "settle",
    "start",
    "steps",
]
