"""Kinds of item: what a block has is the block's own, and nothing of it is said twice."""

from dataclasses import fields
from typing import Any

import pytest

from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import FieldKind, described
from mailer.authoring.checks import check_block
from mailer.authoring.library.kinds.base import KeptItem, as_block
from mailer.authoring.library.kinds.catalogue import (
    FIELDS,
    KINDS,
    kept_json,
    kind_of,
    read_kept,
    unfinished,
)
from mailer.errors import DocumentError, NotFound

# What only those who keep the library see.
WITHIN = {
    "story": {"rights"},
    "case_study": {"status"},
    "event": {"region", "audience"},
    "lab": {"round", "funding"},
    "call": set(),
    "post": set(),
}
# Of a block, how it stands in its issue.
OF_THE_ISSUE = {"layout"}
BIDI_AND_MARKUP = "<script>alert(1)</script> \u202e {{first_name|x}} **b** &amp; 'q' \"q\""


def filled(kind: str) -> dict[str, Any]:
    """Every field of a kind with something in it."""
    found: dict[str, Any] = {}
    for field in FIELDS[kind]:
        match field.kind:
            case FieldKind.LINE | FieldKind.MARKDOWN:
                found[field.name] = f"words of {field.name}"[: field.limit or None]
            case FieldKind.URL:
                found[field.name] = f"https://a.example/{field.name}"
            case FieldKind.DATE:
                found[field.name] = "2026-12-20" if field.name == "end" else "2026-12-18"
            case FieldKind.CHOICE:
                found[field.name] = field.choices[-1][0]
    return found


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_fields_that_a_block_has_are_described_by_the_block(kind: str) -> None:
    piece = KINDS[kind].piece_class()
    of_block = {each.name: each for each in described(piece) if not each.shared}
    of_item = {each.name: each for each in FIELDS[kind]}

    assert of_item.keys() - of_block.keys() == WITHIN[kind]
    assert of_block.keys() - of_item.keys() <= OF_THE_ISSUE
    for name in of_item.keys() & of_block.keys():
        ours, theirs = of_item[name], of_block[name]
        assert (ours.kind, ours.required, ours.choices) == (
            theirs.kind,
            theirs.required,
            theirs.choices,
        )
        assert (ours.longest, ours.soft_limit) == (theirs.longest, theirs.soft_limit)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_finished_item_is_a_block_without_problems_and_says_where_it_came_from(
    kind: str,
) -> None:
    kept = read_kept(kind, filled(kind))

    block = as_block(kept, "7.2")

    assert unfinished(kept) == []
    assert list(check_block(block, 1)) == []
    made = documents.add(documents.Document(), block)
    written = documents.to_json(made)
    assert documents.read(written) == (made, [])
    assert str(written).count("7.2") == 1


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_item_is_read_as_it_was_written(kind: str) -> None:
    kept = read_kept(kind, filled(kind))

    assert read_kept(kind, kept_json(kept)) == kept


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_missing_is_said_in_the_words_of_the_block(kind: str) -> None:
    named = KINDS[kind].named_by

    said = dict(unfinished(read_kept(kind, {})))

    assert named in said
    required = {each.name for each in FIELDS[kind] if each.required}
    assert required <= set(said)


def test_a_picture_without_words_is_said() -> None:
    fields = {"headline": "H", "text": "T", "image": "https://a.example/p.png"}

    assert dict(unfinished(read_kept("story", fields)))["image_alt"].startswith("Say what")


@pytest.mark.parametrize("kind", list(KINDS))
def test_hostile_words_are_kept_as_words_or_refused_with_a_sentence(kind: str) -> None:
    for field in FIELDS[kind]:
        for value in (BIDI_AND_MARKUP, "\ud800", "\0a", "x" * 200_000, 7, None, ["a"], {"a": 1}):
            try:
                kept = read_kept(kind, {field.name: value})
            except DocumentError:
                continue
            kept_json(kept)
            assert all(said for _, said in unfinished(kept))


def test_unknown_fields_and_kinds_are_refused() -> None:
    with pytest.raises(DocumentError):
        read_kept("story", {"source": "1.1"})
    with pytest.raises(DocumentError):
        read_kept("event", {"colour": "red"})
    with pytest.raises(NotFound):
        kind_of("Story")


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_words_and_a_place_of_its_own(kind: str) -> None:
    found: type[KeptItem] = KINDS[kind]

    assert found.key == kind
    assert found.type_title
    assert found.type_plural
    assert found.named_by in {each.name for each in fields(found)}
    assert [each.position for each in KINDS.values()].count(found.position) == 1
    assert issubclass(BLOCK_TYPES[found.block.type].block, Block)


def test_a_source_that_is_none_is_refused_in_a_block_and_in_its_list() -> None:
    for wrong in ("7", "0.1", "7.0", "7.2.1", "9" * 19 + ".1", 7, ["7.2"]):
        event = {"title": "T", "start": "2026-12-09", "source": wrong}
        blocks = [
            {"type": "text", "text": "x", "source": wrong},
            {"type": "event_list", "heading": "H", "events": [event]},
        ]

        _, problems = documents.read({"version": 1, "blocks": blocks})

        assert [each.field for each in problems] == ["source", "events.0.source"], wrong
