"""Thousands of values in one statement, whose text is the same whatever their number."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select, true, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import JSON, TypeEngine

T = TypeVar("T")


def listed(session: Session, values: Iterable[Any], kind: TypeEngine[T]) -> ColumnElement[T]:
    """Thousands of values as one column of a table, sent as one JSON parameter.

    For PostgreSQL an array would say the same; the driver takes ten times as long to write one.
    """
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(list(values))).table_valued("value")
        return type_coerce(each.c.value, kind)
    given = func.json_array_elements_text(literal(list(values), JSON())).column_valued("given")
    return cast(given, kind)


def among(
    session: Session, column: InstrumentedAttribute[Any] | ColumnElement[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """``column IN values`` for thousands of values."""
    kind = String() if isinstance(column.type, String) else column.type
    return column.in_(select(listed(session, values, kind)))


def insert_new(
    session: Session,
    table: Any,
    names: Sequence[str],
    rows: Select[*tuple[Any, ...]],
    returning: str = "",
) -> list[int]:
    """Insert what conflicts with nothing there; gives back a column of what was inserted."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # SQLite needs a WHERE to tell the conflict clause from a join's condition.
    statement = kind.insert(table).from_select(list(names), rows.where(true()))
    statement = statement.on_conflict_do_nothing()
    if not returning:
        session.execute(statement)
        return []
    return list(session.scalars(statement.returning(table.c[returning])))
