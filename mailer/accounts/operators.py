"""Operators: made, given a role, and let in by a link that works once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import parse
from mailer.models import (
    Operator,
    OperatorRole,
    Power,
    ReceiptKind,
    SignInLink,
    SystemMail,
    SystemMailReceipt,
)

LINK_LIVES: Final = timedelta(days=1)


def create(session: Session, *, email: str, name: str, power: Power, now: datetime) -> Operator:
    """The operator with this address, made when new, with exactly this role."""
    key = parse(email).key
    operator = session.scalar(select(Operator).where(Operator.email == key))
    if operator is None:
        operator = Operator(
            email=key,
            name=name or key.partition("@")[0],
            active=True,
            fs_uniquifier=secrets.token_hex(16),
            created_at=now,
            roles=[],
        )
        session.add(operator)
    operator.roles = [_role(session, power)]
    session.flush()
    return operator


def set_password(
    session: Session, operator_id: int, hashed: str, *, actor: Actor, now: datetime
) -> None:
    """Keep a password hash; the audit names who set it, and not the hash."""
    session.get_one(Operator, operator_id).password = hashed
    audit.write(session, "password set", "operator", operator_id, actor=actor, now=now)


def sign_in_link(session: Session, operator: Operator, *, now: datetime) -> str:
    """The secret part of a link that signs the operator in once, within a day."""
    secret = secrets.token_urlsafe(24)
    session.add(
        SignInLink(digest=_digest(secret), operator_id=operator.id, expires_at=now + LINK_LIVES)
    )
    session.flush()
    return secret


def link_is_good(session: Session, secret: str, *, now: datetime) -> bool:
    """Whether a link would let somebody in; looking does not use it up."""
    return session.scalar(_good(secret, now)) is not None


def use_link(session: Session, secret: str, *, now: datetime) -> int | None:
    """Use a link up: the operator's id, or None for one that is unknown, used or too old."""
    return session.scalar(
        update(SignInLink)
        .where(
            SignInLink.digest == _digest(secret),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.operator_id)
    )


def unreached(session: Session, *, since: datetime) -> list[Operator]:
    """Operators to whom system mail could not be delivered, since some moment: nobody is there."""
    came_back = (
        select(func.lower(SystemMail.to_address))
        .join(SystemMailReceipt, SystemMailReceipt.notice_id == SystemMail.id)
        .where(SystemMailReceipt.kind == ReceiptKind.HARD_BOUNCED, SystemMailReceipt.at >= since)
    )
    found = select(Operator).where(Operator.active, Operator.email.in_(came_back))
    return list(session.scalars(found.order_by(Operator.name)))


def _good(secret: str, now: datetime) -> Select[int]:
    return select(SignInLink.operator_id).where(
        SignInLink.digest == _digest(secret),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > now,
    )


def _role(session: Session, power: Power) -> OperatorRole:
    role = session.scalar(select(OperatorRole).where(OperatorRole.name == power))
    if role is None:
        role = OperatorRole(name=power.value, description="")
        session.add(role)
    return role


def _digest(secret: str) -> str:
    # The secret has 192 random bits: a plain hash of it cannot be searched for, and finding its row
    # by the hash tells an attacker's clock nothing about the secret.
    return hashlib.sha256(secret.encode()).hexdigest()
