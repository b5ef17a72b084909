"""Setting relays: the order, the speed, what failed; each act is written down."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.domains import standing
from mailer.domains.routes import in_use, is_caught
from mailer.errors import FormError, NotAllowed, NotFound
from mailer.models import DomainCheck, Relay
from mailer.relays import registry
from mailer.relays.form import RelayDetails
from mailer.relays.registry import State
from mailer.security.vault import Vault
from tests.factories import NOW, a_mailer

A = RelayDetails(
    name="Provider", host="smtp.provider.example", port="587", username="user", password="secret"
)
B = RelayDetails(name="Spare", host="spare.example", port="25", tls="opportunistic")
VAULT = Vault(b"a secret for tests, and long enough")
BY: dict[str, Any] = {"actor": "operator 1", "now": NOW}


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def add(session: Session, details: RelayDetails) -> Relay:
    return registry.add(session, details, vault=VAULT, **BY)


def names(session: Session, mailer: Mailer) -> list[str]:
    return [each.relay.name for each in registry.listing(session, mailer.settings, now=NOW)]


def state(session: Session, mailer: Mailer, relay_id: int) -> State:
    return registry.listed(session, relay_id, mailer.settings, now=NOW).state


def acts(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(str(row.actor), row.act, str(row.subject)) for row in rows]


def test_a_relay_is_added_at_the_end_and_off(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, A)

        assert (made.enabled, made.port, made.sealed_password != "secret") == (False, 587, True)
        assert VAULT.open(made.sealed_password or "") == "secret"
        assert names(session, mailer) == ["SMTP_URL", "Provider"]
        assert state(session, mailer, made.id) is State.OFF
        assert is_caught(session, mailer.settings)
        assert acts(session) == [("operator 1", "relay added", f"relay {made.id}")]


def test_no_secret_is_in_the_audit_log(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, A)
        changed = replace(A, host="other.example", password="another secret")
        registry.edit(session, made.id, changed, vault=VAULT, **BY)
        session.flush()

        trouble = str([row.detail for row in session.scalars(select(AuditEntry))])
        shown = str(registry.listed(session, made.id, mailer.settings, now=NOW).to_json())

    assert "secret" not in trouble + shown
    assert str(made.sealed_password) not in trouble + shown
    assert "other.example" in trouble
    assert "'password': ['', 'changed']" in trouble


def test_invalid_details_change_nothing(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, A)

        with pytest.raises(FormError) as caught:
            registry.edit(
                session,
                made.id,
                replace(A, port="0", per_second="none"),
                vault=VAULT,
                **BY,
            )

        assert [field for field, _ in caught.value.problems] == ["port", "per_second"]
        assert (made.port, made.per_second) == (587, None)


def test_the_order_is_changed_a_place_at_a_time(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        first, second = add(session, A), add(session, B)

        for _ in range(3):  # at the top it stays
            registry.move(session, second.id, up=True, **BY)
        risen = names(session, mailer)
        registry.move(session, second.id, up=False, **BY)
        registry.place(session, first.id, 0, **BY)

        assert risen == ["Spare", "SMTP_URL", "Provider"]
        assert names(session, mailer) == ["Provider", "SMTP_URL", "Spare"]
        assert [act for _, act, _ in acts(session)].count("relay moved") == 4


def test_mail_is_caught_only_while_no_other_relay_is_on(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, B)
        catcher = registry.listing(session, mailer.settings, now=NOW)[0].relay

        registry.switch(session, made.id, on=True, settings=mailer.settings, **BY)

        assert not is_caught(session, mailer.settings)
        assert in_use(session, catching=True) == [made]
        assert state(session, mailer, catcher.id) is State.ASIDE

        registry.switch(session, made.id, on=False, settings=mailer.settings, **BY)

        assert is_caught(session, mailer.settings)
        with pytest.raises(NotAllowed, match="steps aside by itself"):
            registry.switch(session, catcher.id, on=False, settings=mailer.settings, **BY)


def test_mail_is_not_caught_where_smtp_url_is_set(database: Database, tmp_path: Path) -> None:
    settings = a_mailer(database, tmp_path, smtp_url="smtp://relay.example").settings

    with database.writing() as session:
        own = registry.listing(session, settings, now=NOW)[0]
        registry.switch(session, own.relay.id, on=False, settings=settings, **BY)

        assert own.host == "relay.example"
        assert not is_caught(session, settings)


def test_only_the_pace_of_the_environments_relay_can_be_set(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        own = registry.listing(session, mailer.settings, now=NOW)[0].relay
        wanted = RelayDetails(
            name="Ours", host="evil.example", port="99", per_second="5", per_day="100"
        )

        registry.edit(session, own.id, wanted, vault=VAULT, **BY)

        assert (own.name, own.per_second, own.per_day) == ("Ours", 5.0, 100)
        assert (own.host, own.port, own.username, own.sealed_password) == ("", 25, None, None)
        with pytest.raises(NotAllowed, match="comes from SMTP_URL"):
            registry.remove(session, own.id, **BY)


def test_a_failure_is_shown_and_cleared_by_another_address(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, A)
        registry.switch(session, made.id, on=True, settings=mailer.settings, **BY)
        circuit_breaker.failed(session, made.id, "It is away.", refused=True, now=NOW)
        resting = registry.listed(session, made.id, mailer.settings, now=NOW)
        trouble = resting.to_json()["trouble"]

        renamed = replace(A, name="Renamed", password="")
        registry.edit(session, made.id, renamed, vault=VAULT, **BY)
        assert made.failures == 1  # the name is not what was wrong
        registry.edit(session, made.id, replace(A, port="465", tls="implicit"), vault=VAULT, **BY)

    assert (resting.state, trouble) == (State.RESTS, "It is away.")
    assert (made.failures, made.refused, made.trouble, made.try_again_at) == (0, False, None, None)


def test_a_password_sealed_under_another_key_is_shown(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = registry.add(session, A, vault=Vault(b"another secret"), **BY)
        registry.switch(session, made.id, on=True, settings=mailer.settings, **BY)

        assert state(session, mailer, made.id) is State.LOCKED


def test_a_set_speed_counts_at_once(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, replace(B, per_second="100"))
        pacing.slow_down(session, made.id, going=100, now=NOW)
        slowed = registry.listed(session, made.id, mailer.settings, now=NOW)
        made.free_at = NOW + timedelta(seconds=20)

        registry.set_speed(session, made.id, "50", **BY)

        assert slowed.asked_for == pytest.approx(70)
        assert [made.per_second, made.speed(NOW), made.free_at] == [50, 50, None]
        registry.set_speed(session, made.id, "", **BY)
        assert made.per_second is None
        with pytest.raises(FormError, match="above 0"):
            registry.set_speed(session, made.id, "-1", **BY)


def test_a_removed_relays_number_is_not_given_again(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, A)
        number = made.id
        registry.remove(session, number, **BY)
        session.flush()

        again = add(session, A)

        assert again.id == number + 1
        with pytest.raises(NotFound):
            registry.find(session, number)


def test_a_change_of_relays_drops_the_checks_of_domains(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        made = add(session, B)
        check = DomainCheck(domain="network.example", checked_at=NOW, aligned=True, findings=[])
        session.add(check)
        session.flush()

        registry.set_speed(session, made.id, "50", **BY)
        still_known = standing.latest(session, "network.example")
        registry.switch(session, made.id, on=True, settings=mailer.settings, **BY)

        assert still_known is not None
        assert standing.latest(session, "network.example") is None
