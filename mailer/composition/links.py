"""The web links of a document, numbered, as the campaign's table of links keeps them."""

from dataclasses import dataclass

from mailer.authoring.document import Document
from mailer.authoring.text import merging
from mailer.authoring.text.urls import countable


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
        for url, text in block.links():
            if countable(url) and url not in found:
                found[url] = LinkRef(
                    len(found) + 1, url, merging.for_everybody(text) or url, block.id
                )
    return list(found.values())
