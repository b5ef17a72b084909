"""Steps that fall due: each is set once, taken by one process, and never done twice."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.models import Step, StepKind


def put(
    session: Session,
    kind: StepKind,
    subject_id: int,
    *,
    due_at: datetime,
    occurrence: str = "",
) -> None:
    """Set when a step falls due, whether or not it was set before."""
    step = session.scalar(
        select(Step).where(
            Step.kind == kind, Step.subject_id == subject_id, Step.occurrence == occurrence
        )
    )
    if step is None:
        step = Step(kind=kind, subject_id=subject_id, occurrence=occurrence, due_at=due_at)
        session.add(step)
    step.due_at, step.done_at, step.outcome = due_at, None, None


def drop(session: Session, kind: StepKind, subject_id: int) -> None:
    """Remove the steps of this kind that are not done."""
    for step in session.scalars(
        select(Step).where(Step.kind == kind, Step.subject_id == subject_id, Step.done_at.is_(None))
    ):
        session.delete(step)


def due(session: Session, *, now: datetime, most: int = 50) -> list[int]:
    """The ids of steps that are due, the longest due first.

    Addresses are asked for by a worker's chore, since that takes long.
    """
    return list(
        session.scalars(
            select(Step.id)
            .where(
                Step.done_at.is_(None),
                Step.due_at <= now,
                Step.kind != StepKind.ADDRESSES,
            )
            .order_by(Step.due_at, Step.id)
            .limit(most)
        )
    )


def take(session: Session, step_id: int, *, now: datetime) -> Step | None:
    """Mark a step as done, in the transaction that does it; None when somebody else has."""
    taken = session.execute(
        update(Step)
        .where(Step.id == step_id, Step.done_at.is_(None), Step.due_at <= now)
        .values(done_at=now)
        .returning(Step.id)
    ).first()
    return session.get(Step, step_id) if taken else None
