"""Looking at feeds, once an hour each, by the one guarded way out, with no transaction open.

What a look brings to nothing changes nothing: the last good copy stays, with the reason and time.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.bootstrap import Mailer
from mailer.clock import wall_of
from mailer.fetching.refusals import NotFetched
from mailer.gathering.feeds.following import EVERY, Fetched, note_fresh, note_read, tidy
from mailer.gathering.feeds.reading import UnreadableFeed, read_feed
from mailer.models import Feed
from mailer.network.details import zone

log = structlog.get_logger(__name__)
_AT_ONCE: Final = 10
_NOT_AGAIN: Final = timedelta(seconds=20)  # that a look by hand waits after another


def due(session: Session, *, now: datetime) -> list[int]:
    """The feeds to look at, the longest waiting first."""
    query = select(Feed.id).where(~Feed.paused, Feed.due_at <= now)
    return list(session.scalars(query.order_by(Feed.due_at, Feed.id).limit(_AT_ONCE)))


def fetch(mailer: Mailer, url: str, *, etag: str = "", last_modified: str = "") -> Fetched | None:
    """What is at an address; None where its server says that it has not changed.

    NotFetched or UnreadableFeed, a sentence each, where nothing can be had.
    """
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    asked = {name: value for name, value in known.items() if value}
    answer = mailer.fetcher.fetch(tidy(url), asked=asked)
    if answer.status == HTTPStatus.NOT_MODIFIED and asked:
        return None
    if answer.status != HTTPStatus.OK:
        raise UnreadableFeed(_refused(answer.status))
    with mailer.database.reading() as session:
        there = wall_of(mailer.clock(), zone(session))
    read = read_feed(answer.body, url=tidy(url), now=there)
    return Fetched(read, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))


def look(mailer: Mailer, feed_id: int, *, by_hand: bool = False) -> str:
    """Look at a feed that is due, or now ``by_hand``; what kept it from being read, or "".

    Of two who look at once one has nothing to do.
    """
    now = mailer.clock()
    feed = _claim(mailer, feed_id, now=now, by_hand=by_hand)
    if feed is None:
        return ""
    trouble, fetched = "", None
    try:
        fetched = fetch(mailer, feed.url, etag=feed.etag, last_modified=feed.last_modified)
    except (NotFetched, UnreadableFeed) as refusal:
        trouble = str(refusal)
    except Exception as fault:  # whatever it is, it is about this feed only
        log.exception("a feed could not be looked at", feed=feed_id)
        trouble = f"It could not be read ({type(fault).__name__})."
    with mailer.database.writing() as session:
        kept = session.get(Feed, feed_id, with_for_update=True)
        if kept is None:  # removed meanwhile
            return ""
        if trouble:
            kept.trouble = trouble
        elif fetched is None:
            note_fresh(kept, now=now)
        elif fetched.read.kind is not kept.kind:
            kept.trouble = trouble = "It holds something else than before: add it anew."
        else:
            note_read(session, kept, fetched, now=now)
    return trouble


def _claim(mailer: Mailer, feed_id: int, *, now: datetime, by_hand: bool) -> Feed | None:
    due_by = now + EVERY - _NOT_AGAIN if by_hand else now
    with mailer.database.writing() as session:
        claimed = session.execute(
            update(Feed)
            .where(Feed.id == feed_id, ~Feed.paused, Feed.due_at <= due_by)
            .values(due_at=now + EVERY, asked_at=now)
            .returning(Feed.id)
        ).first()
        return session.get(Feed, feed_id) if claimed else None


def _refused(status: int) -> str:
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return f"There is nothing at this address any more ({status})."
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"Its site lets no program in ({status})."
    return f"Its site answered with {status} instead of a feed."
