"""Links that sign an operator in: each works once, within a day, and the last one made alone."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.errors import NotAllowed
from mailer.models import Operator, SignInLink

LINK_LIVES: Final = timedelta(days=1)


def make(session: Session, operator: Operator, *, actor: Actor, now: datetime) -> str:
    """The secret part of a new link; those the operator has not used yet end."""
    if not operator.active:
        raise NotAllowed(f"{operator.email} has been removed, and is let in by no link.")
    end_all(session, operator.id)
    secret = secrets.token_urlsafe(24)
    session.add(
        SignInLink(digest=_digest(secret), operator_id=operator.id, expires_at=now + LINK_LIVES)
    )
    session.flush()
    audit.write(session, "sign-in link made", "operator", operator.id, actor=actor, now=now)
    return secret


def is_good(session: Session, secret: str, *, now: datetime) -> bool:
    """Whether a link would let somebody in; looking does not use it up."""
    return session.scalar(select(SignInLink.operator_id).where(_good(secret, now))) is not None


def use(session: Session, secret: str, *, now: datetime) -> int | None:
    """Use a link up: the operator's id, or None for one that lets nobody in (any more)."""
    return session.scalar(
        update(SignInLink)
        .where(_good(secret, now))
        .values(used_at=now)
        .returning(SignInLink.operator_id)
    )


def end_all(session: Session, operator_id: int) -> int:
    """End every link that the operator has not used; how many there were."""
    ended = session.scalars(
        delete(SignInLink)
        .where(SignInLink.operator_id == operator_id, SignInLink.used_at.is_(None))
        .returning(SignInLink.digest)
    )
    return len(ended.all())


def _good(secret: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        SignInLink.digest == _digest(secret),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > now,
        SignInLink.operator_id.in_(select(Operator.id).where(Operator.active)),
    )


def _digest(secret: str) -> str:
    # The secret has 192 random bits: a plain hash of it cannot be searched for, and finding its row
    # by the hash tells an attacker's clock nothing about the secret.
    return hashlib.sha256(secret.encode()).hexdigest()
