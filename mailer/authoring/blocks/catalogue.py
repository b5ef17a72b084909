"""The kinds of block an author can put into a newsletter: whatever modules of this folder define.

The order of the fields is the order in which they are read.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mailer.authoring import blocks
from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import Field, described


@dataclass(frozen=True, slots=True)
class BlockType:
    """A kind of block as a form needs to know it."""

    name: str
    title: str
    fields: tuple[Field, ...]
    only_one: bool
    block: type[Block]


def _classes() -> Iterator[type[Block]]:
    for found in pkgutil.iter_modules(blocks.__path__, f"{blocks.__name__}."):
        if found.name == __name__:
            continue
        module = importlib.import_module(found.name)
        for _, value in inspect.getmembers(module, inspect.isclass):
            ours = value.__module__ == found.name and not inspect.isabstract(value)
            if ours and issubclass(value, Block):
                yield value


def _fields(kind: type[Block]) -> tuple[Field, ...]:
    titled = kind.listed_as is not Block.listed_as
    return tuple(each for each in described(kind) if titled or each.name != "unlisted")


BLOCK_TYPES: Final[Mapping[str, BlockType]] = {
    each.type: BlockType(each.type, each.type_title, _fields(each), each.only_one, each)
    for each in sorted(_classes(), key=lambda kind: kind.position)
}
