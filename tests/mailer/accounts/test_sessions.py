"""Sessions of operators, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from mailer.accounts import operators, sessions
from mailer.errors import NotFound
from mailer.models import Operator, OperatorSession, Power
from tests.factories import NOW, TESTER


@pytest.fixture
def ann(database: Database) -> int:
    """The id of an operator."""
    email = "ann@network.example"
    with database.writing() as session:
        return operators.create(
            session, email=email, name="Ann", power=Power.ADMIN, actor=TESTER, now=NOW
        ).id


def begun(database: Database, operator_id: int, *, hours: float = 0) -> str:
    with database.writing() as session:
        now = NOW + timedelta(hours=hours)
        return sessions.begin(session, operator_id, by_link=False, device="Firefox", now=now)


def found(database: Database, secret: str, *, hours: float = 0) -> OperatorSession | None:
    with database.reading() as session:
        return sessions.find(session, secret, now=NOW + timedelta(hours=hours))


def test_only_a_digest_of_the_secret_is_kept(database: Database, ann: int) -> None:
    secret, other = begun(database, ann), begun(database, ann)

    with database.reading() as session:
        rows = session.execute(select(OperatorSession.__table__)).all()
    assert len(secret) == 43
    assert secret != other
    assert secret not in str(rows)
    assert not found(database, secret[:-1])
    assert not found(database, "")


def test_a_session_ends_after_twelve_hours_without_a_request(database: Database, ann: int) -> None:
    secret = begun(database, ann)

    assert found(database, secret, hours=11.9)
    assert not found(database, secret, hours=12)


def test_a_session_in_use_ends_after_fourteen_days_all_the_same(
    database: Database, ann: int
) -> None:
    secret = begun(database, ann)
    with database.writing() as session:
        held = session.scalars(select(OperatorSession)).one()
        sessions.note_use(session, held.id, now=NOW + timedelta(days=13, hours=23))

    assert found(database, secret, hours=14 * 24 - 0.1)
    assert not found(database, secret, hours=14 * 24)


def test_use_is_noted_every_few_minutes_and_a_time_in_the_future_is_put_right(
    database: Database, ann: int
) -> None:
    held = found(database, begun(database, ann))

    assert held
    noted = [sessions.is_to_be_noted(held, now=NOW + timedelta(minutes=m)) for m in (0, 4, 5, -60)]
    assert noted == [False, False, True, True]


def test_an_ended_session_stays_ended_also_when_it_is_used_meanwhile(
    database: Database, ann: int
) -> None:
    secret = begun(database, ann)
    held = found(database, secret)
    assert held
    with database.writing() as session:
        sessions.end(session, held.id, of=ann, now=NOW)
        sessions.note_use(session, held.id, now=NOW + timedelta(minutes=5))
        sessions.end(session, held.id, of=ann, now=NOW + timedelta(minutes=9))

    assert not found(database, secret)
    with database.reading() as session:
        kept = session.scalars(select(OperatorSession)).one()
    assert (kept.ended_at, kept.last_seen_at) == (NOW, NOW)


def test_nobody_ends_the_session_of_another(database: Database, ann: int) -> None:
    secret = begun(database, ann)
    held = found(database, secret)

    assert held
    with database.writing() as session, pytest.raises(NotFound):
        sessions.end(session, held.id, of=ann + 1, now=NOW)
    assert found(database, secret)


def test_all_but_one_end_and_those_that_went_on_are_counted(database: Database, ann: int) -> None:
    idle, mine, other = begun(database, ann, hours=-13), begun(database, ann), begun(database, ann)
    but = found(database, mine)

    with database.writing() as session:
        number = sessions.end_all(session, ann, but=but, now=NOW)

    assert number == 1
    assert found(database, mine)
    assert not found(database, other)
    assert not found(database, idle, hours=-2), "a clock that is set back brings it to life"


def test_another_secret_takes_the_place_of_the_old(database: Database, ann: int) -> None:
    old = begun(database, ann)
    held = found(database, old)
    assert held
    with database.writing() as session:
        new = sessions.replace_secret(session, held)

    again = found(database, new)
    assert not found(database, old)
    assert again
    assert again.id == held.id


def test_an_inactive_operator_has_no_session(database: Database, ann: int) -> None:
    secret = begun(database, ann)
    with database.writing() as session:
        session.execute(update(Operator).values(active=False))

    assert not found(database, secret)


def test_sessions_of_long_ago_are_forgotten(database: Database, ann: int) -> None:
    begun(database, ann, hours=-24 * 29)
    begun(database, ann, hours=-24 * 15)
    begun(database, ann)

    with database.reading() as session:
        assert len(session.scalars(select(OperatorSession)).all()) == 2
        assert len(sessions.listing(session, ann, now=NOW)) == 1


def test_the_last_visit_is_the_last_use_before_this_session_began(
    database: Database, ann: int
) -> None:
    first = begun(database, ann)
    held = found(database, first)
    assert held
    with database.writing() as session:
        assert sessions.last_visit(session, held) is None
        sessions.note_use(session, held.id, now=NOW + timedelta(hours=3))
    today, beside = begun(database, ann, hours=20), begun(database, ann, hours=21)
    present = found(database, today, hours=22)
    other = found(database, beside, hours=22)
    assert present
    assert other

    with database.writing() as session:
        sessions.note_use(session, other.id, now=NOW + timedelta(hours=22))
    with database.reading() as session:
        assert sessions.last_visit(session, present) == NOW + timedelta(hours=3)
        assert sessions.last_visit(session, other) == NOW + timedelta(hours=20)
