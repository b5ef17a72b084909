"""Which items of the library an issue has: kept with its document, whoever changes that and how."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.sources import Source
from mailer.authoring.document import Document
from mailer.models import LibraryItem, LibraryUse


def sources_of(block: Block) -> Iterator[Source]:
    """The items that a block, and what is in its lists, came from."""
    listed = (each.name for each in BLOCK_TYPES[block.type].fields if each.parts)
    texts = [block.source, *(item.source for name in listed for item in getattr(block, name))]
    yield from filter(None, map(Source.parse, texts))


def without_sources(block: Block) -> Block:
    """The same words, of which neither the block nor its lists say where they came from."""
    own: Any = {"source": ""}
    for each in BLOCK_TYPES[block.type].fields:
        if each.parts:
            own[each.name] = tuple(replace(one, source="") for one in getattr(block, each.name))
    return replace(block, **own)


def sources_in(document: Document) -> Iterator[tuple[str, Source]]:
    """The items of a document, each with the id of its block."""
    for block in document.blocks:
        for source in sources_of(block):
            yield block.id, source


def follow(
    session: Session, campaign_id: int, document: Mapping[str, Any], *, now: datetime
) -> None:
    """Make the uses of an issue those that its document has now. What it names and the library
    never had, or has no longer, is no use."""
    wanted: dict[tuple[str, int], int] = {}
    for block_id, source in sources_in(documents.read(document)[0]):
        wanted[block_id, source.item] = source.revision
    there = {
        (use.block_id, use.item_id): use
        for use in session.scalars(select(LibraryUse).where(LibraryUse.campaign_id == campaign_id))
    }
    for key, use in there.items():
        if key not in wanted:
            session.delete(use)
        elif use.revision != wanted[key]:
            use.revision = wanted[key]
    new = {key: revision for key, revision in wanted.items() if key not in there}
    known = _known(session, {item for _, item in new})
    session.add_all(
        LibraryUse(
            campaign_id=campaign_id, block_id=block_id, item_id=item, revision=revision, at=now
        )
        for (block_id, item), revision in new.items()
        if item in known
    )
    session.flush()


def _known(session: Session, items: set[int]) -> set[int]:
    """Those of the items that there are, kept from being removed meanwhile."""
    if not items:
        return set()
    query = select(LibraryItem.id).where(LibraryItem.id.in_(items)).order_by(LibraryItem.id)
    return set(session.scalars(query.with_for_update(read=True, key_share=True)))
