"""Change marks: numbers that move on with every change of what counts are made of.

The database itself moves them, by triggers, so no way of changing a row can forget to. There is
one mark for people (who they are, their permissions, addresses that get nothing) and one for each
issue (its deliveries, and what was heard of them).

On SQLite, which has one writer, a mark is a number in one row. On PostgreSQL writers would wait
for each other at such a row, so every transaction adds a row of its own, and the mark is their sum.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.orm import Session

from mailer.models import ChangeMark

PEOPLE: Final = 0  # stands in place of an issue's id
_OF_PEOPLE: Final = (
    *("contacts", "organisations", "subscriptions", "suppressions", "newsletters"),
    *("categories", "roles", "tags", "contact_roles", "contact_tags"),
)
_EVENTS: Final = ("INSERT", "UPDATE", "DELETE")
# Deliveries are added with the issue saying how far its audience is frozen: one row for thousands.
_OF_ISSUES: Final = {
    "campaigns": ("INSERT", "UPDATE"),
    "deliveries": ("UPDATE", "DELETE"),
    "batches": _EVENTS,
    "receipts": _EVENTS,
}
_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)


def mark(session: Session, subjects: Sequence[int]) -> str:
    """How far the changes of these have come: ``PEOPLE``, or an issue's id.

    To be read before what is counted, so that a change in between makes the count an old one.
    """
    rows = session.execute(
        select(ChangeMark.campaign_id, func.sum(ChangeMark.number))
        .where(ChangeMark.campaign_id.in_(subjects))
        .group_by(ChangeMark.campaign_id)
    ).all()
    known = {subject: int(number) for subject, number in rows}
    return " ".join(f"{subject}:{known.get(subject, 0)}" for subject in sorted(subjects))


def add_up(session: Session) -> None:
    """Make one row of the many that transactions added; the marks stay what they are."""
    if session.get_bind().dialect.name == "sqlite":
        return
    session.execute(
        text(
            "WITH gone AS (DELETE FROM change_marks RETURNING campaign_id, number) "
            "INSERT INTO change_marks (campaign_id, at, transaction, number) "
            "SELECT campaign_id, now(), -txid_current(), sum(number) FROM gone GROUP BY campaign_id"
        )
    )


def install(connection: Connection) -> None:
    """Put the triggers in place, where the table for them is."""
    if not inspect(connection).has_table(ChangeMark.__tablename__):
        return
    if connection.dialect.name == "sqlite":
        _install_on_sqlite(connection)
    else:
        _install_on_postgres(connection)


def remove(connection: Connection) -> None:
    """Take the triggers away: a table is changed without them."""
    there = set(inspect(connection).get_table_names())
    for table, event in _triggers():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, event)}")
        elif table in there:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_name(table, event)} ON {table}")


def _triggers() -> list[tuple[str, str]]:
    return [
        *((table, event) for table in _OF_PEOPLE for event in _EVENTS),
        *((table, event) for table, events in _OF_ISSUES.items() for event in events),
    ]


def _name(table: str, event: str) -> str:
    return f"note_{event.lower()}_of_{table}"


def _issue_in(table: str) -> str:
    return "id" if table == "campaigns" else "campaign_id"


def _install_on_sqlite(connection: Connection) -> None:
    always = f"{_ALWAYS:%Y-%m-%d %H:%M:%S}.000000"
    add = 'INSERT INTO change_marks (campaign_id, at, "transaction", number)'
    missing = (
        "FROM (SELECT 0 AS id UNION SELECT id FROM campaigns) "
        "WHERE id NOT IN (SELECT campaign_id FROM change_marks)"
    )
    connection.exec_driver_sql(f"{add} SELECT id, '{always}', 0, 0 {missing}")
    # The id of an issue that was erased may be given again, and its mark goes on from there.
    unless_there = "WHERE NOT EXISTS (SELECT 1 FROM change_marks WHERE campaign_id = NEW.id)"
    first = f"{add} SELECT NEW.id, '{always}', 0, 0 {unless_there}; "
    for table, event in _triggers():
        row = "OLD" if event == "DELETE" else "NEW"
        subject = f"{row}.{_issue_in(table)}" if table in _OF_ISSUES else PEOPLE
        move = f"UPDATE change_marks SET number = number + 1 WHERE campaign_id = {subject}"  # noqa: S608
        connection.exec_driver_sql(
            f"CREATE TRIGGER IF NOT EXISTS {_name(table, event)} AFTER {event} ON {table} "
            f"BEGIN {first if (table, event) == ('campaigns', 'INSERT') else ''}{move}; END"
        )


def _install_on_postgres(connection: Connection) -> None:
    for table, event in _triggers():
        if table in _OF_ISSUES:
            rows = f"REFERENCING {'OLD' if event == 'DELETE' else 'NEW'} TABLE AS changed"
            issue = _issue_in(table)
            subjects = f"SELECT DISTINCT {issue}, now(), txid_current(), 1 FROM changed"  # noqa: S608
            function = f"note_change_by_{table}"
        else:
            rows, function = "", "note_change_of_people"
            subjects = f"VALUES ({PEOPLE}, now(), txid_current(), 1)"
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN INSERT INTO change_marks (campaign_id, at, transaction, number) "
            f"{subjects} ON CONFLICT DO NOTHING; RETURN NULL; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE OR REPLACE TRIGGER {_name(table, event)} AFTER {event} ON {table} {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
