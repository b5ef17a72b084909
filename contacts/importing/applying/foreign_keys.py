"""Foreign keys of many new rows, checked at once where the database lets us."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from contacts.bulk import among

_MAY = text("SELECT has_parameter_privilege('session_replication_role', 'SET')")


@contextmanager
def references_held(
    session: Session, pointed_at: Sequence[tuple[InstrumentedAttribute[Any], Collection[int]]]
) -> Iterator[None]:
    """What new rows will point at is locked and known to be there.

    PostgreSQL asks for each row and each foreign key whether its target exists, and locks it FOR
    KEY SHARE: for a person with a subscription and a consent that is more than half of the work.
    Here the same lock is taken once for each target, and the asking is left out for the rows
    inserted within. Only a role that may set ``session_replication_role`` can do so, such as a
    superuser; for any other the database asks row by row, and so does SQLite, where it is cheap.
    """
    if session.get_bind().dialect.name != "postgresql" or not session.scalar(_MAY):
        yield
        return
    for column, wanted in pointed_at:
        if not wanted:
            continue
        there = select(column).where(among(session, column, wanted)).order_by(column)
        held = session.scalars(there.with_for_update(read=True, key_share=True)).all()
        if len(held) < len(wanted):
            yield  # one has just been removed: the database's own check says so
            return
    session.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    session.execute(text("SET LOCAL session_replication_role = origin"))
