"""The base of all kinds of item, and how a field of a block is a field of an item too.

A kind is one module of this folder. Whatever a block says of its field (its label, its limits, its
checks) holds for the item: it is borrowed, never said again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, ClassVar

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, default
from mailer.authoring.text import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptItem:
    """What one item of the library says. Of its fields some become a block, or an entry of a
    block's list; the others are for those who keep it."""

    key: ClassVar[str]
    type_title: ClassVar[str]  # what one is called
    type_plural: ClassVar[str]
    about: ClassVar[str]  # a few words, where an author chooses one
    drawing: ClassVar[str]  # of static/icons.svg
    position: ClassVar[int]  # among the kinds
    block: ClassVar[type[Block]]
    listed_in: ClassVar[str] = ""  # the field of the block of whose list it becomes an entry
    named_by: ClassVar[str]
    whose: ClassVar[str] = ""  # the field that names the organisation
    dated_by: ClassVar[str] = ""  # the field of the day that it is about

    @classmethod
    def piece_class(cls) -> type[Block] | type[Item]:
        """What it becomes in an issue."""
        if not cls.listed_in:
            return cls.block
        listed = next(each for each in BLOCK_TYPES[cls.block.type].fields if each.parts)
        assert listed.name == cls.listed_in
        assert listed.item is not None
        item: type[Item] = listed.item
        return item

    @classmethod
    def shown(cls) -> tuple[str, ...]:
        """The names of the fields that readers of an issue see."""
        there = {each.name for each in fields(cls.piece_class())}
        return tuple(each.name for each in fields(cls) if each.name in there)

    def piece(self, source: str = "") -> Block | Item:
        """It as it stands in an issue: a block, or an entry of a list."""
        said = {name: getattr(self, name) for name in self.shown()}
        return self.piece_class()(source=source, **said)

    def day(self) -> date | None:
        """The day that it is about."""
        found = dates.read(getattr(self, self.dated_by)) if self.dated_by else None
        return found.day if found else None

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong beyond its single fields: the field at fault and a sentence."""
        return self.piece().problems()

    def problems_at(self, at: datetime) -> Iterator[tuple[str, str]]:
        """What is wrong with it at this time of the network's zone."""
        piece = self.piece()
        return piece.problems_at(at) if isinstance(piece, Block) else iter(())

    @classmethod
    def place_among(cls, there: Sequence[Item], new: Item) -> int:
        """Where a new entry stands in a list."""
        del new
        return len(there)


def borrowed(owner: type, name: str, **other: Any) -> Any:
    """A field of a block, or of an entry of its list, as a field of an item; ``other`` is what is
    said of it otherwise."""
    found = next(each for each in fields(owner) if each.name == name)
    said = {**found.metadata["field"], **other}
    return field(default=default(owner, name), metadata={"field": said})


def as_block(kept: KeptItem, source: str) -> Block:
    """The item as a block of its own; ``document.add`` gives it an id."""
    piece = kept.piece(source)
    if isinstance(piece, Block):
        return piece
    kind = BLOCK_TYPES[kept.block.type]
    begun: dict[str, Any] = {kind.block.named_by: _heading(kept, kind.fields)}
    begun[kept.listed_in] = (piece,)
    return replace(kind.block(), **begun)


def _heading(kept: KeptItem, of: Sequence[Field]) -> str:
    begins = next(each.starts_as for each in of if each.name == kept.block.named_by)
    return begins or kept.type_plural
