"""What the options of an import say of its file, and what they leave to be said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from contacts import importing
from contacts.errors import BadFile
from contacts.importing import ColumnField, FileChoices, Preview, Question, Says
from contacts.importing.words.plain import plain, value

_SHOWN: Final = 20


def without(found: Preview, names: Sequence[str]) -> Preview:
    """The same file, with some of its columns passed over."""
    columns = dict(found.columns)
    for name in names:
        places = [
            place for place, each in enumerate(found.sheet.header) if plain(each) == plain(name)
        ]
        if not places:
            raise BadFile(f"There is no column called “{name}” to leave out.")
        for place in places:
            columns.pop(place, None)
    ignored = tuple(name for place, name in enumerate(found.sheet.header) if place not in columns)
    return replace(found, columns=columns, ignored=ignored)


def choices_for(
    found: Preview,
    *,
    filename: str,
    kind: str,
    treat: Sequence[str],
    newer: bool,
    accept: Sequence[str],
    subscribes: bool,
) -> FileChoices:
    """What the options come to; BadFile names what has to be said beside them."""
    meanings = dict(map(_meaning, treat))
    about = {ColumnField.PERMISSION, ColumnField.NEWSLETTER}
    choices = FileChoices(
        {place: meanings for place, field in found.columns.items() if field in about},
        as_do_not_email=kind == "do-not-email",
        newer=newer,
        accepted=frozenset(accept),
    )
    asked = importing.questions(found, columns=found.columns, choices=choices)
    if asked:
        raise BadFile(_asked_in_words(asked))
    doubted = importing.doubts(
        found, columns=found.columns, choices=choices, filename=filename, subscribes=subscribes
    )
    if doubted:
        raise BadFile(
            "\n".join(
                f"{importing.DOUBTS[each]} If that is meant: --accept {each}." for each in doubted
            )
        )
    return choices


def _meaning(given: str) -> tuple[str, Says]:
    word, _, meaning = given.rpartition("=")
    if "=" not in given or meaning.strip() not in set(Says):
        known = ", ".join(says.value for says in Says)
        raise BadFile(f"“{given}” is no --treat: write VALUE=MEANING with one of {known}.")
    return value(word), Says(meaning.strip())


def _asked_in_words(asked: Sequence[Question]) -> str:
    lines = [
        f"  {each.column}: {each.value or '(blank)'} ({each.rows:,} rows)"
        for each in asked[:_SHOWN]
    ]
    if len(asked) > _SHOWN:
        lines.append(f"  and {len(asked) - _SHOWN:,} more values")
    example = asked[0].value
    advice = (
        f'Say what each means, for example --treat "{example}=no", or pass the column over: '
        f'--leave-out "{asked[0].column}".'
    )
    return "\n".join(
        [
            "These values may be a yes or a no, and nobody is subscribed by a guess:",
            *lines,
            advice,
        ]
    )
