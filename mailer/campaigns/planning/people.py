"""The people of a schedule who are not there any more."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.models import Operator, Schedule


def gone(session: Session, schedule: Schedule | None) -> list[str]:
    """Who of a schedule's people has left."""
    if schedule is None:
        return []
    numbers = {schedule.owner_id, schedule.backup_id} - {None}
    left = select(Operator).where(Operator.id.in_(numbers), Operator.active.is_(False))
    names = {each.id: each.name for each in session.scalars(left)}
    found = [
        f"{names[number]}, its {part}, has left: choose somebody else."
        for part, number in (("owner", schedule.owner_id), ("backup", schedule.backup_id))
        if number in names
    ]
    approvers = [each for each in schedule.approvers if not each.active]
    found += [f"{who.name}, an approver, has left: choose somebody else." for who in approvers]
    if schedule.approvers and len(approvers) == len(schedule.approvers):
        found.append("None of its approvers is here any more.")
    return found
