"""``flask relays``: the same acts as on the page, and no password on any output."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from app import create_app
from contacts.actors import COMMAND
from contacts.database import Database
from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.models import Relay
from mailer.security.vault import Vault
from tests.factories import a_mailer, a_newsletter
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer

Run = Callable[..., Result]


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    made = a_mailer(database, tmp_path)
    with database.writing() as session:
        a_newsletter(session)
    return made


@pytest.fixture
def run(mailer: Mailer) -> Run:
    app = create_app(mailer)

    def call(*arguments: str, typed: str | None = None) -> Result:
        return app.test_cli_runner().invoke(args=["relays", *arguments], input=typed)

    return call


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def password(mailer: Mailer, relay_id: int) -> str:
    with mailer.database.reading() as session:
        sealed = session.get_one(Relay, relay_id).sealed_password
    return Vault(mailer.settings.secret).open(sealed or "")


def test_a_relay_from_its_beginning_to_its_end(mailer: Mailer, run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("from a file\n")

    made = answer(
        run(
            *("add", "--name", "Provider", "--host", "smtp.provider.example", "--user", "u"),
            *("--password-file", str(secret), "--speed", "20", "--json"),
        )
    )
    number = str(made["id"])
    faster = answer(run("speed", number, "50", "--json"))
    free = answer(run("speed", number, "none", "--json"))
    edited = answer(run("edit", number, "--per-day", "50,000", "--on", "--position", "1", "--json"))
    listed = answer(run("list", "--json"))["relays"]
    removed = answer(run("remove", number, "--json"))

    assert (made["on"], made["state"], made["port"], made["tls"]) == (False, "off", 587, "starttls")
    assert (made["per_second"], faster["per_second"], free["per_second"]) == (20, 50, None)
    assert (edited["per_day"], edited["on"], edited["position"]) == (50_000, True, 0)
    assert [(each["name"], each["state"]) for each in listed] == [
        ("Provider", "works"),
        ("SMTP_URL", "aside"),
    ]
    assert removed == {"id": made["id"], "removed": True}
    with mailer.database.reading() as session:
        assert {entry.actor for entry in session.scalars(select(AuditEntry))} == {COMMAND}


def test_a_password_is_asked_for_hidden(mailer: Mailer, run: Run) -> None:
    asked = run(
        *("add", "--name", "P", "--host", "p.example", "--user", "u", "--ask-password", "--json"),
        typed="hidden secret\n",
    )

    made = json.loads(asked.stdout)
    assert "hidden secret" not in asked.output
    assert password(mailer, made["id"]) == "hidden secret"


def test_faults_are_sentences(run: Run) -> None:
    for arguments, text in (
        (("add", "--name", "P", "--host", "p.example", "--port", "0"), "A port is a number"),
        (("add", "--name", "P", "--host", "p.example", "--user", "u"), "Write the password that"),
        (("speed", "1", "0"), "above 0"),
        (("speed", "1", ""), "'none'"),
        (("speed", "99", "5"), "no such relay"),
        (("remove", "1"), "SMTP_URL"),
        (("test", "1", "--to", "nobody"), "address"),
    ):
        result = run(*arguments)

        assert result.exit_code == 1, arguments
        assert text in result.output


def added(run: Run, server: FaultServer) -> str:
    made = answer(
        run(
            "add",
            "--name",
            "P",
            "--host",
            "127.0.0.1",
            "--port",
            str(server.port),
            "--tls",
            "none",
            "--json",
        )
    )
    return str(made["id"])


def test_a_relay_is_tested_with_a_mail(run: Run) -> None:
    with FaultServer() as server:
        tested = run("test", added(run, server), "--to", "vera@network.example", "--json")

    facts = answer(tested)
    assert (facts["works"], facts["mail"]["fate"]) == (True, "accepted")
    assert [kept.recipient for kept in server.kept] == ["vera@network.example"]


def test_a_relay_that_refuses_ends_with_status_1(run: Run) -> None:
    with FaultServer(Script(on_mail=lambda path: "550 5.7.1 not you")) as server:
        tested = run("test", added(run, server), "--to", "vera@network.example")

    assert tested.exit_code == 1
    assert "refused at the sender’s address: 550 5.7.1 not you" in tested.output
