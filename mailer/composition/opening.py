"""The first words of an issue, which mail programs show beside its subject."""

from collections.abc import Iterator, Sequence
from typing import Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import FieldKind
from mailer.authoring.text import markdown
from mailer.authoring.text.merging import MergeField
from mailer.composition.parts import Designed, Words

_LONGEST: Final = 140


def opening(blocks: Sequence[Block]) -> list[Designed]:
    """The words of the first paragraphs, cut between two words; nothing where there are none."""
    found: list[Designed] = []
    left = _LONGEST
    for piece in _pieces(blocks):
        if isinstance(piece, MergeField):
            left -= len(piece.fallback)
            found.append(piece)
        elif len(piece) <= left:
            left -= len(piece)
            found.append(Words(piece))
        else:
            cut = piece[:left].rpartition(" ")[0].rstrip()
            return [*found, Words(f"{cut}…")]
        if left <= 0:
            break
    return found


def _pieces(blocks: Sequence[Block]) -> Iterator[str | MergeField]:
    for block in blocks:
        if block.is_frame:
            continue
        for field in BLOCK_TYPES[block.type].fields:
            if field.kind is not FieldKind.MARKDOWN:
                continue
            for event in markdown.events(getattr(block, field.name)):
                match event:
                    case markdown.Close(tag="p" | "li" | "h") | markdown.Break():
                        yield " "
                    case str() | MergeField():
                        yield event
