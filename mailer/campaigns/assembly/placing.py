"""Where a choice stands in an issue: in an empty block of the template, or after its like.

Nothing that is written is changed: a block is filled where nothing is in it, and a list grows by
an entry. Locked blocks stay as they are, and so do those that only some readers see.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.fields import FieldKind
from mailer.authoring.document import Document
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.campaigns.assembly.choice import Choice

MOST_EVENTS: Final = 8  # a longer list is not read
_ORDER: Final = (
    *("story", "case_studies", "policy_lab", "call", "event_list"),
    *("member_welcome", "figures", "blog_list"),
)
_TAIL: Final = frozenset({"social_links", "footer"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A document with a choice in it: in which block, and whether that is a new one, behind which
    other ("" for none)."""

    document: Document
    block: Block
    new: bool
    after: str = ""


def free_blocks(document: Document, of: type[Block]) -> int:
    """How many blocks of a kind wait to be filled."""
    return sum(_is_free(each) for each in document.blocks if each.type == of.type)


def has_any(document: Document, of: type[Block]) -> bool:
    """Whether there is a block of a kind."""
    return any(each.type == of.type for each in document.blocks)


def place(document: Document, choice: Choice) -> Placed | None:
    """The document with the choice in it; None where it has no room."""
    if choice.listed_in:
        return _in_a_list(document, choice)
    piece = choice.piece
    assert isinstance(piece, Block)
    for at, block in enumerate(document.blocks):
        if block.type == piece.type and _is_free(block):
            return _instead(document, at, _filled(block, piece))
    return _new(document, piece)


def room(choice: Choice) -> int:
    """How many entries the list of its block takes at most."""
    if choice.block is EventList:
        return MOST_EVENTS
    return next(
        each.most for each in BLOCK_TYPES[choice.block.type].fields if each.name == choice.listed_in
    )


def _in_a_list(document: Document, choice: Choice) -> Placed | None:
    name, most = choice.listed_in, room(choice)
    lists = [
        (len(getattr(block, name)) > 0, at)
        for at, block in enumerate(document.blocks)
        if block.type == choice.block.type and _may_be_filled(block)
    ]
    for _, at in sorted(lists):
        block = document.blocks[at]
        there = getattr(block, name)
        if len(there) < most:
            entry = choice.piece
            assert isinstance(entry, Item)
            to = _place_among(choice, there, entry)
            grown: Any = {name: (*there[:to], entry, *there[to:])}
            headed = replace(block, **{**_heading_of(block, choice), **grown})
            return _instead(document, at, headed)
    if lists:
        return None
    fresh = documents.new_block(choice.block.type)
    first: Any = {**_heading_of(fresh, choice), name: (choice.piece,)}
    return _new(document, replace(fresh, **first))


def _place_among(choice: Choice, there: tuple[Item, ...], entry: Item) -> int:
    if choice.what in KINDS:
        return KINDS[choice.what].place_among(there, entry)
    return len(there)


def _heading_of(block: Block, choice: Choice) -> dict[str, str]:
    if not block.named_by or getattr(block, block.named_by):
        return {}
    fields = BLOCK_TYPES[block.type].fields
    begins = next(each.starts_as for each in fields if each.name == block.named_by)
    plural = KINDS[choice.what].type_plural if choice.what in KINDS else ""
    return {block.named_by: begins or plural}


def _filled(block: Block, piece: Block) -> Block:
    """The empty block with the words of a piece; what those leave out stays as it began."""
    said: Any = {
        each.name: words
        for each in BLOCK_TYPES[block.type].fields
        if (words := getattr(piece, each.name))
        and (each.kind is not FieldKind.CHOICE or each.name in _chosen(piece))
        and not each.shared
    }
    return replace(block, source=piece.source, **said)


def _chosen(piece: Block) -> frozenset[str]:
    """The choices that an item makes itself, such as the stage of a Lab."""
    shown = (kind.shown() for kind in KINDS.values() if kind.piece_class() is type(piece))
    return frozenset(name for names in shown for name in names)


def _is_free(block: Block) -> bool:
    """Whether nothing is written in it that somebody would miss."""
    fields = BLOCK_TYPES[block.type].fields
    needed = [each.name for each in fields if each.required or each.picture]
    return (
        _may_be_filled(block)
        and not block.source
        and not any(getattr(block, name) for name in needed)
    )


def _may_be_filled(block: Block) -> bool:
    return not block.locked and block.visible_to is None


def _instead(document: Document, at: int, block: Block) -> Placed:
    blocks = (*document.blocks[:at], block, *document.blocks[at + 1 :])
    return Placed(Document(blocks), block, new=False)


def _new(document: Document, block: Block) -> Placed | None:
    if block.only_one and any(each.type == block.type for each in document.blocks):
        return None
    after = _above(document, block.type)
    ids = {each.id for each in document.blocks}
    grown = documents.add(document, replace(block, id=""), after=after or None)
    made = next(each for each in grown.blocks if each.id not in ids)
    return Placed(grown, made, new=True, after=after)


def _above(document: Document, kind: str) -> str:
    """The block that a new one of a kind stands behind: the last of its like, or of what comes
    before that, or whatever stands above the end."""
    body = [each for each in document.blocks if each.type not in _TAIL]
    for before in reversed(_ORDER[: _ORDER.index(kind) + 1]):
        like = [each.id for each in body if each.type == before]
        if like:
            return like[-1]
    later = [at for at, each in enumerate(body) if each.type in _ORDER]
    if later:  # all of them come after it
        return body[later[0] - 1].id if later[0] else ""
    return body[-1].id if body else ""
