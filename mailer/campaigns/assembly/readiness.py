"""Since when items of the library have been ready."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.actors import Subject
from contacts.models import AuditEntry
from mailer.authoring.library.items import SUBJECT
from mailer.models import LibraryItem


def ready_since(session: Session, items: Sequence[LibraryItem]) -> Mapping[int, datetime]:
    """By their ids; of one that nobody is known to have made ready, since its last change."""
    subjects = [Subject(SUBJECT, each.id) for each in items]
    rows = session.execute(
        select(AuditEntry.subject, func.max(AuditEntry.at))
        .where(AuditEntry.subject.in_(subjects), AuditEntry.act == "library made ready")
        .group_by(AuditEntry.subject)
    )
    known = {subject.id: at for subject, at in rows}
    return {each.id: known.get(each.id, each.updated_at) for each in items}
