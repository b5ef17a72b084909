"""Feeds as they are kept: added, paused, removed, and how the last look at each went."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.errors import FormError, NotFound
from mailer.gathering.feeds.entries import Fetched, TakenEntries, take
from mailer.models import Feed, LibraryItem

EVERY: Final = timedelta(hours=1)
MOST_FEEDS: Final = 50
LONGEST_TITLE: Final = 200
_LONGEST_LEFT: Final = 2_000
_KIND: Final = "feed"


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
    taken = take(session, feed, fetched.read, now=now)
    feed.etag, feed.last_modified = fetched.etag[:300], fetched.last_modified[:300]
    feed.left = "\n".join(dict.fromkeys([*fetched.read.left, *taken.left]))[:_LONGEST_LEFT]
    note_fresh(feed, now=now)
    return taken


def note_fresh(feed: Feed, *, now: datetime) -> None:
    """It was looked at, and what is kept is what it says."""
    feed.fresh_at, feed.trouble = now, ""
