"""Writes a decision down: a handful of set-based statements whatever the number of people."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Case, ColumnElement, String, case, delete, func, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from contacts.actors import Actor
from contacts.bulk import among, rows_of
from contacts.database import RowId
from contacts.importing.applying.decision import (
    PLAIN,
    Decision,
    ImportedOrganisation,
    Someone,
    SubscriptionMove,
)
from contacts.importing.applying.foreign_keys import references_held
from contacts.importing.applying.labelling import label
from contacts.importing.applying.organisations import categorise, write_places
from contacts.importing.applying.subscriptions import (
    Consenting,
    settle,
    subscribe,
    subscribe_known,
)
from contacts.models import (
    Category,
    Contact,
    Newsletter,
    Organisation,
    Role,
    SubscriptionStatus,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.permission.suppressions import Stopped, suppress_all

_COLUMNS = (
    *("id", "email", "address_key", "name", "first_name", "last_name", "organisation_id"),
    *("own_category_id", "counted", "created_at", "updated_at"),
)
_BLOCK = 500  # rows


def write(
    session: Session,
    decision: Decision,
    places: Mapping[str, ImportedOrganisation],
    *,
    newsletter_id: int | None,
    basis: str | None,
    source: Actor,
    now: datetime,
) -> None:
    """Everything a chunk comes to."""
    write_places(session, [each for each in places.values() if each.wanted and not each.id], now)
    categorise(session, [each for each in places.values() if each.categorised])
    consent = Consenting(basis, source, now)
    with references_held(session, _pointed_at(decision.added, newsletter_id)):
        _add(session, decision.added, now)
        if newsletter_id:
            ids = [each.id for each in decision.added if _is_plain(each, newsletter_id)]
            subscribe(session, ids, newsletter_id, consent)
    changed = list(decision.changed.values())
    filled = [someone for someone in changed if someone.filled]
    _fill(session, [someone for someone in filled if not someone.replaced], now)
    _fill(session, [someone for someone in filled if someone.replaced], now, replacing=True)
    _take_roles(session, [someone.id for someone in changed if someone.roles_replaced])
    if newsletter_id:
        ids = [each.id for each in changed if _is_plain(each, newsletter_id)]
        subscribe_known(session, ids, newsletter_id, consent)
    everyone = [*decision.added, *changed]
    _settle(session, everyone, newsletter_id, consent)
    stopped = [
        Stopped(key, stop.reason, stop.at if stop.at and stop.at <= now else now, stop.detail)
        for key, stop in decision.stops.items()
    ]
    suppress_all(session, stopped, source=source, now=now)
    label(session, contact_roles, Role, [(e, e.new_roles) for e in everyone if e.new_roles])
    label(session, contact_tags, Tag, [(e, e.new_tags) for e in everyone if e.new_tags])


def _is_plain(someone: Someone, newsletter_id: int) -> bool:
    """Subscribed to the newsletter of the import, with nothing else to be said of it."""
    return someone.moves is not None and someone.moves.get(newsletter_id) == PLAIN


def _settle(
    session: Session, people: Sequence[Someone], newsletter_id: int | None, consent: Consenting
) -> None:
    moves: dict[SubscriptionStatus, list[tuple[int, int, SubscriptionMove]]] = {}
    for someone in people:
        for number, move in (someone.moves or {}).items():
            if someone.id and not (number == newsletter_id and move == PLAIN):
                moves.setdefault(move.status, []).append((someone.id, number, move))
    for status, wanted in moves.items():
        settle(session, wanted, status, consent)


def _pointed_at(
    added: Collection[Someone], newsletter_id: int | None
) -> list[tuple[InstrumentedAttribute[int], set[int]]]:
    places = {each.place.id for each in added if each.place and each.place.id}
    categories = {each.own_category_id for each in added if each.own_category_id}
    newsletters = {newsletter_id} if newsletter_id else set()
    return [(Organisation.id, places), (Category.id, categories), (Newsletter.id, newsletters)]


def _add(session: Session, added: Sequence[Someone], now: datetime) -> None:
    if not added:
        return
    for someone, number in zip(added, _ids(session, len(added)), strict=True):
        someone.id = number
    sqlite_here = session.get_bind().dialect.name == "sqlite"
    at = now.astimezone(UTC)
    moment = at.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite_here else at.isoformat()
    rows = [
        (
            each.id,
            each.email,
            each.key,
            each.name,
            each.first,
            each.last,
            each.place.id if each.place else None,
            each.own_category_id,
            False,
            moment,
            moment,
        )
        for each in added
    ]
    if sqlite_here:
        # A block of rows is one statement: fewer turns between Python and the database than
        # one for each row. The block is as large as the number of parameters allows.
        connection = session.connection()
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            connection.exec_driver_sql(_inserting(len(block)), tuple(chain.from_iterable(block)))
        return
    driver: Any = session.connection().connection.driver_connection  # psycopg's own connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY contacts ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=2)
def _inserting(rows: int) -> str:
    marks = ", ".join([f"({', '.join('?' * len(_COLUMNS))})"] * rows)
    return f"INSERT INTO contacts ({', '.join(_COLUMNS)}) VALUES {marks}"  # noqa: S608


def _ids(session: Session, number: int) -> Sequence[int]:
    if session.get_bind().dialect.name == "sqlite":
        # This transaction is SQLite's one writer, so the next numbers are nobody else's.
        last = session.scalar(select(func.max(Contact.id))) or 0
        return range(last + 1, last + 1 + number)
    # The sequence is looked up once, and the numbers come as one line of text: a row for each
    # would take longer to fetch than to draw.
    following = text(
        "WITH numbers AS MATERIALIZED"
        " (SELECT CAST(pg_get_serial_sequence('contacts', 'id') AS regclass) AS sequence)"
        " SELECT string_agg(CAST(nextval(sequence) AS text), ',')"
        " FROM numbers, generate_series(1, :number)"
    )
    drawn: str = session.scalars(following, {"number": number}).one()
    return [int(each) for each in drawn.split(",")]


def _take_roles(session: Session, ids: Collection[int | None]) -> None:
    if ids:
        session.execute(
            delete(contact_roles).where(among(session, contact_roles.c.contact_id, ids))
        )


def _fill(
    session: Session, people: Sequence[Someone], now: datetime, *, replacing: bool = False
) -> None:
    if not people:
        return
    given = rows_of(
        session,
        [
            {
                "id": each.id,
                "name": each.name,
                "first": each.first,
                "last": each.last,
                "organisation_id": each.place.id if each.place else None,
                "own_category_id": each.own_category_id,
            }
            for each in people
        ],
        {
            "id": RowId,
            "name": String(),
            "first": String(),
            "last": String(),
            "organisation_id": RowId,
            "own_category_id": RowId,
        },
    )
    # Only what is still blank is filled in, unless the file is newer: somebody may have filled it
    # since it was looked up.
    blank = Contact.name != given.c.name if replacing else Contact.name == ""
    places = (Contact.organisation_id, given.c.organisation_id)
    categories = (Contact.own_category_id, given.c.own_category_id)
    session.execute(
        update(Contact)
        .where(Contact.id == given.c.id)
        .values(
            name=_either(blank, given.c.name, Contact.name),
            first_name=_either(blank, given.c.first, Contact.first_name),
            last_name=_either(blank, given.c.last, Contact.last_name),
            organisation_id=func.coalesce(*(reversed(places) if replacing else places)),
            own_category_id=func.coalesce(*(reversed(categories) if replacing else categories)),
            updated_at=now,
        ),
        execution_options={"synchronize_session": False},
    )


def _either(condition: ColumnElement[bool], given: Any, held: Any) -> Case[Any]:
    return case((condition, given), else_=held)
