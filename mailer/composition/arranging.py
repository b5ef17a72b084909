"""What one reader's copy consists of: the blocks they see, and what each knows of the others.

It is settled as of the letter's date, so that all copies and every retry agree.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.contents import Contents
from mailer.authoring.blocks.structure import Footer, Masthead
from mailer.authoring.text.languages import say
from mailer.composition import wording
from mailer.composition.letter import Letter

_FEWEST_ENTRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Issue:
    """The first block is a masthead and the last a footer. ``contents`` are the headings with their
    blocks' ids, ``action`` is the id of the block with the filled button. Where it is ``marked``,
    every block can be found by its id, for whoever looks at a draft."""

    blocks: tuple[Block, ...]
    language: str
    contents: tuple[tuple[str, str], ...]
    action: str
    marked: bool = False


def arrange(letter: Letter, seen: Collection[str], *, marked: bool = False) -> Issue:
    """The issue of somebody who sees the blocks with these ids."""
    visible = [block for block in letter.document.blocks if block.id in seen]
    first = next((block for block in visible if isinstance(block, Masthead)), None)
    last = next((block for block in visible if isinstance(block, Footer)), None)
    between = [
        left
        for block in visible
        if not isinstance(block, Masthead | Footer) and (left := block.as_of(letter.local_date))
    ]
    language = (first.language if first else "") or letter.language
    contents = [
        (block.id, say(block.language or language, block.listed_as()))
        for block in between
        if block.listed_as() and not block.unlisted
    ]
    asked = any(isinstance(block, Contents) for block in between)
    if not asked or len(contents) < _FEWEST_ENTRIES:
        contents = []
    return Issue(
        blocks=(
            first or wording.masthead(letter),
            *(block for block in between if contents or not isinstance(block, Contents)),
            last or wording.footer(letter),
        ),
        language=language,
        contents=tuple(contents),
        action=_action(between),
        marked=marked,
    )


def language_of(letter: Letter) -> str:
    """The language of the whole letter."""
    mastheads = (block for block in letter.document.blocks if isinstance(block, Masthead))
    return next((block.language for block in mastheads if block.language), letter.language)


def _action(blocks: list[Block]) -> str:
    """The lead story's button is the filled one, or else the first that would be."""
    calling = [block for block in blocks if block.calls_for_action()]
    leading = [block for block in calling if block.type == "story"]
    return next((block.id for block in (*leading, *calling)), "")
