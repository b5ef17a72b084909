"""Limits of relays, set alone and together, on both databases."""

import pytest
from sqlalchemy import select

from contacts.actors import Actor, Subject
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.errors import FormError, NotFound
from mailer.models import Relay
from mailer.relays import registry
from mailer.security.vault import Vault
from tests.factories import NOW

VAULT = Vault(b"a secret for tests, and long enough")
ACTOR = Actor.operator(3, token_id=7)


def limit(database: Database, relay_id: int = 1, **limits: str) -> None:
    with database.writing() as session:
        registry.limit(session, relay_id, limits, vault=VAULT, actor=ACTOR, now=NOW)


def test_a_new_speed_forgets_what_was_about_the_old_one(database: Database) -> None:
    with database.writing() as session:
        relay = session.get_one(Relay, 1)
        relay.per_hour, relay.slowed_to, relay.slowed_at, relay.free_at = 900, 2.0, NOW, NOW

    limit(database, per_second="50")

    with database.reading() as session:
        relay = session.get_one(Relay, 1)
        entry = session.scalars(select(AuditEntry)).one()
    assert (relay.per_second, relay.per_hour, relay.speed(NOW)) == (50.0, 900, 50.0)
    assert (relay.slowed_to, relay.free_at, relay.updated_at) == (None, None, NOW)
    assert (entry.actor, entry.subject) == (ACTOR, Subject("relay", 1))
    assert entry.detail["per_second"] == [None, 50]


def test_an_unchanged_limit_is_no_change(database: Database) -> None:
    with database.writing() as session:
        session.get_one(Relay, 1).slowed_to = 2.0

    limit(database, per_second="")

    with database.reading() as session:
        assert session.get_one(Relay, 1).slowed_to == 2.0
        assert session.scalars(select(AuditEntry)).all() == []


def test_one_bad_limit_keeps_all_of_them_out(database: Database) -> None:
    with pytest.raises(FormError) as refused:
        limit(database, per_second="5", per_day="0")

    assert [field for field, _ in refused.value.problems] == ["per_day"]
    with database.reading() as session:
        assert session.get_one(Relay, 1).per_second is None


def test_a_relay_nobody_has_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        limit(database, 9, per_second="5")
