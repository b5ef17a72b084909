"""The audit: who did what, a line an act. Every use case that moves an issue writes one."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from contacts.actors import Actor, Subject
from contacts.models import AuditEntry


def write(
    session: Session,
    act: str,
    kind: str,
    subject_id: int,
    *,
    actor: Actor,
    now: datetime,
    **detail: Any,
) -> None:
    """Add a line: ``actor`` did ``act`` ("issue paused") to the ``kind`` ("campaign") of this id.

    ``detail`` is what else there is to know, as JSON can hold it. The log outlives a person's data,
    so it names what changed of a person and not from what to what.
    """
    session.add(
        AuditEntry(at=now, actor=actor, act=act, subject=Subject(kind, subject_id), detail=detail)
    )
