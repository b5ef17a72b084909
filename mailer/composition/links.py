"""The web links of a document, numbered, as the campaign's table of links keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.image import Image
from mailer.authoring.blocks.story import Story
from mailer.authoring.blocks.structure import Footer
from mailer.authoring.blocks.writing import Button, Text
from mailer.authoring.document import Document
from mailer.authoring.text import markdown as richtext
from mailer.authoring.text import merging
from mailer.authoring.text.urls import countable
from mailer.composition import wording


@dataclass(frozen=True, slots=True)
class LinkRef:
    """One address clicks are counted on; words and block are where it is read first."""

    number: int
    url: str
    words: str
    block_id: str


def links_of(document: Document) -> list[LinkRef]:
    """The distinct web addresses in reading order, numbered from 1."""
    found: dict[str, LinkRef] = {}
    for block in document.blocks:
        for url, words in _links(block):
            if countable(url) and url not in found:
                found[url] = LinkRef(len(found) + 1, url, _plain(words) or url, block.id)
    return list(found.values())


def _links(block: Block) -> Iterator[tuple[str, str]]:
    match block:
        case Text():
            yield from richtext.links(block.text)
        case Story():
            yield from richtext.links(block.text)
            yield block.link, block.words_of_link
        case Button():
            yield block.link, block.words
        case Image():
            yield block.link, block.alt or block.caption
        case EventList():
            for event in block.events:
                yield event.link, event.words_of_link
        case Footer():
            yield block.privacy_link, wording.PRIVACY


def _plain(words: str) -> str:
    return "".join(
        piece if isinstance(piece, str) else piece.fallback for piece in merging.pieces(words)
    )
