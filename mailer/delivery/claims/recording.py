"""Writes results to the delivery rows, hundreds in one statement.

Nearly all results are acceptances, which differ only in the relay's text. These are passed to the
database as one JSON object of ids and texts.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from json import dumps
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    SmallInteger,
    String,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts.bulk import payload_of, rows_table
from contacts.database import Instant
from mailer.models import Attempt, Delivery, DeliveryStatus

_COLUMNS: Final[dict[str, TypeEngine[Any]]] = {
    "id": BigInteger(),
    "status": String(12),
    "reason": String(24),
    "code": Integer(),
    "text": String(),
    "due_at": Instant(),
    "began": Integer(),
}
_NOW: Final = bindparam("now", type_=Instant())
_RELAY: Final = bindparam("relay", type_=SmallInteger())


class DeliveryResult(NamedTuple):
    """What became of one delivery; ``began`` is 0 when the attempt does not count."""

    id: int
    status: DeliveryStatus
    reason: str | None = None
    code: int | None = None
    text: str | None = None
    due_at: datetime | None = None
    began: int = 1
    no_such_user: str | None = None  # the address, when the reply says that nobody has it


def record(
    session: Session,
    results: Sequence[DeliveryResult],
    *,
    relay_id: int | None = None,
    held: bool = True,
    now: datetime,
) -> None:
    """Write the results of deliveries that are pending or uncertain.

    ``relay_id`` is the relay that gave the replies. An attempt that was not accepted is also kept
    as a row of its own.

    A courier that no longer holds its batch (``held`` is false) may still settle uncertain rows. It
    may not set a delivery to wait, because the batch may be closed and no courier would carry it.
    """
    connection = session.connection()
    settled: dict[int | None, dict[int, str | None]] = {}
    others: list[DeliveryResult] = []
    for result in results:
        if result.status is DeliveryStatus.ACCEPTED:
            settled.setdefault(result.code, {})[result.id] = result.text
        elif held or result.status is DeliveryStatus.REFUSED:
            others.append(result)
    for code, texts in settled.items():
        span = {"least": min(texts), "most": max(texts)}
        values = {"payload": dumps(texts), "code": code, "relay": relay_id, "now": now}
        connection.execute(_accept(connection.dialect), {**values, **span})
    if others:
        rows = [{name: getattr(result, name) for name in _COLUMNS} for result in others]
        payload = payload_of(connection.dialect, rows)
        values = {"payload": payload, "relay": relay_id, "now": now}
        ids = [result.id for result in others]
        span = {"least": min(ids), "most": max(ids)}
        connection.execute(_write_others(connection.dialect), {**values, **span})
        if any(result.began for result in others):
            connection.execute(_keep_attempts(connection.dialect), values)


# A late result settles an uncertain row. The attempt of such a row has been counted already.
_OUTSTANDING: Final = Delivery.status.in_((DeliveryStatus.PENDING, DeliveryStatus.UNCERTAIN))


def _between(dialect: Dialect) -> ColumnElement[bool]:
    """The delivery's id is between the first and the last one given.

    PostgreSQL expects a hundred rows from any JSON and would read the whole table for four of them.
    With this condition it uses the index on the ids. SQLite looks each id up by itself; the ``+ 0``
    keeps it from using this condition instead.
    """
    found = Delivery.id + 0 if dialect.name == "sqlite" else Delivery.id
    return found.between(
        bindparam("least", type_=BigInteger()), bindparam("most", type_=BigInteger())
    )


def _attempts(began: Any) -> ColumnElement[int]:
    return case(
        (Delivery.status == DeliveryStatus.UNCERTAIN, Delivery.attempts),
        else_=Delivery.attempts + began,
    )


@lru_cache(maxsize=8)
def _accept(dialect: Dialect) -> Any:
    each = func.json_each if dialect.name == "sqlite" else func.json_each_text
    payload = bindparam("payload", type_=String())
    document = payload if dialect.name == "sqlite" else cast(payload, JSON)
    pair = each(document).table_valued("key", "value")
    given = select(cast(pair.c.key, BigInteger).label("id"), pair.c.value.label("text")).subquery()
    return (
        update(Delivery.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
        .where(Delivery.id == given.c.id, _OUTSTANDING, _between(dialect))
        .values(
            status=DeliveryStatus.ACCEPTED,
            reason=null(),
            code=bindparam("code", type_=Integer()),
            text=given.c.text,
            due_at=null(),
            attempts=_attempts(1),
            relay_id=_RELAY,
            changed_at=_NOW,
        )
    )


@lru_cache(maxsize=8)
def _write_others(dialect: Dialect) -> Any:
    given = rows_table(dialect, _COLUMNS)
    return (
        update(Delivery.__table__)  # type: ignore[arg-type]
        .where(Delivery.id == given.c.id, _OUTSTANDING, _between(dialect))
        .values(
            status=given.c.status,
            reason=given.c.reason,
            code=given.c.code,
            text=given.c.text,
            due_at=given.c.due_at,
            attempts=_attempts(given.c.began),
            relay_id=func.coalesce(_RELAY, Delivery.relay_id),
            changed_at=_NOW,
        )
    )


@lru_cache(maxsize=8)
def _keep_attempts(dialect: Dialect) -> Any:
    """Insert the attempts that were just counted as rows of their own."""
    given = rows_table(dialect, _COLUMNS)
    made = select(
        given.c.id,
        Delivery.attempts,
        _NOW,
        _RELAY,
        given.c.status,
        given.c.reason,
        given.c.code,
        given.c.text,
    ).join(Delivery, Delivery.id == given.c.id)
    kind = sqlite if dialect.name == "sqlite" else postgresql
    names = ["delivery_id", "number", "at", "relay_id", "status", "reason", "code", "text"]
    return (
        kind.insert(Attempt.__table__)
        .from_select(names, made.where(given.c.began > 0, Delivery.attempts > 0))
        .on_conflict_do_nothing()
    )
