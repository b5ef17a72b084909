"""Tokens of programs, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.accounts import api_tokens, operators
from mailer.errors import FormError, NotFound
from mailer.models import ApiToken, Operator, Power
from tests.factories import NOW, TESTER

EMAIL = "ann@network.example"


@pytest.fixture
def token(database: Database) -> str:
    """The text of an editor's token."""
    with database.writing() as session:
        operators.create(
            session, email=EMAIL, name="Ann", power=Power.EDITOR, actor=TESTER, now=NOW
        )
        return api_tokens.make(session, EMAIL, name="  night  job ", actor=TESTER, now=NOW)[1]


def only(session: Session) -> ApiToken:
    return session.scalars(select(ApiToken)).one()


def test_a_token_names_its_operator_and_has_their_power(database: Database, token: str) -> None:
    with database.reading() as session:
        caller = api_tokens.caller_of(session, token)

    assert caller
    assert (caller.operator_name, caller.power) == ("Ann", Power.EDITOR)
    assert [caller.may(power) for power in Power] == [True, True, True, False, False]
    assert caller.actor == Actor.operator(caller.operator_id, token_id=caller.token_id)


def test_a_token_loses_power_with_its_operator(database: Database, token: str) -> None:
    with database.writing() as session:
        session.scalars(select(Operator)).one().roles = []
    with database.reading() as session:
        caller = api_tokens.caller_of(session, token)

    assert caller
    assert not caller.may(Power.VIEWER)


def test_only_a_digest_is_kept(database: Database, token: str) -> None:
    with database.reading() as session:
        kept = only(session)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "token made")).one()

    secret = token.split("_", 2)[2]
    assert len(secret) == 43
    assert secret not in f"{kept.digest} {kept.name} {entry.detail}"
    assert (kept.name, kept.last_used_on, kept.revoked_at) == ("night job", None, None)


@pytest.mark.parametrize("change", ["last", "number", "prefix", "longer", "empty"])
def test_another_token_is_nobodys(database: Database, token: str, change: str) -> None:
    prefix, number, secret = token.split("_", 2)
    wrong = {
        "last": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "number": f"{prefix}_{int(number) + 1}_{secret}",
        "prefix": f"circle_{number}_{secret}",
        "longer": token + "A",
        "empty": "",
    }[change]

    with database.reading() as session:
        assert api_tokens.caller_of(session, wrong) is None


def test_a_revoked_token_is_refused_and_keeps_its_first_time_of_revocation(
    database: Database, token: str
) -> None:
    for hours in (1, 2):
        with database.writing() as session:
            at = NOW + timedelta(hours=hours)
            api_tokens.revoke(session, only(session).id, actor=TESTER, now=at)

    with database.reading() as session:
        assert api_tokens.caller_of(session, token) is None
        assert only(session).revoked_at == NOW + timedelta(hours=1)
        assert api_tokens.listing(session) == []
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["operator made", "token made", "token revoked"]


def test_nobody_revokes_the_token_of_another(database: Database, token: str) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        api_tokens.revoke(session, only(session).id, actor=TESTER, of=99, now=NOW)


def test_the_day_of_its_last_use_only_moves_on(database: Database, token: str) -> None:
    for days in (0, 2, 1):
        with database.writing() as session:
            api_tokens.note_use(session, only(session).id, now=NOW + timedelta(days=days))

    with database.reading() as session:
        assert only(session).last_used_on == (NOW + timedelta(days=2)).date()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_token_says_what_it_is_for(database: Database, token: str, name: str) -> None:
    with database.writing() as session, pytest.raises(FormError):
        api_tokens.make(session, EMAIL, name=name, actor=TESTER, now=NOW)


def test_nobody_unknown_has_tokens(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        api_tokens.make(session, EMAIL, name="job", actor=TESTER, now=NOW)
