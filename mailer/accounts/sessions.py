"""Sessions of operators: begun by a sign-in, looked up at every request, and ended here for good.

A browser holds a secret of 256 random bits, of which only a digest is kept. A session ends when
somebody ends it, when its operator is away for too long, and after a time whatever happens.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from mailer.errors import NotFound
from mailer.models import Operator, OperatorSession

IDLE: Final = timedelta(hours=12)  # a working day's pause, and no night's
LIFE: Final = timedelta(days=14)
SEEN_EVERY: Final = timedelta(minutes=5)
LINK_PROVES: Final = timedelta(minutes=30)  # for so long a link stands for the old password
_KEPT: Final = 2 * LIFE  # what is older can let nobody in, whatever became of it
_LONGEST_DEVICE: Final = 80
_MOST_SHOWN: Final = 100


def begin(session: Session, operator_id: int, *, by_link: bool, device: str, now: datetime) -> str:
    """A new session of this operator: the secret for the browser to hold."""
    session.execute(
        delete(OperatorSession).where(
            OperatorSession.operator_id == operator_id, OperatorSession.begun_at < now - _KEPT
        )
    )
    secret = _new_secret()
    session.add(
        OperatorSession(
            operator_id=operator_id,
            digest=_digest(secret),
            device=device[:_LONGEST_DEVICE],
            by_link=by_link,
            begun_at=now,
            last_seen_at=now,
        )
    )
    session.flush()
    return secret


def find(session: Session, secret: str, *, now: datetime) -> OperatorSession | None:
    """The session with this secret; None where there is none, or it has ended, or its operator
    has left."""
    return session.scalar(
        select(OperatorSession)
        .join(Operator, Operator.id == OperatorSession.operator_id)
        .where(OperatorSession.digest == _digest(secret), Operator.active, _goes_on(now))
    )


def listing(session: Session, operator_id: int, *, now: datetime) -> Sequence[OperatorSession]:
    """The operator's sessions that go on, the one last used first."""
    return session.scalars(
        select(OperatorSession)
        .where(OperatorSession.operator_id == operator_id, _goes_on(now))
        .order_by(OperatorSession.last_seen_at.desc(), OperatorSession.id.desc())
        .limit(_MOST_SHOWN)
    ).all()


def last_visit(session: Session, held: OperatorSession) -> datetime | None:
    """When the operator was last here before this session began; None at the first visit."""
    return session.scalar(
        select(func.max(OperatorSession.last_seen_at)).where(
            OperatorSession.operator_id == held.operator_id,
            OperatorSession.id != held.id,
            OperatorSession.last_seen_at <= held.begun_at,
        )
    )


def is_to_be_noted(held: OperatorSession, *, now: datetime) -> bool:
    """Whether it is time to write down that it is in use; a time in the future is put right too."""
    return abs(now - held.last_seen_at) >= SEEN_EVERY


def note_use(session: Session, session_id: int, *, now: datetime) -> None:
    """Keep that it is in use now."""
    session.execute(
        update(OperatorSession)
        .where(OperatorSession.id == session_id, OperatorSession.ended_at.is_(None))
        .values(last_seen_at=now)
    )


def replace_secret(session: Session, held: OperatorSession) -> str:
    """Another secret for a session that goes on; the old one is good for nothing."""
    secret = _new_secret()
    session.execute(
        update(OperatorSession).where(OperatorSession.id == held.id).values(digest=_digest(secret))
    )
    return secret


def end(session: Session, session_id: int, *, of: int, now: datetime) -> None:
    """End a session of the operator ``of``; nobody else's is found."""
    held = session.scalar(
        select(OperatorSession)
        .where(OperatorSession.id == session_id, OperatorSession.operator_id == of)
        .with_for_update()
    )
    if held is None:
        raise NotFound("There is no such session of yours.")
    held.ended_at = held.ended_at or now


def end_all(
    session: Session, operator_id: int, *, but: OperatorSession | None, now: datetime
) -> int:
    """End the operator's sessions, or all ``but`` one; how many went on until now."""
    theirs = OperatorSession.operator_id == operator_id
    if but is not None:
        theirs = and_(theirs, OperatorSession.id != but.id)
    going_on = select(func.count()).select_from(OperatorSession).where(theirs, _goes_on(now))
    number = session.scalar(going_on) or 0
    # Those that are too old as well: a clock that is set back brings none of them to life.
    session.execute(
        update(OperatorSession)
        .where(theirs, OperatorSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    return number


def _goes_on(now: datetime) -> ColumnElement[bool]:
    return and_(
        OperatorSession.ended_at.is_(None),
        OperatorSession.begun_at > now - LIFE,
        OperatorSession.last_seen_at > now - IDLE,
    )


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _digest(secret: str) -> str:
    # 256 random bits cannot be searched for, so a plain hash keeps them.
    return hashlib.sha256(secret.encode()).hexdigest()
