"""Merge fields: ``{{first_name|friend}}``, and no other syntax.

There are five names, each needs words for people who lack it, and no expression is ever evaluated:
a document cannot reach anything but these five strings. Single braces, ``{% %}`` and the syntax of
other template languages are plain text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailer.authoring.text.characters import one_line

NAMES: Final[Mapping[str, str]] = {
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Name",
    "organisation": "Organisation",
    "category": "Category",
}


@dataclass(frozen=True, slots=True)
class MergeField:
    """A place for something about the recipient, and the fallback for people who lack it."""

    name: str
    fallback: str


def split(text: str) -> tuple[list[str | MergeField], list[str]]:
    """The text cut at its merge fields, and a sentence for each one that cannot be used."""
    pieces: list[str | MergeField] = []
    wrong: list[str] = []
    rest = text
    while True:
        before, opened, after = rest.partition("{{")
        if before:
            pieces.append(before)
        if not opened:
            return pieces, wrong
        inside, closed, following = after.partition("}}")
        if not closed or "{{" in inside or "\n" in inside:
            wrong.append(
                "Close the merge field that starts with “{{”, like {{first_name|friend}}, "
                "or write single brackets."
            )
            pieces.append(opened)
            rest = after
            continue
        field = _read(inside, wrong)
        pieces.append(field or f"{{{{{inside}}}}}")
        rest = following


def pieces(text: str) -> list[str | MergeField]:
    """The text cut at its merge fields; a field that cannot be used stays as it was written."""
    return split(text)[0]


def for_everybody(text: str) -> str:
    """The text as it reads where no recipient is known: each merge field by its fallback."""
    return "".join(piece if isinstance(piece, str) else piece.fallback for piece in pieces(text))


def _read(inside: str, wrong: list[str]) -> MergeField | None:
    name, _, fallback = inside.partition("|")
    name, fallback = name.strip(), one_line(fallback)
    if name not in NAMES:
        wrong.append(
            f"There is no merge field called “{name[:40]}”. Use one of: {', '.join(NAMES)}."
        )
        return None
    if not fallback:
        wrong.append(
            f"Add fallback words for people without one to {{{{{name}}}}}, "
            f"like {{{{{name}|{_EXAMPLES[name]}}}}}."
        )
        return None
    return MergeField(name, fallback)


_EXAMPLES: Final[Mapping[str, str]] = {
    "first_name": "friend",
    "last_name": "member",
    "name": "colleague",
    "organisation": "your organisation",
    "category": "member",
}
