"""Every kind of block in each of its forms: filled, and with the least it needs."""

from collections.abc import Iterator, Sequence
from typing import Any

from mailer.authoring.blocks.catalogue import BLOCK_TYPES, BlockType
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.document import Document, read

PICTURE = "https://img.example/p.png"
SIZE = (1072, 714)
_RICH = """A **bold** word, an *italic* one and [a page](https://a.example/{name}).

### A small heading

- one
- two
  - within

> Somebody said so.

1. first"""
_LINES = {
    "contact": "labs@network.example",
    "number": "34",
    "category": "Associate member",
    "principles": "Skills, Shared assets",
    "taking_part": "Aldmor, Wyeham, Upper Larkby, Millbridge, Stonebeck, Eastmere",
}
_WRITTEN = (FieldKind.LINE, FieldKind.URL, FieldKind.DATE, FieldKind.MARKDOWN)
_UNTRUE = {"decoration", "unlisted"}


def sample_blocks() -> list[dict[str, Any]]:
    """The blocks between a masthead and a footer."""
    kinds = [kind for kind in BLOCK_TYPES.values() if not kind.block.pinned]
    return [block for kind in kinds for block in forms_of(kind)]


def forms_of(kind: BlockType) -> Iterator[dict[str, Any]]:
    """A kind of block in each of its forms."""
    full = {field.name: filled(field) for field in kind.fields}
    if kind.name == "note":
        full["visible_to"] = ["full"]
    choices = [field for field in kind.fields if field.choices and not field.shared]
    for field in choices:
        for value, _ in field.choices:
            counted = {"figures": None, "counted_on": None} if value == "counted" else {}
            yield {"type": kind.name, **full, field.name: value, **counted}
    if not choices:
        yield {"type": kind.name, **full}
    if not kind.only_one:
        kept = {"permitted", "deadline", "visible_to"} | (
            {"decoration"} if kind.name == "image" else set()
        )
        yield {
            "type": kind.name,
            **{field.name: least(field) for field in kind.fields if field.required},
            **{name: True if name == "decoration" else full[name] for name in kept & full.keys()},
        }


def lacking(kind: BlockType) -> Iterator[dict[str, Any]]:
    """A kind of block without each of the fields that may be empty, one after another, also in its
    lists."""
    forms = [*forms_of(kind)]
    full = next((form for form in forms if form.get("numbers") == "typed"), forms[0])
    for field in kind.fields:
        if field.kind in _WRITTEN and not field.required:
            yield {**full, field.name: ""}
        for part in field.parts:
            if not part.required:
                yield {**full, field.name: [{**item, part.name: ""} for item in full[field.name]]}


def filled(field: Field, item: str = "") -> Any:
    """A value for a field."""
    if field.shared or field.name in _UNTRUE:
        return None
    match field.kind:
        case FieldKind.LINE:
            return _LINES.get(field.name, f"{item}{field.label} of it")[: field.limit or None]
        case FieldKind.MARKDOWN:
            return _RICH.format(name=f"{item}{field.name}")
        case FieldKind.URL:
            return PICTURE if field.picture else f"https://b.example/{item}{field.name}"
        case FieldKind.DATE:
            return "2026-12-19" if field.name == "end" else "2026-12-18"
        case FieldKind.TICK:
            return True
        case FieldKind.CHOICE:
            return field.choices[0][0]
        case FieldKind.ITEMS:
            number = max(field.least, min(3, field.most))
            return [
                {part.name: filled(part, f"{'abc'[place]}-") for part in field.parts}
                for place in range(number)
            ]


def least(field: Field) -> Any:
    """A value for a field that has to have one; lists have as little as they may."""
    if field.kind is not FieldKind.ITEMS:
        return filled(field)
    needed = {"heading", "text"} if field.name == "columns" else set()
    return [
        {
            part.name: filled(part, f"{'abc'[place]}-")
            for part in field.parts
            if part.required or part.name in needed
        }
        for place in range(max(1, field.least))
    ]


def sample_document(language: str = "", blocks: Sequence[dict[str, Any]] = ()) -> Document:
    """These in one issue, or every kind in each of its forms."""
    head = {
        "type": "masthead",
        "title": "Members’ Update",
        "date": "December 2026",
        "strapline": "News",
        "logo": PICTURE,
        "logo_alt": "Network",
        "language": language,
    }
    foot = {
        "type": "footer",
        "legal_name": "Network",
        "postal_address": "1 Row",
        "why": "Why",
        "contact": "news@network.example",
        "privacy_link": "https://network.example/privacy",
    }
    document, problems = read({"version": 1, "blocks": [head, *(blocks or sample_blocks()), foot]})
    assert not problems, problems
    return document
