"""One reading of an issue for all rules: its words, links and pictures, and where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.blocks.structure import PRIVACY
from mailer.authoring.checks import where
from mailer.authoring.document import Document, check, is_left_out, read, without_unwritten
from mailer.authoring.text import markdown
from mailer.authoring.text.languages import ENGLISH
from mailer.authoring.text.merging import MergeField
from mailer.authoring.text.urls import countable
from mailer.authoring.text.urls import wrong_with as is_wrong
from mailer.errors import Problem

_ENDS: Final = [
    markdown.Close(tag, tight=tight) for tag in ("p", "h", "li") for tight in (True, False)
]
_TEXT: Final = frozenset({FieldKind.LINE, FieldKind.MARKDOWN})


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of a block; ``block`` is "" for what stands around the blocks."""

    block: str
    where: str
    field: str


@dataclass(frozen=True, slots=True)
class WordsAt:
    """What is written in a field, as it was typed, and in which language."""

    spot: Spot
    text: str
    rich: bool
    language: str


@dataclass(frozen=True, slots=True)
class LinkAt:
    """A link: ``typed`` are the words its author gave it; ``place`` is that of the same link in
    another issue; ``routine`` ones are the same in every issue."""

    spot: Spot
    url: str
    words: str
    place: tuple[str, int, str]
    routine: bool = False


@dataclass(frozen=True, slots=True)
class PictureAt:
    """A picture, and the field of its words: "" where it has none."""

    spot: Spot
    url: str
    words: str
    words_field: str
    title: str  # what stands beside it
    linked: bool = False


@dataclass(frozen=True, slots=True)
class IssueReading:
    """The blocks that would go out, what keeps the document from being valid, and what is in it, in
    reading order."""

    document: Document
    problems: tuple[Problem, ...]
    words: tuple[WordsAt, ...]
    links: tuple[LinkAt, ...]
    pictures: tuple[PictureAt, ...]

    @property
    def web_addresses(self) -> Iterator[tuple[Spot, str]]:
        """The addresses that a server could be asked for: of links, and of pictures elsewhere."""
        everything = [
            *((each.spot, each.url) for each in self.links),
            *((each.spot, each.url) for each in self.pictures),
        ]
        return ((spot, url) for spot, url in everything if countable(url) and not is_wrong(url))

    def block(self, block_id: str) -> Block | None:
        """The block of this id, if it could be read."""
        return next((each for each in self.document.blocks if each.id == block_id), None)


def read_issue(data: object) -> IssueReading:
    """Read a document, finished or not."""
    document, problems = read(data)
    if document.blocks or not problems:
        problems += check(document)
    words: list[WordsAt] = []
    links: list[LinkAt] = []
    pictures: list[PictureAt] = []
    language = next((each.language for each in document.blocks if each.type == "masthead"), "")
    seen: dict[str, int] = {}
    for place, block in enumerate(document.blocks, start=1):
        if is_left_out(block):
            continue
        seen[block.type] = seen.get(block.type, 0) + 1
        walk = _Walk(block, where(block, place), seen[block.type], block.language or language)
        for thing, fields, prefix in _things(block):
            words += walk.words(thing, fields, prefix)
            links += walk.links(thing, fields, prefix)
            pictures += walk.pictures(thing, fields, prefix)
    going = without_unwritten(document)
    return IssueReading(going, tuple(problems), tuple(words), tuple(links), tuple(pictures))


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """Markdown-lite as it is read: a line a paragraph, merge fields by their fallbacks."""
    said: list[str] = []
    for event in markdown.events(text):
        if isinstance(event, str):
            said.append(event)
        elif isinstance(event, MergeField):
            said.append(event.fallback)
        elif isinstance(event, markdown.Break) or event in _ENDS:
            said.append("\n")
    return "".join(said)


def _things(block: Block) -> Iterator[tuple[Block | Item, tuple[Field, ...], str]]:
    """The block and the items of its lists: each with its fields and what its fields begin with."""
    fields = BLOCK_TYPES[block.type].fields
    yield block, fields, ""
    for field in fields:
        if field.kind is FieldKind.ITEMS:
            for number, item in enumerate(getattr(block, field.name)):
                yield item, field.parts, f"{field.name}.{number}."


@dataclass(frozen=True, slots=True)
class _Walk:
    of: Block
    named: str
    number: int  # among the blocks of its kind
    language: str

    def words(self, thing: Any, fields: tuple[Field, ...], prefix: str) -> Iterator[WordsAt]:
        for field in fields:
            if field.kind in _TEXT and (text := getattr(thing, field.name)):
                rich = field.kind is FieldKind.MARKDOWN
                spot = self._spot(prefix, field.name)
                yield WordsAt(spot, text, rich, self.language or ENGLISH)

    def links(self, thing: Any, fields: tuple[Field, ...], prefix: str) -> Iterator[LinkAt]:
        routine = self.of.is_frame
        for field in fields:
            spot = self._spot(prefix, field.name)
            place = (self.of.type, self.number, spot.field)
            value = getattr(thing, field.name)
            if field.kind is FieldKind.URL and not field.picture:
                words = _words_of(thing, field.name)
                if value or words:
                    yield LinkAt(spot, value, words, place, routine)
            elif field.kind is FieldKind.MARKDOWN and value:
                for url, words in markdown.links(value):
                    yield LinkAt(spot, url, words, place, routine)

    def pictures(self, thing: Any, fields: tuple[Field, ...], prefix: str) -> Iterator[PictureAt]:
        names = {field.name for field in fields}
        for field in fields:
            if not field.picture or not (url := getattr(thing, field.name)):
                continue
            if getattr(thing, "layout", "") == "none" and field.name == "image":
                continue
            named = next((n for n in (f"{field.name}_alt", "alt") if n in names), "")
            title = next((t for n in _TITLES if (t := getattr(thing, n, ""))), "")
            yield PictureAt(
                self._spot(prefix, field.name),
                url,
                getattr(thing, named) if named else "",
                prefix + named if named else "",
                title,
                linked=field.name == "image" and bool(getattr(thing, "link", "")),
            )

    def _spot(self, prefix: str, name: str) -> Spot:
        return Spot(self.of.id, self.named, prefix + name)


_TITLES: Final = ("headline", "title", "heading", "speaker", "name")


def _words_of(thing: Any, name: str) -> str:
    """What its author has a link say."""
    if name == "privacy_link":
        return PRIVACY if thing.privacy_link else ""
    if name == "more_link":
        return thing.more_words or ("See all events" if thing.more_link else "")
    if said := getattr(thing, f"{name}_words", ""):
        return str(said)
    if thing.link and (said := getattr(thing, "words_of_link", "")):
        return str(said)
    named = getattr(thing, "words", "") or getattr(thing, "title", "")
    return "" if hasattr(thing, f"{name}_words") else str(named)
