"""Looking at feeds, once an hour each, by the one guarded way out, with no transaction open.

What a look brings to nothing changes nothing: the last good copy stays, with the reason and time.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.bootstrap import Mailer
from mailer.fetching.refusals import NotFetched
from mailer.gathering.feeds.fetching import fetch
from mailer.gathering.feeds.following import EVERY, note_fresh, note_read
from mailer.gathering.feeds.reading import UnreadableFeed
from mailer.models import Feed

log = structlog.get_logger(__name__)
_AT_ONCE: Final = 10
_NOT_AGAIN: Final = timedelta(seconds=20)  # that a look by hand waits after another


def due(session: Session, *, now: datetime) -> list[int]:
    """The feeds to look at, the longest waiting first."""
    query = select(Feed.id).where(~Feed.paused, Feed.due_at <= now)
    return list(session.scalars(query.order_by(Feed.due_at, Feed.id).limit(_AT_ONCE)))


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
