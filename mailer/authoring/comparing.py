"""Two texts of an issue side by side: which blocks and which words differ."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field
from mailer.authoring.checks import where
from mailer.authoring.document import Document, block_json

_WORD: Final = re.compile(r"\s+|[^\s]+")
_MOST_WORDS: Final = 4_000  # beyond that a field is shown as a whole: matching is quadratic
_SHARED: Final = {"visible_to": "Who sees it", "subject": "Subject", "preview_text": "Preview text"}


class How(StrEnum):
    """What became of words, or of a block."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field: ``pieces`` are its words in order, each SAME, ADDED or REMOVED."""

    label: str
    pieces: tuple[tuple[How, str], ...]

    @property
    def differs(self) -> bool:
        return any(how is not How.SAME for how, _ in self.pieces)


@dataclass(frozen=True, slots=True)
class ComparedBlock:
    """One block of either text, with its fields where it was CHANGED, ADDED or REMOVED."""

    name: str
    how: How
    fields: tuple[ComparedField, ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ComparedField]:
    """The fields of a block, or of the head of an issue, that either text fills."""
    kind = BLOCK_TYPES.get(str(after.get("type") or before.get("type") or ""))
    labels = {each.name: each.label for each in kind.fields} if kind else {}
    parts = {each.name: each for each in kind.fields} if kind else {}
    found: list[ComparedField] = []
    for name in (*labels, *_SHARED):
        old, new = (_text(each.get(name), parts.get(name)) for each in (before, after))
        if old or new:
            found.append(ComparedField(labels.get(name) or _SHARED[name], _pieces(old, new)))
    return found


def compare_documents(before: Document, after: Document) -> list[ComparedBlock]:
    """The blocks of ``after`` in order, with those that are gone where they stood."""
    old = {each.id: each for each in before.blocks}
    new = {each.id for each in after.blocks}
    stayed = [each.id for each in before.blocks if each.id in new]
    kept_order = iter(stayed)
    found: list[ComparedBlock] = []
    for place, block in enumerate(after.blocks, 1):
        name, data = where(block, place), block_json(block)
        if block.id not in old:
            found.append(ComparedBlock(name, How.ADDED, tuple(compare({}, data))))
            continue
        was = block_json(old[block.id])
        moved = next(kept_order, None) != block.id
        how = How.CHANGED if was != data else How.MOVED if moved else How.SAME
        fields = tuple(each for each in compare(was, data) if each.differs)
        found.append(ComparedBlock(name, how, fields))
    for place, block in enumerate(before.blocks):
        if block.id not in new:
            gone = tuple(compare(block_json(block), {}))
            entry = ComparedBlock(where(block, place + 1), How.REMOVED, gone)
            found.insert(min(place, len(found)), entry)
    return found


def _text(value: object, field: Field | None) -> str:
    """What a person reads of a value."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str):
        if field is not None and field.choices:
            return dict(field.choices).get(value, value)
        return value
    if isinstance(value, list | tuple):
        return "\n".join(" · ".join(_strings(each)) for each in value)
    return ""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif value:
        yield str(value)


def _pieces(before: str, after: str) -> tuple[tuple[How, str], ...]:
    if before == after:
        return ((How.SAME, after),)
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        whole = ((How.REMOVED, before), (How.ADDED, after))
        return tuple(each for each in whole if each[1])
    pieces: list[tuple[How, str]] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(
        a=old, b=new, autojunk=False
    ).get_opcodes():
        gone, come = "".join(old[start:end]), "".join(new[new_start:new_end])
        if tag == "equal":
            pieces.append((How.SAME, come))
            continue
        pieces += [(how, said) for how, said in ((How.REMOVED, gone), (How.ADDED, come)) if said]
    return tuple(pieces)
