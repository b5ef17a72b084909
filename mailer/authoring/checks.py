"""The problems that keep a document from being sent, as sentences for its author."""

from collections.abc import Iterator, Sequence
from itertools import chain

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.reading import SLUG, known_as
from mailer.authoring.text import dates, markdown, merging
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.urls import wrong_with, wrong_with_picture
from mailer.errors import Problem


def where(block: Block, place: int) -> str:
    """The name of a block for its author: Story "Retrofit, street by street"."""
    name = getattr(block, block.named_by) if block.named_by else ""
    return known_as(block.type_title, name, f"block {place}")


def check_block(block: Block, place: int) -> Iterator[Problem]:
    """Everything wrong with one block by itself; ``place`` counts from 1."""
    named = where(block, place)
    fields = BLOCK_TYPES[block.type].fields
    for name, message in check_values(block, fields):
        yield Problem(block.id, named, name, message)
    for slug in block.visible_to or ():
        if not SLUG.fullmatch(slug):
            message = f"Choose a category: “{one_line(slug)[:40]}” is not the short name of one."
            yield Problem(block.id, named, "visible_to", message)
    if block.visible_to == ():
        message = "Choose at least one category, or show the block to everyone."
        yield Problem(block.id, named, "visible_to", message)
    lists = (_check_items(getattr(block, each.name), each) for each in fields if each.parts)
    for name, message in (*block.problems(), *chain.from_iterable(lists)):
        yield Problem(block.id, named, name, message)


def check_line(text: str, label: str, field: str, *, required: bool = False) -> list[Problem]:
    """Everything wrong with a line outside the blocks: the subject, the preview text."""
    described_as = Field(field, label, FieldKind.LINE, required=required)
    return [Problem("", label, field, message) for message in _check_value(text, described_as)]


def check_values(thing: object, fields: Sequence[Field]) -> Iterator[tuple[str, str]]:
    """What is wrong with single fields of a block, or of something else that has such fields."""
    for field in fields:
        for message in _check_value(getattr(thing, field.name), field):
            yield field.name, message


def _check_items(items: Sequence[Item], field: Field) -> Iterator[tuple[str, str]]:
    """What is wrong with the things of a list: the field at fault, such as events.0.end."""
    if len(items) > field.most:
        yield field.name, f"Keep to {field.most} {field.noun}s: there are {len(items)}."
        return
    if items and len(items) < field.least:
        yield field.name, f"Add another {field.noun}: {field.least} is the fewest."
    for number, item in enumerate(items):
        words = getattr(item, item.named_by)[:60]
        named = f"{field.noun.capitalize()} {number + 1}" + (f" “{words}”" if words else "")
        found = [
            (part.name, message)
            for part in field.parts
            for message in _check_value(getattr(item, part.name), part)
        ]
        for name, message in (*found, *item.problems()):
            yield f"{field.name}.{number}.{name}", f"{named}: {message}"


def _check_value(value: object, field: Field) -> Iterator[str]:
    if not value:
        if field.required:
            yield _missing(field)
        return
    if not isinstance(value, str):
        return
    if len(value) > field.longest:
        yield (
            f"Shorten “{field.label}”: it has {len(value):,} characters, "
            f"and {field.longest:,} is the most."
        )
        return
    if field.kind is FieldKind.URL:
        if wrong := wrong_with_picture(value) if field.picture else wrong_with(value):
            yield f"{field.label}: {wrong}"
    elif field.kind is FieldKind.DATE:
        if dates.read(value) is None:
            yield f"Write “{field.label}” as a date or a time, such as 9 Dec, or 9 Dec 2026 10am."
    else:
        yield from merging.split(value)[1]
        if field.kind is FieldKind.MARKDOWN:
            yield from markdown.wrong_with(value)
            yield from _check_links(value)


def _check_links(text: str) -> Iterator[str]:
    for url, link_text in markdown.links(text):
        shown = link_text or url
        if not link_text:
            yield f"Give the link to {url[:80]} some words."
        if wrong := wrong_with(url):
            yield f"Link “{shown[:60]}”: {wrong}"


def _missing(field: Field) -> str:
    if field.kind is FieldKind.ITEMS:
        return f"Add at least one {field.noun}, or remove the block."
    return f"Fill in “{field.label}”."
