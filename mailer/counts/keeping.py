"""Counts that are kept: exact while nothing changed, counted again at once where that is cheap.

Where it is not, the page shows the number of before and says when it was counted, and a worker
counts again. Whatever decides (a submission, an approval, a launch) asks the database itself.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from time import perf_counter
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contacts.database import AWAY, Database
from mailer.counts.marks import mark
from mailer.models import KeptCount

CHEAP: Final = 300  # milliseconds: what takes no longer is counted at once
_OLD: Final = timedelta(days=30)
_TO_KEEP: Final = "counts to keep"
_TO_WANT: Final = "counts to want"
_PATIENCE: Final = 0.1  # seconds that a page waits for the writer to keep a count

Json = Any


@dataclass(frozen=True, slots=True)
class CountKind:
    """One kind of count. ``count`` works it out of its subject, a JSON document; it depends on
    what ``subjects`` names (see ``marks``), and on the day where it is ``daily``."""

    name: str
    count: Callable[[Session, Json, datetime], Json]
    subjects: Callable[[Json], Sequence[int]]
    daily: bool = False

    def mark(self, session: Session, subject: Json, now: datetime) -> str:
        """What there is to compare: a digest, since a count may depend on any number of issues."""
        day = f"{now.date()} " if self.daily else ""
        return sha256((day + mark(session, self.subjects(subject))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer of a count. ``counted_at`` is None while it is exact, and else when it was."""

    value: Json
    counted_at: datetime | None = None


def look(session: Session, kind: CountKind, subject: Json, *, now: datetime) -> KeptAnswer:
    """The answer for a page: exact, or else with the time at which it was.

    What is to be written down of it is written by ``keep``, once the page is done with its session.
    """
    now_mark = kind.mark(session, subject, now)
    key = _key(kind, subject)
    kept = session.scalar(select(KeptCount).where(KeptCount.key == key))
    if kept is not None and kept.mark == now_mark:
        return KeptAnswer(kept.answer)
    if kept is not None and kept.took > CHEAP:
        session.info.setdefault(_TO_WANT, []).append(kept.id)
        return KeptAnswer(kept.answer, kept.counted_at)
    fresh = _counted(session, kind, subject, now_mark, now)
    session.info.setdefault(_TO_KEEP, []).append(fresh)
    return KeptAnswer(fresh["answer"])


def keep(database: Database, session: Session, *, now: datetime) -> None:
    """Write down what looks of this session have counted, and what they want to be counted again.

    Nothing depends on it: where the writer is busy or the database away, the next look does it.
    """
    fresh, wanted = session.info.pop(_TO_KEEP, []), session.info.pop(_TO_WANT, [])
    if not fresh and not wanted:
        return
    try:
        with database.writing(patience=_PATIENCE) as apart:
            for each in fresh:
                _write(apart, each)
            for row in apart.scalars(select(KeptCount).where(KeptCount.id.in_(wanted))):
                row.wanted_at = row.wanted_at or now
    except AWAY:
        return


def next_wanted(session: Session) -> int | None:
    """The id of what is to be counted again, asked for first: one at a time, so that a freeze never
    waits behind counts."""
    query = select(KeptCount.id).where(KeptCount.wanted_at.is_not(None))
    return session.scalar(query.order_by(KeptCount.wanted_at, KeptCount.id).limit(1))


def recount(
    database: Database, kinds: Sequence[CountKind], kept_id: int, *, clock: Callable[[], datetime]
) -> None:
    """Count one of them again; nobody waits for that. One that can't be counted makes room for the
    next, and the next look at it asks again."""
    now = clock()
    fresh = None
    try:
        with database.reading() as session:
            kept = session.get(KeptCount, kept_id)
            kind = next((each for each in kinds if kept and each.name == kept.kind), None)
            if kept is None or kept.wanted_at is None or kind is None:
                return
            now_mark = kind.mark(session, kept.subject, now)
            if kept.mark != now_mark:
                fresh = _counted(session, kind, kept.subject, now_mark, now)
    finally:
        with database.writing() as session:
            if fresh is not None:
                _write(session, fresh)
            elif (row := session.get(KeptCount, kept_id)) is not None:
                row.wanted_at = None


def forget_old(session: Session, *, now: datetime) -> None:
    """Forget answers that nobody has asked for since they last changed, long ago."""
    session.execute(delete(KeptCount).where(KeptCount.counted_at < now - _OLD))


def _counted(
    session: Session, kind: CountKind, subject: Json, now_mark: str, now: datetime
) -> dict[str, Any]:
    if session.get_bind().dialect.name == "postgresql":
        # A million addresses are told apart in memory, and not on disk.
        session.execute(select(func.set_config("work_mem", "96MB", True)))
    began = perf_counter()
    answer = kind.count(session, subject, now)
    return {
        "key": _key(kind, subject),
        "kind": kind.name,
        "subject": subject,
        "mark": now_mark,
        "answer": answer,
        "counted_at": now,
        "took": round((perf_counter() - began) * 1000),
        "wanted_at": None,
    }


def _write(session: Session, fresh: dict[str, Any]) -> None:
    kept = session.scalar(select(KeptCount).where(KeptCount.key == fresh["key"]))
    if kept is None:
        session.add(KeptCount(**fresh))
        session.flush()
        return
    for name, value in fresh.items():
        setattr(kept, name, value)


def _key(kind: CountKind, subject: Json) -> str:
    said = json.dumps([kind.name, subject], sort_keys=True, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()
