"""Every kind of block has all its parts: what an author writes is in both parts of the mail.

Each field of each kind is filled with words of its own, and looked for where readers find it.
"""

import re
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
ONLY_IN_HTML = {"logo_alt", "image_alt", "image_credit", "credit"}
FRAME = [{"type": "masthead", "title": "M", "date": "D"}]
FOOT = [{"type": "footer", "legal_name": "L", "postal_address": "P", "why": "W"}]


def filled(field: Field, prefix: str = "") -> Any:
    """A value of a field's kind, with words that stand nowhere else."""
    mark = f"{prefix}{field.name}".replace("_", "")
    match field.kind:
        case FieldKind.LINE:
            return f"line{mark}"
        case FieldKind.MARKDOWN:
            return f"text{mark} [link{mark}](https://{mark}.example/inside)"
        case FieldKind.URL:
            return f"https://{mark}.example/there"
        case FieldKind.DATE:
            return "2026-12-09" if field.required else "2026-12-10"
        case FieldKind.ITEMS:
            return [{part.name: filled(part, "item") for part in field.parts}]
        case FieldKind.CHOICE | FieldKind.TICK:
            return None


def words_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(re.findall(r"(?:line|text|link)[a-z]+\b", value))
    if isinstance(value, list):
        return {word for item in value for each in item.values() for word in words_in(each)}
    return set()


def addresses_in(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(re.findall(r"https://[^\s)]+", value))
    if isinstance(value, list):
        return {url for item in value for each in item.values() for url in addresses_in(each)}
    return set()


def document_of(kind: str, values: dict[str, Any]) -> documents.Document:
    block = {"type": kind, **{name: value for name, value in values.items() if value is not None}}
    frame = [] if kind == "masthead" else FRAME
    foot = [] if kind == "footer" else FOOT
    return documents.parse({"version": 1, "blocks": [*frame, block, *foot]})


@pytest.mark.parametrize("kind", list(BLOCK_TYPES))
def test_what_is_written_is_in_both_parts_and_its_links_are_known(kind: str) -> None:
    fields = BLOCK_TYPES[kind].fields
    values = {field.name: filled(field) for field in fields}
    document = document_of(kind, values)

    content = composed(letter(document), bob()).content
    html, text = html_of(content), text_of(content)

    pictures = {field.name for field in fields if field.picture}
    for name, value in values.items():
        for word in words_in(value):
            assert word in unescape(html), (name, word)
            assert word in text or name in ONLY_IN_HTML, (name, word)
        for url in addresses_in(value):
            assert url in html, (name, url)
            assert url in text or name in pictures, (name, url)
    links = {
        url for name, value in values.items() if name not in pictures for url in addresses_in(value)
    }
    assert links <= {each.url for each in links_of(document)}


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
