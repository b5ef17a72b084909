"""The pages of relays: for admins, in plain words, and with no password on any of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.pool import QueuePool

from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.models import Power, Relay, RelayUse
from mailer.security.vault import Vault
from tests.factories import Cast
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn

PAGE = "/settings/relays"
FORM = {
    "name": "Provider",
    "host": "smtp.provider.example",
    "port": "587",
    "tls": "starttls",
    "verify": "yes",
    "username": "network",
    "password": "open sesame",
    "per_second": "50",
    "connections": "250",
}


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Power.ADMIN)


def relay(mailer: Mailer, name: str = "Provider") -> Relay:
    with mailer.database.reading() as session:
        return session.scalars(select(Relay).where(Relay.name == name)).one()


def acts_on_relays(mailer: Mailer) -> list[str]:
    found = select(AuditEntry.act).where(AuditEntry.act.startswith("relay")).order_by(AuditEntry.id)
    with mailer.database.reading() as session:
        return list(session.scalars(found))


def test_an_admin_adds_a_relay_and_switches_it_on(admin: Browser, mailer: Mailer) -> None:
    before = visible_text(admin.get("/"))

    made = visible_text(admin.submit(f"{PAGE}/new", FORM))
    kept = relay(mailer)
    still = visible_text(admin.get("/"))
    on = visible_text(admin.submit(PAGE, to=f"{PAGE}/{kept.id}/on"))

    assert "Provider is kept, and it is off." in made
    assert "50 messages a second" in made
    assert Vault(mailer.settings.secret).open(kept.sealed_password or "") == "open sesame"
    assert "Mail is being caught here" in before
    assert "Mail is being caught here" in still
    assert "Mail is being caught here" not in on
    assert "Stands aside" in on


def test_bad_input_has_a_sentence_a_field_and_loses_nothing(admin: Browser) -> None:
    wrong = {**FORM, "port": "0", "per_second": "fast", "host": "two words", "tls": "none"}

    answer = admin.submit(f"{PAGE}/new", wrong)

    assert answer.status_code == 422
    for sentence in ("A port is a number", "Write a speed above 0", "Write the relay’s host name"):
        assert sentence in visible_text(answer)
    for typed in ('value="Provider"', 'value="fast"', 'value="two words"', 'value="none" selected'):
        assert typed in answer.text
    assert "open sesame" not in answer.text


def test_a_password_is_kept_when_left_empty_and_never_shown(admin: Browser, mailer: Mailer) -> None:
    admin.submit(f"{PAGE}/new", FORM)
    made = relay(mailer)
    form = admin.get(f"{PAGE}/{made.id}").text

    saved = admin.submit(f"{PAGE}/{made.id}", {**FORM, "password": "", "per_second": ""})
    elsewhere = admin.submit(f"{PAGE}/{made.id}", {**FORM, "password": "", "host": "e.example"})

    assert "open sesame" not in form + saved.text
    assert "as fast as it goes" in visible_text(saved)
    assert relay(mailer).sealed_password == made.sealed_password
    assert "The host has changed: write the password again." in visible_text(elsewhere)


def test_the_order_and_the_end_of_a_relay(admin: Browser, mailer: Mailer) -> None:
    admin.submit(f"{PAGE}/new", FORM)
    number = relay(mailer).id

    up = visible_text(admin.submit(PAGE, to=f"{PAGE}/{number}/up"))
    gone = visible_text(admin.submit(f"{PAGE}/{number}", to=f"{PAGE}/{number}/remove"))

    assert "1. Provider" in up
    assert "Provider is removed." in gone
    assert acts_on_relays(mailer) == ["relay added", "relay moved", "relay removed"]


def test_the_fault_of_a_relay_is_shown(admin: Browser, mailer: Mailer) -> None:
    admin.submit(f"{PAGE}/new", FORM)
    number = relay(mailer).id
    admin.submit(PAGE, to=f"{PAGE}/{number}/on")
    with mailer.database.writing() as session:
        now = mailer.clock()
        circuit_breaker.failed(
            session, number, "It did not accept the user.", refused=True, now=now
        )
        pacing.slow_down(session, number, going=50, now=now)

    resting = visible_text(admin.get(PAGE))
    with mailer.database.writing() as session:
        session.get_one(Relay, number).try_again_at = mailer.clock() - timedelta(seconds=1)
    trying = visible_text(admin.get(PAGE))

    assert "Left alone until" in resting
    assert "It did not accept the user." in resting
    assert "about 35, because the relay asked for less" in resting
    assert "Being tried again" in trying


def test_the_relay_of_the_environment_shows_no_address_to_change(admin: Browser) -> None:
    form = admin.get(f"{PAGE}/1").text

    assert 'name="per_second"' in form
    assert 'name="host"' not in form
    assert "Remove" not in form


def test_looking_changes_nothing(admin: Browser, mailer: Mailer) -> None:
    for path in (PAGE, f"{PAGE}/new", f"{PAGE}/1", f"{PAGE}/1/test"):
        assert admin.get(path).status_code == 200
    for path in ("1/on", "1/up", "1/remove"):
        assert admin.get(f"{PAGE}/{path}").status_code == 405

    assert acts_on_relays(mailer) == []


def test_an_editor_may_not_look(sign_in: SignIn) -> None:
    assert sign_in(Power.EDITOR).get(PAGE).status_code == 403


@contextmanager
def result_of(admin: Browser, mailer: Mailer, script: Script) -> Iterator[tuple[str, FaultServer]]:
    """The page of a test of a relay that behaves like this, with the offered address and sender."""
    with FaultServer(script) as server:
        form = {"name": "Fake", "host": "127.0.0.1", "port": str(server.port), "tls": "none"}
        admin.submit(f"{PAGE}/new", {**form, "connections": "1", "per_day": "9"})
        page = f"{PAGE}/{relay(mailer, 'Fake').id}/test"
        assert 'value="admin@network.example"' in admin.get(page).text
        yield visible_text(admin.submit(page, {"to": "admin@network.example"})), server


def test_a_test_mail_gets_to_the_relay(admin: Browser, mailer: Mailer, cast: Cast) -> None:
    script = Script(greeting="220 fake <b>ready</b>", on_content=lambda to: "250 queued as A1B2")
    with result_of(admin, mailer, script) as (page, server):
        (kept,) = server.kept

    assert "The relay took it: 250 queued as A1B2" in page
    assert "220 fake <b>ready</b>" in page
    assert "PIPELINING" in page
    assert kept.recipient == "admin@network.example"
    assert kept.return_path.startswith("n+")
    assert b"update@network.example" in kept.content


def test_a_test_counts_against_the_limits_and_ends_a_rest(
    admin: Browser, mailer: Mailer, cast: Cast
) -> None:
    def fail(path: str) -> str:
        with mailer.database.writing() as session:
            number = session.scalars(select(Relay.id).where(Relay.name == "Fake")).one()
            circuit_breaker.failed(session, number, "Away.", refused=False, now=mailer.clock())
        return "250 2.1.0 ok"

    with result_of(admin, mailer, Script(on_mail=fail)):
        number = relay(mailer, "Fake").id
    with FaultServer() as server:
        failing = relay(mailer, "Fake").failures
        with mailer.database.writing() as session:
            session.get_one(Relay, number).port = server.port
        admin.submit(f"{PAGE}/{number}/test", {"to": "admin@network.example"})

    assert (failing, relay(mailer, "Fake").failures) == (1, 0)
    with mailer.database.reading() as session:
        assert sum(session.scalars(select(RelayUse.number))) == 2


def test_no_transaction_is_open_while_the_relay_is_talked_to(
    admin: Browser, mailer: Mailer, cast: Cast
) -> None:
    held: list[int] = []

    def look(path: str) -> str:
        pool = mailer.database.engine.pool
        assert isinstance(pool, QueuePool)
        held.append(pool.checkedout())
        return "250 2.1.0 ok"

    with result_of(admin, mailer, Script(on_mail=look)):
        assert held == [0]


def test_a_refused_sender_is_shown(admin: Browser, mailer: Mailer, cast: Cast) -> None:
    with result_of(admin, mailer, Script(on_mail=lambda path: "550 5.7.1 no")) as (page, _):
        assert "refused at the sender’s address: 550 5.7.1 no" in page


def test_an_unreachable_relay_is_shown(admin: Browser, mailer: Mailer, cast: Cast) -> None:
    with FaultServer() as server:
        pass
    form = {**FORM, "host": "127.0.0.1", "port": str(server.port), "username": "", "password": ""}
    admin.submit(f"{PAGE}/new", form)

    page = visible_text(admin.submit(f"{PAGE}/{relay(mailer).id}/test", {"to": ""}))

    assert "It does not work." in page
    assert "cannot be reached" in page
    assert "Look at the host and the port" in page


def test_a_test_needs_an_address_that_is_one(admin: Browser, cast: Cast) -> None:
    answer = admin.submit(f"{PAGE}/1/test", {"to": "nobody"})

    assert answer.status_code == 422
    assert 'value="nobody"' in answer.text
