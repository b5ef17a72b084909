"""Tokens of programs: each acts with one operator's power, is shown once, and can be revoked.

``circular_7_…``: the number finds the row, the rest is a secret of 256 random bits of which only a
digest is kept.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import read
from mailer.accounts import roles
from mailer.errors import FormError, NotFound
from mailer.models import ApiToken, Operator, Power

_SHAPE: Final = re.compile(r"circular_([0-9]{1,15})_([A-Za-z0-9_-]{43})")
_LONGEST_NAME: Final = 80
_NO_DIGEST: Final = "-" * 64


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token was shown; ``power`` is None for an operator without any role."""

    token_id: int
    operator_id: int
    operator_name: str
    power: Power | None
    last_used_on: date | None

    @property
    def actor(self) -> Actor:
        """The actor of their acts in the audit."""
        return Actor.operator(self.operator_id, token_id=self.token_id)

    def may(self, power: Power) -> bool:
        """Whether they may do what this role may."""
        return roles.allows(self.power, power)


def make(
    session: Session, email: str, *, name: str, actor: Actor, now: datetime
) -> tuple[ApiToken, str]:
    """A new token for the operator with this address, and the text of it, which is kept nowhere."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise FormError([("name", f"Say what it is for, in at most {_LONGEST_NAME} characters.")])
    operator = session.scalar(
        select(Operator).where(Operator.email == read(email).key, Operator.active)
    )
    if operator is None:
        raise NotFound(f"There is no operator with the address {email}.")
    secret = secrets.token_urlsafe(32)
    made = ApiToken(
        operator_id=operator.id,
        name=name,
        digest=_digest(secret),
        created_at=now,
        operator=operator,
    )
    session.add(made)
    session.flush()
    _write_down(session, made, "token made", actor=actor, now=now)
    return made, f"circular_{made.id}_{secret}"


def revoke(
    session: Session, token_id: int, *, actor: Actor, now: datetime, of: int | None = None
) -> ApiToken:
    """Revoke a token. With ``of`` only that operator's tokens are found."""
    query = select(ApiToken).where(ApiToken.id == token_id).with_for_update()
    token = session.scalar(query if of is None else query.where(ApiToken.operator_id == of))
    if token is None:
        raise NotFound(f"There is no token number {token_id}.")
    if token.revoked_at is None:
        token.revoked_at = now
        _write_down(session, token, "token revoked", actor=actor, now=now)
    return token


def revoke_all(session: Session, operator_id: int, *, now: datetime) -> int:
    """Revoke every token of an operator who leaves; how many there were."""
    revoked = session.scalars(
        update(ApiToken)
        .where(ApiToken.operator_id == operator_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    return len(revoked.all())


def listing(session: Session, *, of: int | None = None) -> Sequence[ApiToken]:
    """The tokens that can be used, of one operator or of all, with their operators."""
    query = (
        select(ApiToken)
        .where(ApiToken.revoked_at.is_(None))
        .options(joinedload(ApiToken.operator))
        .order_by(ApiToken.id)
    )
    return session.scalars(query if of is None else query.where(ApiToken.operator_id == of)).all()


def caller_of(session: Session, text: str) -> Caller | None:
    """Whose token this is; None for one that is unknown, revoked or of somebody who has left."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    token = session.scalar(
        select(ApiToken).where(ApiToken.id == int(shape[1])).options(joinedload(ApiToken.operator))
    )
    # Compared whether or not there is such a token, and in constant time.
    good = hmac.compare_digest(_digest(shape[2]), token.digest if token else _NO_DIGEST)
    if token is None or not good or token.revoked_at is not None or not token.operator.active:
        return None
    return Caller(
        token_id=token.id,
        operator_id=token.operator_id,
        operator_name=token.operator.name,
        power=roles.highest(role.name for role in token.operator.roles),
        last_used_on=token.last_used_on,
    )


def note_use(session: Session, token_id: int, *, now: datetime) -> None:
    """Keep the day of its last use."""
    day = now.date()
    session.execute(
        update(ApiToken)
        .where(
            ApiToken.id == token_id,
            or_(ApiToken.last_used_on.is_(None), ApiToken.last_used_on < day),
        )
        .values(last_used_on=day)
    )


def _digest(secret: str) -> str:
    # 256 random bits cannot be searched for, so a plain hash keeps them.
    return hashlib.sha256(secret.encode()).hexdigest()


def _write_down(
    session: Session, token: ApiToken, act: str, *, actor: Actor, now: datetime
) -> None:
    audit.write(
        session,
        act,
        "operator",
        token.operator_id,
        actor=actor,
        now=now,
        token=token.id,
        name=token.name,
    )
