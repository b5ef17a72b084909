"""Thousands of values in one statement, whose text is the same whatever their number."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
    text,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.selectable import FromClause
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


def _moment_for_sqlite(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def rows_of(
    session: Session, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, TypeEngine[Any]]
) -> FromClause:
    """``rows`` as a table of the given columns, sent as one JSON parameter whatever their number.

    Both databases unpack it themselves, which makes an update of hundreds of rows one statement
    with a constant text. Values are numbers, strings, booleans, aware moments and None.
    """
    dialect = session.get_bind().dialect
    return rows_table(dialect, columns, payload_of(dialect, rows))


def payload_of(dialect: Dialect, rows: Sequence[Mapping[str, Any]]) -> str:
    """``rows`` as the parameter that ``rows_table`` unpacks."""
    moment = _moment_for_sqlite if dialect.name == "sqlite" else datetime.isoformat
    return json.dumps(list(rows), default=moment)


def rows_table(
    dialect: Dialect, columns: Mapping[str, TypeEngine[Any]], payload: str | None = None
) -> FromClause:
    """The table; without ``payload`` a parameter of that name, for statements made once."""
    given = bindparam("payload", payload, type_=String(), required=payload is None)
    if dialect.name == "sqlite":
        each = func.json_each(given).table_valued("value")
        return select(
            *(
                func.json_extract(each.c.value, f"$.{name}", type_=kind).label(name)
                for name, kind in columns.items()
            )
        ).subquery("rows_given")
    typed = ", ".join(f"{name} {kind.compile(dialect)}" for name, kind in columns.items())
    record = text(
        # Names and types are ours, from the call; the values travel as a parameter.
        f"SELECT * FROM json_to_recordset(CAST(:payload AS json)) AS given({typed})"  # noqa: S608
    )
    return record.bindparams(given).columns(**dict(columns)).subquery("rows_given")
