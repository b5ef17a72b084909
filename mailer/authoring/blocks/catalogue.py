"""The kinds of block an author can put into a newsletter.

The order of the fields is the order in which they are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.fields import Field, described
from mailer.authoring.blocks.image import Image
from mailer.authoring.blocks.story import Story
from mailer.authoring.blocks.structure import Divider, Footer, Masthead
from mailer.authoring.blocks.writing import Button, Text


@dataclass(frozen=True, slots=True)
class BlockType:
    """A kind of block as a form needs to know it."""

    name: str
    title: str
    fields: tuple[Field, ...]
    only_one: bool
    block: type[Block]


_CLASSES: Final[tuple[type[Block], ...]] = (
    Masthead,
    Text,
    Story,
    Button,
    Image,
    EventList,
    Divider,
    Footer,
)

BLOCK_TYPES: Final[Mapping[str, BlockType]] = {
    each.type: BlockType(
        each.type, each.type_title, described(each), each in (Masthead, Footer), each
    )
    for each in _CLASSES
}
