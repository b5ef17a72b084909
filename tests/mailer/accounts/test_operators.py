"""Operators are made, changed and removed, on both databases; nothing of theirs outlives them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import COMMAND, Actor, Subject
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.accounts import api_tokens, naming, operators, sessions, sign_in_links
from mailer.errors import NotAllowed, NotFound
from mailer.models import Operator, Power
from tests.factories import NOW

ANN, BEN = "ann@network.example", "ben@network.example"


def make(session: Session, email: str, power: Power = Power.ADMIN, name: str = "") -> Operator:
    return operators.create(session, email=email, name=name, power=power, actor=COMMAND, now=NOW)


def acts(session: Session, email: str) -> list[tuple[str, dict[str, Any]]]:
    operator = session.scalars(select(Operator).where(Operator.email == email)).one()
    lines = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == Subject("operator", operator.id))
        .order_by(AuditEntry.id)
    ).all()
    assert {line.actor for line in lines} == {COMMAND}
    return [(line.act, line.detail) for line in lines]


@pytest.fixture
def ways_in(database: Database) -> dict[str, str]:
    """Ann and Ben are admins; a session, an unused link and a token of Ann's."""
    with database.writing() as session:
        make(session, BEN)
        ann = make(session, ANN, name="Ann")
        ann.password = "a hash"
        session.flush()
        return {
            "session": sessions.begin(session, ann.id, by_link=True, device="Firefox", now=NOW),
            "link": sign_in_links.make(session, ann, actor=COMMAND, now=NOW),
            "token": api_tokens.make(session, ANN, name="job", actor=COMMAND, now=NOW)[1],
        }


def open_ways(database: Database, ways_in: dict[str, str]) -> set[str]:
    with database.reading() as session:
        tried = {
            "session": sessions.find(session, ways_in["session"], now=NOW),
            "link": sign_in_links.is_good(session, ways_in["link"], now=NOW),
            "token": api_tokens.caller_of(session, ways_in["token"]),
        }
    return {way for way, good in tried.items() if good}


def test_whoever_is_removed_is_out_by_every_way_at_once(
    database: Database, ways_in: dict[str, str]
) -> None:
    before = open_ways(database, ways_in)
    with database.writing() as session:
        _, ended = operators.remove(session, ANN, actor=COMMAND, now=NOW)

    assert before == {"session", "link", "token"}
    assert open_ways(database, ways_in) == set()
    assert ended == operators.Ended(sessions=1, links=1, tokens=1)
    with database.reading() as session:
        ann = session.scalars(select(Operator).where(Operator.email == ANN)).one()
        by_ann = Actor.operator(ann.id)
        assert (ann.active, ann.password, ann.roles) == (False, None, [])
        assert naming.name_of(session, by_ann) == "Ann"
        assert acts(session, ANN)[-1] == (
            "operator removed",
            {"sessions": 1, "links": 1, "tokens": 1},
        )


def test_whoever_is_let_in_again_comes_by_nothing_old(
    database: Database, ways_in: dict[str, str]
) -> None:
    with database.writing() as session:
        operators.remove(session, ANN, actor=COMMAND, now=NOW)
    with database.writing() as session:
        again = make(session, ANN, Power.VIEWER)

    assert open_ways(database, ways_in) == set()
    assert (again.active, again.password, again.name) == (True, None, "Ann")
    assert [role.name for role in again.roles] == [Power.VIEWER]
    with database.reading() as session:
        assert acts(session, ANN)[-1] == ("operator let in again", {"role": "viewer"})


def test_whoever_was_made_inactive_by_hand_comes_by_nothing_old_either(
    database: Database, ways_in: dict[str, str]
) -> None:
    with database.writing() as session:
        session.scalars(select(Operator).where(Operator.email == ANN)).one().active = False
    closed = open_ways(database, ways_in)
    with database.writing() as session:
        make(session, ANN)

    assert closed == open_ways(database, ways_in) == set()


def test_the_last_admin_can_neither_be_removed_nor_made_less(database: Database) -> None:
    with database.writing() as session:
        make(session, ANN)
        make(session, BEN, Power.EDITOR)

    with database.writing() as session, pytest.raises(NotAllowed, match="is the last admin"):
        operators.remove(session, ANN, actor=COMMAND, now=NOW)
    with database.writing() as session, pytest.raises(NotAllowed, match="is the last admin"):
        make(session, ANN, Power.VIEWER)

    with database.writing() as session:
        make(session, BEN, Power.ADMIN)
        operators.remove(session, ANN, actor=COMMAND, now=NOW)
    with database.writing() as session, pytest.raises(NotAllowed, match="is the last admin"):
        operators.remove(session, BEN, actor=COMMAND, now=NOW)


@pytest.mark.parametrize("act", ["removed", "made less"])
def test_of_two_last_admins_who_go_at_once_one_stays(database: Database, act: str) -> None:
    with database.writing() as session:
        make(session, ANN)
        make(session, BEN)

    def ben_goes() -> None:
        with database.writing() as session:
            if act == "removed":
                operators.remove(session, BEN, actor=COMMAND, now=NOW)
            else:
                make(session, BEN, Power.EDITOR)

    with ThreadPoolExecutor(1) as other:
        with database.writing() as session:
            if act == "removed":
                operators.remove(session, ANN, actor=COMMAND, now=NOW)
            else:
                make(session, ANN, Power.EDITOR)
            at_once = other.submit(ben_goes)
            sleep(0.2)  # the other transaction has begun, and waits
        with pytest.raises(NotAllowed, match="is the last admin"):
            at_once.result(timeout=10)


def test_somebody_removed_is_not_found_and_gets_neither_link_nor_token(
    database: Database, ways_in: dict[str, str]
) -> None:
    with database.writing() as session:
        ann, _ = operators.remove(session, ANN, actor=COMMAND, now=NOW)

    with database.writing() as session:
        with pytest.raises(NotFound):
            operators.remove(session, ANN, actor=COMMAND, now=NOW)
        with pytest.raises(NotFound):
            operators.find(session, ANN)
        with pytest.raises(NotFound):
            api_tokens.make(session, ANN, name="job", actor=COMMAND, now=NOW)
        with pytest.raises(NotAllowed):
            sign_in_links.make(session, ann, actor=COMMAND, now=NOW)


def test_a_new_link_ends_those_that_were_not_used(
    database: Database, ways_in: dict[str, str]
) -> None:
    with database.writing() as session:
        ann, ben = operators.find(session, ANN), operators.find(session, BEN)
        of_ben = sign_in_links.make(session, ben, actor=COMMAND, now=NOW)
        new = sign_in_links.make(session, ann, actor=COMMAND, now=NOW)

    with database.writing() as session:
        assert sign_in_links.use(session, ways_in["link"], now=NOW) is None
        assert sign_in_links.is_good(session, of_ben, now=NOW)
        assert sign_in_links.use(session, new, now=NOW + timedelta(hours=23)) == ann.id
        assert sign_in_links.use(session, new, now=NOW + timedelta(hours=23)) is None


def test_making_changing_and_linking_are_in_the_audit(database: Database) -> None:
    with database.writing() as session:
        make(session, BEN)
    for power in (Power.EDITOR, Power.EDITOR, Power.ADMIN):
        with database.writing() as session:
            ann = make(session, ANN, power)
    with database.writing() as session:
        sign_in_links.make(session, ann, actor=COMMAND, now=NOW)

    with database.reading() as session:
        assert acts(session, ANN) == [
            ("operator made", {"role": "editor"}),
            ("role changed", {"role": "admin"}),
            ("sign-in link made", {}),
        ]
