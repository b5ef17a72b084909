"""The calendar feed of an operator: an address that nobody guesses, and that can be revoked."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.accounts import operators
from mailer.models import Operator
from mailer.security.tokens import Purpose, Tokens

_KEYS: Final = 2**31 - 1


def make(session: Session, operator_id: int, *, actor: Actor, now: datetime) -> Operator:
    """Give somebody a feed at a new address; an address they had before works no more."""
    operator = operators.get(session, operator_id)
    was = operator.calendar_key
    while operator.calendar_key in (None, was):
        operator.calendar_key = secrets.randbelow(_KEYS) + 1
    audit.write(session, "calendar feed made", "operator", operator_id, actor=actor, now=now)
    return operator


def revoke(session: Session, operator_id: int, *, actor: Actor, now: datetime) -> Operator:
    """Let the address of somebody's feed work no more."""
    operator = operators.get(session, operator_id)
    operator.calendar_key = None
    audit.write(session, "calendar feed revoked", "operator", operator_id, actor=actor, now=now)
    return operator


def token_of(operator: Operator, tokens: Tokens) -> str:
    """What the address of their feed has in it; "" where they have none."""
    key = operator.calendar_key
    return tokens.seal(Purpose.OFFICER_CALENDAR, operator.id, key) if key else ""


def reader_of(session: Session, token: str, tokens: Tokens) -> Operator | None:
    """Whose feed an address is; None where it is nobody's, or was revoked."""
    ids = tokens.open(Purpose.OFFICER_CALENDAR, token)
    operator = session.get(Operator, ids[0]) if ids else None
    if ids is None or operator is None or not operator.active:
        return None
    return operator if operator.calendar_key == ids[1] else None
