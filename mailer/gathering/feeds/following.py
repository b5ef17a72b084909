"""Feeds as they are kept: added, paused, removed; and what they say becomes items, each once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor, ActorKind
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.kinds.catalogue import kept_json, read_kept, unfinished
from mailer.errors import DocumentError, FormError, NotAllowed, NotFound
from mailer.gathering.feeds.reading import FeedEntry, ReadFeed
from mailer.models import Feed, ItemOrigin, LibraryItem

EVERY: Final = timedelta(hours=1)
MOST_FEEDS: Final = 50
LONGEST_TITLE: Final = 200
_LONGEST_LEFT: Final = 2_000
_KIND: Final = "feed"


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


def tidy(url: str) -> str:
    """An address as it is asked for: calendars have a scheme of their own for the same."""
    url = url.strip()
    scheme, mark, rest = url.partition("://")
    return f"https://{rest}" if mark and scheme.lower() == "webcal" else url


def listing(session: Session) -> Sequence[Feed]:
    """Every feed, by its title."""
    return session.scalars(select(Feed).order_by(Feed.title, Feed.id)).all()


def find(session: Session, feed_id: int) -> Feed:
    """One feed; NotFound for a wrong number."""
    found = session.get(Feed, feed_id, with_for_update=True)
    if found is None:
        raise NotFound("That feed is not followed any more.")
    return found


def add(
    session: Session,
    url: str,
    fetched: Fetched,
    *,
    title: str,
    is_public: bool,
    actor: Actor,
    now: datetime,
) -> tuple[Feed, TakenEntries]:
    """Follow a feed that was just read, and take what is in it. FormError where it is followed
    already, or there are too many."""
    digest = sha256(tidy(url).encode()).hexdigest()
    feeds = listing(session)
    if any(each.url_digest == digest for each in feeds):
        raise FormError([("url", "This feed is followed already.")])
    if len(feeds) >= MOST_FEEDS:
        raise FormError([("url", f"{MOST_FEEDS} feeds are followed: remove one first.")])
    feed = Feed(
        kind=fetched.read.kind,
        title=(title.strip() or fetched.read.title or tidy(url))[:LONGEST_TITLE],
        url=tidy(url),
        url_digest=digest,
        paused=False,
        is_public=is_public,
        etag="",
        last_modified="",
        added_by=str(actor),
        added_at=now,
        asked_at=now,
        due_at=now + EVERY,
        trouble="",
        left="",
    )
    session.add(feed)
    session.flush()
    audit.write(session, "feed added", _KIND, feed.id, actor=actor, now=now)
    return feed, note_read(session, feed, fetched, now=now)


def set_paused(
    session: Session, feed_id: int, *, paused: bool, actor: Actor, now: datetime
) -> Feed:
    """Look at it no more, or again from now on. What it brought stays."""
    feed = find(session, feed_id)
    if feed.paused != paused:
        feed.paused = paused
        feed.due_at = now
        act = "feed paused" if paused else "feed resumed"
        audit.write(session, act, _KIND, feed.id, actor=actor, now=now)
    return feed


def remove(session: Session, feed_id: int, *, actor: Actor, now: datetime) -> Feed:
    """Follow it no more. Its items are ours from now on."""
    feed = find(session, feed_id)
    session.execute(
        update(LibraryItem)
        .where(LibraryItem.feed == str(feed.id))
        .values(feed=None, feed_key=None, feed_fields=None, feed_taken=None, feed_revision=None)
        .execution_options(synchronize_session=False)
    )
    audit.write(session, "feed removed", _KIND, feed.id, actor=actor, now=now, url=feed.url)
    session.delete(feed)
    session.flush()
    return feed


def note_read(session: Session, feed: Feed, fetched: Fetched, *, now: datetime) -> TakenEntries:
    """Keep what a look found: items that are new, and those that changed at their source."""
    taken = _take(session, feed, fetched.read, now=now)
    feed.etag, feed.last_modified = fetched.etag[:300], fetched.last_modified[:300]
    feed.left = "\n".join(dict.fromkeys([*fetched.read.left, *taken.left]))[:_LONGEST_LEFT]
    note_fresh(feed, now=now)
    return taken


def note_fresh(feed: Feed, *, now: datetime) -> None:
    """It was looked at, and what is kept is what it says."""
    feed.fresh_at, feed.trouble = now, ""


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


def _take(session: Session, feed: Feed, read: ReadFeed, *, now: datetime) -> TakenEntries:
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
