"""What issues take from the library: an item put into one, and its words taken again once they
have changed. Never silently: a person presses, and can undo it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor
from mailer.authoring import document as documents
from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.sources import Source
from mailer.authoring.checks import where
from mailer.authoring.document import Document
from mailer.authoring.library import items
from mailer.authoring.library.kinds.base import KeptItem, as_block
from mailer.authoring.library.uses import sources_in
from mailer.campaigns import editing
from mailer.campaigns.drafts import blocks
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import EDITABLE, Campaign, ItemState, LibraryItem

_MOST_ISSUES: Final = 12


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item that says something else since a block took its words."""

    item_id: int
    title: str


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """What a block would say if it took the words of its items again."""

    items: tuple[ChangedItem, ...]
    before: Block
    after: Block


def issues_to_add_to(session: Session) -> list[Campaign]:
    """The issues that are being written: what goes out first comes first."""
    found = session.scalars(
        select(Campaign)
        .where(Campaign.status.in_(EDITABLE))
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.send_wall.is_(None), Campaign.send_wall, Campaign.id.desc())
        .limit(_MOST_ISSUES)
    )
    return list(found)


def add(
    session: Session,
    campaign_id: int,
    item_id: int,
    *,
    actor: Actor,
    now: datetime,
    after: str | None = None,
) -> Block:
    """Put an item into an issue: as a block below ``after``, or as an entry of the list there is
    for its kind. The block that has it then.

    NotAllowed for an item that is not ready, and where the issue has it already.
    """
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    item = items.find(session, item_id)
    _must_be_ready(item)
    document, _ = documents.read(campaign.document)
    for block_id, source in sources_in(document):
        if source.item == item.id:
            place = blocks.place_of(document, block_id)
            there = where(document.blocks[place], place + 1)
            raise NotAllowed(f"“{item.title}” is in this issue already: {there}.")
    items.note(session, item, "added to an issue", actor=actor, now=now, issue=campaign.id)
    kept, source_text = items.kept_of(item), str(Source(item.id, item.revision))
    if (listing := _list_with_room(document, kept, after)) is not None:
        grown = _with_entry(listing, kept, source_text)
        return blocks.take_words(session, campaign.id, grown, actor=actor, now=now)
    made = as_block(kept, source_text)
    return blocks.put_block(session, campaign.id, made, actor=actor, now=now, after=after)


def pending_updates(session: Session, document: Document) -> Mapping[str, PendingUpdate]:
    """By the ids of blocks, what would be different if they took the words of their items again.
    Where only something changed that readers don't see, nothing is pending."""
    there = _items(session, {source.item for _, source in sources_in(document)})
    found = {}
    for block in document.blocks:
        changed: list[ChangedItem] = []
        after = _updated_block(block, there, changed)
        if changed:
            found[block.id] = PendingUpdate(tuple(changed), block, after)
    return found


def update(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> Block:
    """Let a block, and what is in its list, say what the items say now. Who sees it, its layout
    and what else no item says stay as they are."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    block = blocks.block_of(campaign, block_id)
    pending = pending_updates(session, Document((block,))).get(block_id)
    if pending is None:
        raise NotAllowed("The block says what the library says already.")
    return blocks.take_words(session, campaign.id, pending.after, actor=actor, now=now)


def _updated_block(
    block: Block, there: Mapping[int, LibraryItem], changed: list[ChangedItem]
) -> Block:
    updated: Any = _updated(block, there, changed)
    for name in _lists(block):
        entries = tuple(_updated(each, there, changed) for each in getattr(block, name))
        updated = replace(updated, **{name: entries})
    made: Block = updated
    return made


def _updated(piece: Any, there: Mapping[int, LibraryItem], changed: list[ChangedItem]) -> Any:
    """A block or an entry with the words of its item, where these are newer; then the item is one
    of the ``changed``."""
    source = Source.parse(piece.source)
    item = there.get(source.item) if source else None
    if source is None or item is None or item.revision <= source.revision:
        return piece
    kept = items.kept_of(item)
    if type(piece) is not kept.piece_class():
        return piece
    said = {name: getattr(kept, name) for name in kept.shown()}
    if all(getattr(piece, name) == words for name, words in said.items()):
        return piece
    changed.append(ChangedItem(item.id, item.title))
    return replace(piece, source=str(Source(item.id, item.revision)), **said)


def _list_with_room(document: Document, kept: KeptItem, after: str | None) -> Block | None:
    """The block whose list takes it: the one it is put behind, or the first one for everybody."""
    if not kept.listed_in:
        return None
    most = next(
        each.most for each in BLOCK_TYPES[kept.block.type].fields if each.name == kept.listed_in
    )
    fitting = [
        block
        for block in document.blocks
        if block.type == kept.block.type and len(getattr(block, kept.listed_in)) < most
    ]
    chosen = (block for block in fitting if block.id == after)
    return next(chosen, next((block for block in fitting if block.visible_to is None), None))


def _with_entry(block: Block, kept: KeptItem, source: str) -> Block:
    entry = kept.piece(source)
    assert isinstance(entry, Item)
    there = getattr(block, kept.listed_in)
    place = kept.place_among(there, entry)
    entries: Any = {kept.listed_in: (*there[:place], entry, *there[place:])}
    return replace(block, **entries)


def _lists(block: Block) -> Iterator[str]:
    listed = {each.name for each in BLOCK_TYPES[block.type].fields if each.parts}
    yield from (each.name for each in fields(block) if each.name in listed)


def _items(session: Session, ids: set[int]) -> Mapping[int, LibraryItem]:
    """Those that are in the library, and not in its bin."""
    if not ids:
        return {}
    query = select(LibraryItem).where(LibraryItem.id.in_(ids), LibraryItem.binned_at.is_(None))
    return {each.id: each for each in session.scalars(query)}


def _must_be_ready(item: LibraryItem) -> None:
    if item.binned_at is not None:
        raise NotAllowed(f"“{item.title}” is in the bin of the library: put it back first.")
    if item.state is not ItemState.READY:
        raise NotAllowed(f"“{item.title}” is not ready: finish it in the library first.")
