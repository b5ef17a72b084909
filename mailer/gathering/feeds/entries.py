"""Entries of a feed become items, each once, and follow their source until somebody edits them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.kinds.catalogue import kept_json, read_kept, unfinished
from mailer.errors import DocumentError, FormError, NotAllowed
from mailer.gathering.feeds.reading import FeedEntry, ReadFeed
from mailer.models import Feed, ItemOrigin, LibraryItem


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found at an address, and what its server calls that copy of it."""

    read: ReadFeed
    etag: str = ""
    last_modified: str = ""


@dataclass(slots=True)
class TakenEntries:
    """What a look brought: how many items are new, how many changed, and what was left out."""

    new: int = 0
    changed: int = 0
    left: list[str] = field(default_factory=list)


def take_source(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Let an item say again what its feed says, in place of what was written here."""
    item = _changed(session, item_id)
    written = WrittenItem(item.feed_fields or {}, item.organisation_id)
    item = items.edit(session, item.id, written, expected=item.revision, actor=actor, now=now)
    item.feed_taken, item.feed_revision = item.feed_fields, item.revision
    return item


def keep_ours(session: Session, item_id: int, *, actor: Actor, now: datetime) -> LibraryItem:
    """Leave an item as it is, though its feed says something else now."""
    item = _changed(session, item_id)
    item.feed_taken = item.feed_fields
    items.note(session, item, "kept as it is", actor=actor, now=now)
    return item


def source_has_changed(item: LibraryItem) -> bool:
    """Whether the feed says something else since, and somebody here had changed the item."""
    return item.feed is not None and item.feed_fields != item.feed_taken


def _changed(session: Session, item_id: int) -> LibraryItem:
    item = items.find(session, item_id, lock=True)
    if not source_has_changed(item):
        raise NotAllowed("It says what its source says, or was kept as it is already.")
    return item


def take(session: Session, feed: Feed, read: ReadFeed, *, now: datetime) -> TakenEntries:
    keys = [each.key for each in read.entries]
    there = {
        item.feed_key: item
        for item in session.scalars(
            select(LibraryItem).where(
                LibraryItem.feed == str(feed.id), LibraryItem.feed_key.in_(keys)
            )
        )
    }
    taken, actor = TakenEntries(), Actor(ActorKind.FEED, feed.id)
    for entry in read.entries:
        try:
            said = kept_json(read_kept(read.item_kind, entry.fields))
            with session.begin_nested():
                if entry.key not in there:
                    kept = _make(session, read, said, actor, now)
                    _begin_to_follow(session, kept, feed, entry, said)
                    if not unfinished(items.kept_of(kept)):
                        items.make_ready(session, kept.id, actor=actor, now=now)
                    taken.new += 1
                elif _follow(session, there[entry.key], said, actor, now):
                    taken.changed += 1
        except (DocumentError, FormError, NotAllowed) as refusal:
            taken.left.append(f"{entry.fields.get('title', 'An entry')}: {refusal}")
    return taken


def _make(
    session: Session, read: ReadFeed, said: dict[str, Any], actor: Actor, now: datetime
) -> LibraryItem:
    origin = ItemOrigin.FEED
    written = WrittenItem(said)
    return items.make(session, read.item_kind, written, actor=actor, now=now, origin=origin)


def _begin_to_follow(
    session: Session, item: LibraryItem, feed: Feed, entry: FeedEntry, said: dict[str, Any]
) -> None:
    item.feed, item.feed_key, item.feed_revision = str(feed.id), entry.key, item.revision
    item.feed_fields = item.feed_taken = said
    item.is_public = feed.is_public
    session.flush()


def _follow(
    session: Session, item: LibraryItem, said: dict[str, Any], actor: Actor, now: datetime
) -> bool:
    """Let an item say what its feed says now, unless somebody here has changed or binned it."""
    if said == item.feed_fields:
        return False
    item.feed_fields = said
    if item.revision != item.feed_revision or item.binned_at is not None:
        return False
    written = WrittenItem(said, item.organisation_id)
    kept = items.edit(session, item.id, written, expected=item.revision, actor=actor, now=now)
    kept.feed_fields = kept.feed_taken = said
    kept.feed_revision = kept.revision
    return True
