"""What keeps a document from being sent, said in sentences to the person who wrote it."""

from collections.abc import Iterator
from typing import Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.events import Event, EventList
from mailer.authoring.blocks.fields import Field, Kind, described
from mailer.authoring.blocks.image import Image
from mailer.authoring.blocks.story import Story
from mailer.authoring.blocks.structure import Masthead
from mailer.authoring.reading import SLUG, known_as
from mailer.authoring.text import dates as when
from mailer.authoring.text import markdown as richtext
from mailer.authoring.text import merging
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.urls import wrong_with
from mailer.errors import Problem

MOST_EVENTS: Final = 50
_EVENT_FIELDS: Final = described(Event)


def where(block: Block, place: int) -> str:
    """What a person knows a block by: Story "Retrofit, street by street"."""
    words = getattr(block, block.named_by) if block.named_by else ""
    return known_as(block.type_title, words, f"block {place}")


def check_block(block: Block, place: int) -> Iterator[Problem]:
    """Everything wrong with one block by itself; ``place`` counts from 1."""
    named = where(block, place)
    for field in BLOCK_TYPES[block.type].fields:
        for message in _check_value(getattr(block, field.name), field):
            yield Problem(block.id, named, field.name, message)
    for slug in block.visible_to or ():
        if not SLUG.fullmatch(slug):
            message = f"Choose a category: “{one_line(slug)[:40]}” is not the short name of one."
            yield Problem(block.id, named, "visible_to", message)
    if block.visible_to == ():
        message = "Choose at least one category, or show the block to everyone."
        yield Problem(block.id, named, "visible_to", message)
    for name, message in _check_together(block):
        yield Problem(block.id, named, name, message)


def check_line(text: str, label: str, field: str, *, required: bool = False) -> list[Problem]:
    """Everything wrong with a line outside the blocks: the subject, the preview text."""
    described_as = Field(field, label, Kind.LINE, required=required)
    return [Problem("", label, field, message) for message in _check_value(text, described_as)]


def _check_together(block: Block) -> Iterator[tuple[str, str]]:
    if isinstance(block, Story) and block.image and block.layout != "none" and not block.image_alt:
        yield "image_alt", "Say what the picture shows, for people who cannot see it."
    if isinstance(block, Image) and not block.alt and not block.decoration:
        message = "Say what the picture shows, or tick that it is decoration."
        yield "alt", message
    if isinstance(block, Image) and block.decoration and block.link and not block.alt:
        yield "alt", "Say where the picture's link goes: a linked picture is not decoration."
    if isinstance(block, Masthead) and block.logo_alt and not block.logo:
        yield "logo", "Add the address of the logo, or take out the words for it."
    if isinstance(block, EventList):
        yield from _check_events(block.events)


def _check_events(events: tuple[Event, ...]) -> Iterator[tuple[str, str]]:
    if len(events) > MOST_EVENTS:
        yield "events", f"Keep to {MOST_EVENTS} events: there are {len(events)}."
        return
    for number, event in enumerate(events):
        named = f"Event {number + 1}" + (f" “{event.title[:60]}”" if event.title else "")
        for field in _EVENT_FIELDS:
            for message in _check_value(getattr(event, field.name), field):
                yield f"events.{number}.{field.name}", f"{named}: {message}"
        start, end = when.read(event.start), when.read(event.end)
        if start and end and when.is_before(end, start):
            yield f"events.{number}.end", f"{named}: Let it end after it starts."


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
    if field.kind is Kind.URL:
        if wrong := wrong_with(value, field.schemes):
            yield f"{field.label}: {wrong}"
    elif field.kind is Kind.DATE:
        if when.read(value) is None:
            yield f"Write “{field.label}” as a date or a time, like 2026-12-09 or 2026-12-09T10:00."
    else:
        yield from merging.split(value)[1]
        if field.kind is Kind.MARKDOWN:
            yield from _check_links(value)


def _check_links(text: str) -> Iterator[str]:
    for url, words in richtext.links(text):
        shown = words or url
        if not words:
            yield f"Give the link to {url[:80]} some words."
        if wrong := wrong_with(url):
            yield f"Link “{shown[:60]}”: {wrong}"


def _missing(field: Field) -> str:
    if field.kind is Kind.EVENTS:
        return "Add at least one event, or remove the block."
    return f"Fill in “{field.label}”."
