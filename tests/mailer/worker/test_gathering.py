"""The sweep reminds and thanks, looks at feeds, and does nothing of it twice."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from contacts.database import Database
from mailer.clock import now
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.gathering.stories import asking
from mailer.gathering.stories.choosing import WantedPeople
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import Feed, FeedKind, SystemMail
from mailer.worker.sweep import Sweep
from tests.factories import TESTER, a_cast, a_mailer
from tests.mailer.worker.test_asking_addresses import _Noted


def a_feed(at: datetime) -> Feed:
    return Feed(
        kind=FeedKind.POSTS,
        title="Blog",
        url="https://blog.example/feed",
        url_digest="x",
        paused=False,
        is_public=False,
        etag="",
        last_modified="",
        added_by="test",
        added_at=at,
        due_at=at,
        trouble="",
        left="",
    )


def test_the_silent_are_reminded_once_whichever_process_sweeps(
    database: Database, tmp_path: Path
) -> None:
    mailer, at = a_mailer(database, tmp_path), now()
    with database.writing() as session:
        cast = a_cast(session)
        due = at.date() + timedelta(days=9)
        asking.ask(
            session,
            WrittenRequest("News?", "Tell us.", due, due - timedelta(days=2)),
            WantedPeople(people=(cast.bob,)),
            site=mailer.settings.site,
            tokens=mailer.tokens,
            actor=TESTER,
            now=at,
        )
        session.add(a_feed(at))
    jobs = _Noted()
    sweeps = [Sweep(mailer, jobs, name=name, held=HeldClaims()) for name in ("one", "two")]
    later = (at + timedelta(days=7)).replace(hour=12)

    for minutes in (0, 2, 4):
        for sweep in sweeps:
            sweep.tick(later + timedelta(minutes=minutes))

    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SystemMail)) == 2
        feed = session.scalars(select(Feed.id)).one()
    assert ("look_at_feed", feed) in jobs.sent
