"""Operators: made, given a role, and taken away; whoever has left stays known by name."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import Address, parse, read
from contacts.names import has_controls
from mailer.accounts import api_tokens, roles, sessions, sign_in_links
from mailer.errors import NotAllowed, NotFound
from mailer.models import (
    Operator,
    OperatorRole,
    Power,
    ReceiptKind,
    SystemMail,
    SystemMailReceipt,
)

LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Ended:
    """How many ways in ended with an operator."""

    sessions: int
    links: int
    tokens: int


def create(
    session: Session, *, email: str, name: str, power: Power, actor: Actor, now: datetime
) -> Operator:
    """The operator with this address, made when new, with exactly this role.

    One who had been removed is let in again, and by nothing that is older.
    """
    key, name = parse(email).key, " ".join(name.split())
    if len(name) > LONGEST_NAME or has_controls(name):
        raise NotAllowed(f"Write a name of at most {LONGEST_NAME} characters.")
    operator = session.scalar(select(Operator).where(Operator.email == key).with_for_update())
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
        act = "operator made"
    elif not operator.active:
        _end_all(session, operator, now=now)
        operator.active, operator.name = True, name or operator.name
        act = "operator let in again"
    elif [role.name for role in operator.roles] == [power]:
        return operator
    else:
        if power is not Power.ADMIN:
            _not_the_last_admin(session, operator)
        act = "role changed"
    operator.roles = [_role(session, power)]
    session.flush()
    audit.write(session, act, "operator", operator.id, actor=actor, now=now, role=power)
    return operator


def set_power(
    session: Session, operator_id: int, power: Power, *, actor: Actor, now: datetime
) -> Operator:
    """Give an operator exactly this role."""
    operator = get(session, operator_id)
    return create(
        session, email=operator.email, name=operator.name, power=power, actor=actor, now=now
    )


def end_session(
    session: Session, operator_id: int, session_id: int, *, actor: Actor, now: datetime
) -> Operator:
    """Sign an operator out in one of their browsers."""
    operator = get(session, operator_id)
    sessions.end(session, session_id, of=operator_id, now=now)
    audit.write(session, "session ended", "operator", operator_id, actor=actor, now=now)
    return operator


def remove(session: Session, email: str, *, actor: Actor, now: datetime) -> tuple[Operator, Ended]:
    """Let an operator in no more; every session, unused link and token of theirs ends."""
    operator = find(session, email)
    _not_the_last_admin(session, operator)
    operator.active = False
    ended = _end_all(session, operator, now=now)
    audit.write(
        session,
        "operator removed",
        "operator",
        operator.id,
        actor=actor,
        now=now,
        sessions=ended.sessions,
        links=ended.links,
        tokens=ended.tokens,
    )
    return operator, ended


def find(session: Session, email: str) -> Operator:
    """The operator with this address, unless they have been removed."""
    operator = session.scalar(
        select(Operator).where(Operator.email == read(email).key, Operator.active)
    )
    if operator is None:
        raise NotFound(f"There is no operator with the address {email}.")
    return operator


def known(session: Session, address: Address) -> Operator | None:
    """The operator with this address, removed or not."""
    return session.scalar(select(Operator).where(Operator.email == address.key))


def get(session: Session, operator_id: int) -> Operator:
    """The operator with this number, unless they have been removed."""
    operator = session.get(Operator, operator_id)
    if operator is None or not operator.active:
        raise NotFound("There is no such operator, or they have been removed.")
    return operator


def with_power(session: Session, power: Power) -> Sequence[Operator]:
    """Whoever has exactly this role, by name."""
    theirs = Operator.roles.any(OperatorRole.name == power)
    return session.scalars(
        select(Operator).where(Operator.active, theirs).order_by(Operator.name, Operator.id)
    ).all()


def listing(session: Session) -> Sequence[Operator]:
    """Everybody who can sign in, and then whoever has been removed."""
    return session.scalars(select(Operator).order_by(Operator.active.desc(), Operator.email)).all()


def who_may(session: Session, power: Power) -> list[str]:
    """The names of those whose role includes this one."""
    return [each.name for each in those_who_may(session, power)]


def those_who_may(session: Session, power: Power) -> Sequence[Operator]:
    """Everybody whose role includes this one, by name."""
    theirs = Operator.roles.any(OperatorRole.name.in_(roles.allowing(power)))
    return session.scalars(
        select(Operator).where(Operator.active, theirs).order_by(Operator.name, Operator.id)
    ).all()


def power_of(session: Session, operator_id: int | None) -> Power | None:
    """The role of an operator who works here; None of one who has left, or has none."""
    operator = session.get(Operator, operator_id) if operator_id else None
    if operator is None or not operator.active:
        return None
    return roles.highest(role.name for role in operator.roles)


def unreached(session: Session, *, since: datetime) -> list[Operator]:
    """Operators to whom system mail could not be delivered, since some moment: nobody is there."""
    came_back = (
        select(func.lower(SystemMail.to_address))
        .join(SystemMailReceipt, SystemMailReceipt.notice_id == SystemMail.id)
        .where(SystemMailReceipt.kind == ReceiptKind.HARD_BOUNCED, SystemMailReceipt.at >= since)
    )
    found = select(Operator).where(Operator.active, Operator.email.in_(came_back))
    return list(session.scalars(found.order_by(Operator.name)))


def _not_the_last_admin(session: Session, operator: Operator) -> None:
    # Two admins who are taken away at once must not both find the other: the second waits, and then
    # looks again.
    operators = select(Operator.id).where(Operator.active).order_by(Operator.id)
    session.execute(operators.with_for_update())
    admins = session.scalars(
        operators.where(Operator.roles.any(OperatorRole.name == Power.ADMIN))
    ).all()
    if list(admins) == [operator.id]:
        raise NotAllowed(
            f"{operator.email} is the last admin: make another one first, under People and rights "
            "or with 'flask operators create EMAIL --role admin'."
        )


def _end_all(session: Session, operator: Operator, *, now: datetime) -> Ended:
    operator.password, operator.roles = None, []
    session.flush()
    return Ended(
        sessions=sessions.end_all(session, operator.id, but=None, now=now),
        links=sign_in_links.end_all(session, operator.id),
        tokens=api_tokens.revoke_all(session, operator.id, now=now),
    )


def _role(session: Session, power: Power) -> OperatorRole:
    role = session.scalar(select(OperatorRole).where(OperatorRole.name == power))
    if role is None:
        role = OperatorRole(name=power.value, description="")
        session.add(role)
    return role
