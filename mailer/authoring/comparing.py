"""Two texts of an issue side by side: which blocks and which words differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field
from mailer.authoring.checks import where
from mailer.authoring.document import Document, block_json
from mailer.authoring.word_matching import Patience, shared, words_of

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


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], patience: Patience | None = None
) -> list[ComparedField]:
    """The fields of a block, or of the head of an issue, that either text fills."""
    patience = patience or Patience()
    kind = BLOCK_TYPES.get(str(after.get("type") or before.get("type") or ""))
    labels = {each.name: each.label for each in kind.fields} if kind else {}
    parts = {each.name: each for each in kind.fields} if kind else {}
    found: list[ComparedField] = []
    for name in (*labels, *_SHARED):
        old, new = (_text(each.get(name), parts.get(name)) for each in (before, after))
        if old or new:
            label = labels.get(name) or _SHARED[name]
            found.append(ComparedField(label, _pieces(old, new, patience)))
    return found


def compare_documents(before: Document, after: Document) -> list[ComparedBlock]:
    """The blocks of ``after`` in order, with those that are gone where they stood."""
    patience = Patience()
    return [
        ComparedBlock(
            name, how, tuple(each for each in compare(was, now, patience) if each.differs)
        )
        for name, how, was, now in _side_by_side(before, after)
    ]


def count_changes(before: Document, after: Document) -> Counter[How]:
    """How many blocks became what, without a look at their words."""
    return Counter(how for _, how, _, _ in _side_by_side(before, after))


def _side_by_side(
    before: Document, after: Document
) -> list[tuple[str, How, Mapping[str, Any], Mapping[str, Any]]]:
    """Every block of either: its name, what became of it, what it was and is."""
    old = {each.id: each for each in before.blocks}
    new = {each.id for each in after.blocks}
    kept_order = iter([each.id for each in before.blocks if each.id in new])
    found: list[tuple[str, How, Mapping[str, Any], Mapping[str, Any]]] = []
    for place, block in enumerate(after.blocks, 1):
        name, data = where(block, place), block_json(block)
        if block.id not in old:
            found.append((name, How.ADDED, {}, data))
            continue
        was = block_json(old[block.id])
        moved = next(kept_order, None) != block.id
        how = How.CHANGED if was != data else How.MOVED if moved else How.SAME
        found.append((name, how, was, data))
    for place, block in enumerate(before.blocks):
        if block.id not in new:
            name, was = where(block, place + 1), block_json(block)
            found.insert(min(place, len(found)), (name, How.REMOVED, was, {}))
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
        for name, each in value.items():
            if name != "source":
                yield from _strings(each)
    elif value:
        yield str(value)


def _pieces(before: str, after: str, patience: Patience) -> tuple[tuple[How, str], ...]:
    if before == after:
        return ((How.SAME, after),)
    old, new = words_of(before), words_of(after)
    pieces: list[tuple[How, str]] = []
    at = new_at = 0
    for run in [*shared(old, new, patience), None]:
        end, new_end = (run.old, run.new) if run else (len(old), len(new))
        pieces.append((How.REMOVED, "".join(old[at:end])))
        pieces.append((How.ADDED, "".join(new[new_at:new_end])))
        if run:
            at, new_at = run.old + run.length, run.new + run.length
            pieces.append((How.SAME, "".join(new[run.new : new_at])))
    return tuple(each for each in pieces if each[1])
