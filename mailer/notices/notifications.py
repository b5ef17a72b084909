"""The list of what one person was told, what of it is unread, and what they want no mail about."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mailer.accounts import operators
from mailer.errors import NotAllowed
from mailer.models import NewsKind, Notification, Power, QuietKind
from mailer.notices.telling import NEEDS_A_PERSON

WORDS: Final = {
    NewsKind.APPROVE: "An issue waits for approval",
    NewsKind.HELD: "An issue was not sent, or has paused",
    NewsKind.SENT_BACK: "Changes are asked for",
    NewsKind.DRAFT: "A draft is made, or something is left to write",
    NewsKind.STORIES: "Stories were due",
    NewsKind.SUBMIT: "The day to ask for approval",
    NewsKind.CHANGED: "Something changed about an approved issue",
    NewsKind.SOON: "An issue goes out in 15 minutes",
    NewsKind.SENT: "Numbers after a send",
}


def unread(session: Session, operator_id: int) -> int:
    """How many things somebody has not read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.operator_id == operator_id, Notification.read_at.is_(None))
        )
        or 0
    )


def listing(session: Session, operator_id: int, *, most: int) -> Sequence[Notification]:
    """What somebody was told, what is unread first, the newest before."""
    return session.scalars(
        select(Notification)
        .where(Notification.operator_id == operator_id)
        .order_by(Notification.read_at.is_not(None), Notification.id.desc())
        .limit(most)
    ).all()


def mark_read(
    session: Session, operator_id: int, *, notification_id: int | None = None, now: datetime
) -> int:
    """Mark one thing of somebody's list as read, or all of it; how many that were."""
    unread_ones = update(Notification).where(
        Notification.operator_id == operator_id, Notification.read_at.is_(None)
    )
    if notification_id is not None:
        unread_ones = unread_ones.where(Notification.id == notification_id)
    changed = session.execute(unread_ones.values(read_at=now).returning(Notification.id))
    return len(changed.all())


def quiet_kinds(session: Session, operator_id: int) -> set[NewsKind]:
    """What somebody wants no mail about."""
    return set(session.scalars(select(QuietKind.kind).where(QuietKind.operator_id == operator_id)))


def choose(session: Session, operator_id: int, by_mail: Collection[NewsKind]) -> None:
    """Keep about what somebody wants mail. NotAllowed where nobody else would hear of what needs a
    decision."""
    quiet = set(NewsKind) - set(by_mail)
    for kind in sorted(quiet & NEEDS_A_PERSON):
        if is_the_only_one(session, operator_id, kind):
            raise NotAllowed(
                f"“{WORDS[kind]}” can’t be without mail: nobody else who can decide gets it."
            )
    session.execute(delete(QuietKind).where(QuietKind.operator_id == operator_id))
    session.add_all(QuietKind(operator_id=operator_id, kind=kind) for kind in sorted(quiet))
    session.flush()


def is_the_only_one(session: Session, operator_id: int, kind: NewsKind) -> bool:
    """Whether of all who may approve, somebody alone gets mail about what needs a decision."""
    if kind not in NEEDS_A_PERSON:
        return False
    able = {each.id for each in operators.those_who_may(session, Power.APPROVER)}
    quiet = set(session.scalars(select(QuietKind.operator_id).where(QuietKind.kind == kind)))
    return operator_id in able and not able - quiet - {operator_id}
