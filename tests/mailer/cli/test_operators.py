"""``flask operators``: who is let in, and who no more, on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from app import create_app
from contacts.database import Database
from mailer.models import SystemMail
from tests.factories import a_mailer, a_newsletter

Run = Callable[..., Result]
ANN, BEN = "ann@network.example", "ben@network.example"


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    app = create_app(a_mailer(database, tmp_path))

    def call(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=["operators", *arguments])

    return call


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_operators_are_made_listed_linked_and_removed(run: Run) -> None:
    made = answer(run("create", ANN, "--role", "admin", "--name", "Ann", "--json"))
    answer(run("create", BEN, "--role", "admin", "--json"))
    linked = answer(run("link", ANN, "--json"))
    gone = answer(run("remove", ANN, "--json"))
    listed = answer(run("list", "--json"))["operators"]

    assert linked["id"] == made["id"]
    assert linked["link"] != made["link"]
    assert linked["link"].startswith("https://news.network.example/login/")
    assert gone == {"id": made["id"], "email": ANN, "sessions": 0, "links": 1, "tokens": 0}
    assert [(each["email"], each["role"], each["active"]) for each in listed] == [
        (BEN, "admin", True),
        (ANN, None, False),
    ]
    assert f"{ANN}  Ann  removed" in run("list").output


def test_a_link_is_mailed_and_not_printed(run: Run, database: Database) -> None:
    run("create", ANN, "--role", "admin")
    too_early = run("link", ANN, "--mail")
    with database.writing() as session:
        a_newsletter(session)
    mailed = run("link", ANN, "--mail")

    with database.reading() as session:
        mail = session.scalars(select(SystemMail)).one()
    assert "There is no newsletter yet" in too_early.output
    assert (mail.to_address, mail.template) == (ANN, "sign_in_asked")
    assert "/login/" in mail.button_url
    assert "/login/" not in mailed.output


def test_the_last_admin_and_somebody_unknown_are_a_sentence(run: Run) -> None:
    run("create", ANN, "--role", "admin")

    last, unknown = run("remove", ANN), run("link", "nobody@network.example")

    assert (last.exit_code, unknown.exit_code) == (1, 1)
    assert "ann@network.example is the last admin: make another one first" in last.output
    assert "There is no operator with the address nobody@network.example." in unknown.output
