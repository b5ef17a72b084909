"""The words of an earlier issue for a new one, without what is over by now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.poll import Poll
from mailer.authoring.library.uses import without_sources


@dataclass(frozen=True, slots=True)
class CopiedWords:
    """The document, and the titles of events that were left out of it."""

    document: dict[str, Any]
    over: tuple[str, ...] = ()


def copied_words(document: Mapping[str, Any], *, there: datetime) -> CopiedWords:
    """The same blocks, which are of the library no more; events that are over ``there`` are left
    out, and polls close at no day.

    A document with words that can't be read is copied as it is: nothing of it may be lost.
    """
    found, problems = documents.read(document)
    if problems:
        return CopiedWords(dict(document))
    over = [
        event.title
        for block in found.blocks
        if isinstance(block, EventList)
        for event in block.events
        if event.is_over(there)
    ]
    blocks = tuple(without_sources(_of_today(each, there)) for each in found.blocks)
    return CopiedWords(documents.to_json(replace(found, blocks=blocks)), tuple(over))


def _of_today(block: Block, there: datetime) -> Block:
    if isinstance(block, EventList):
        return replace(
            block, events=tuple(each for each in block.events if not each.is_over(there))
        )
    if isinstance(block, Poll):
        return replace(block, closes="")
    return block
