"""Every kind of block has all its parts: what an author writes is in both parts of the mail.

Each field of each kind is filled with words of its own, and looked for where readers find it.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from mailer.authoring import document as documents
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.composition.links import links_of
from tests.mailer.composition.letters import bob, composed, letter
from tests.mailer.composition.reading import html_of, text_of
from tests.test_architecture import ROOT

# What the text part leaves out, since it is about a picture that is not in it.
ONLY_IN_HTML = {"logo_alt", "photo_alt"}
# What stands on the page that takes an answer, and in no mail.
ON_ITS_PAGE = {"thanks"}
FRAME = [{"type": "masthead", "title": "M", "date": "D"}]
FOOT = [{"type": "footer", "legal_name": "L", "postal_address": "P", "why": "W"}]


def filled(field: Field, prefix: str = "") -> Any:
    """A value of a field's kind, with words that stand nowhere else."""
    mark = f"{prefix}{field.name}".replace("_", "")
    match field.kind:
        case FieldKind.LINE:
            return f"line{mark}"[: field.limit or None]
        case FieldKind.MARKDOWN:
            return f"text{mark} [link{mark}](https://{mark}.example/inside)"
        case FieldKind.URL:
            return f"https://{mark}.example/there"
        case FieldKind.DATE:
            return "2026-12-09" if field.required else "2026-12-10"
        case FieldKind.ITEMS:
            return [
                {part.name: filled(part, f"item{'abc'[number]}") for part in field.parts}
                for number in range(max(1, field.least))
            ]
        case FieldKind.TICK:
            return True if field.name == "permitted" else None
        case FieldKind.CHOICE:
            return "typed" if field.name == "numbers" else None


def words_in(value: str) -> set[str]:
    return set(re.findall(r"(?:line|text|link)[a-z]+\b", value))


def addresses_in(value: str) -> set[str]:
    return set(re.findall(r"https://[^\s)]+", value))


def each_of(fields: tuple[Field, ...], values: dict[str, Any]) -> Iterator[tuple[Field, str]]:
    """Each field that holds text, also within lists."""
    for field in fields:
        value = values[field.name]
        if isinstance(value, list):
            for item in value:
                yield from each_of(field.parts, item)
        elif isinstance(value, str):
            yield field, value


def document_of(kind: str, values: dict[str, Any]) -> documents.Document:
    block: dict[str, Any] = {
        "type": kind,
        **{name: value for name, value in values.items() if value is not None},
    }
    if kind == "note":
        block["visible_to"] = ["supporter"]
    frame = [] if kind == "masthead" else FRAME
    foot = [] if kind == "footer" else FOOT
    return documents.parse({"version": 1, "blocks": [*frame, block, *foot]})


@pytest.mark.parametrize("kind", sorted(BLOCK_TYPES.keys() - {"contents"}))
def test_what_is_written_is_in_both_parts_and_its_links_are_known(kind: str) -> None:
    fields = BLOCK_TYPES[kind].fields
    values = {field.name: filled(field) for field in fields}
    document = document_of(kind, values)

    content = composed(letter(document), bob()).content
    html, text = html_of(content), text_of(content)

    known = {each.url for each in links_of(document)}
    for field, value in each_of(fields, values):
        if field.name in ON_ITS_PAGE:
            continue
        for word in words_in(value):
            assert word in unescape(html), (field.name, word)
            assert word in text.lower() or field.name in ONLY_IN_HTML, (field.name, word)
        for url in addresses_in(value):
            assert url in html, (field.name, url)
            assert field.picture or url in text, (field.name, url)
            assert field.picture or url in known, (field.name, url)


@pytest.mark.parametrize("kind", list(BLOCK_TYPES))
def test_it_has_a_template_and_a_place_of_its_own(kind: str) -> None:
    found = BLOCK_TYPES[kind]

    assert (ROOT / "templates/email/blocks" / f"{kind}.mjml").is_file()
    assert found.title
    assert [each.block.position for each in BLOCK_TYPES.values()].count(found.block.position) == 1
    assert found.block.named_by in {"", *(field.name for field in found.fields)}


def test_every_template_is_that_of_a_kind() -> None:
    templates = {path.stem for path in (ROOT / "templates/email/blocks").glob("*.mjml")}

    assert templates == set(BLOCK_TYPES)
