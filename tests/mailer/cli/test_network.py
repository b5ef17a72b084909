"""``flask network`` and ``flask newsletters``: the same use cases as the pages, both databases."""

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
from tests.factories import a_mailer

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    app = create_app(a_mailer(database, tmp_path))

    def call(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=[*arguments])

    return call


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_the_network_is_set_option_by_option_and_shown(run: Run, database: Database) -> None:
    nobody = run("network", "set")
    run("network", "set", "--name", "Commons", "--postal-address", "1 Commons Row")
    run(
        "network",
        "set",
        "--language",
        "cy",
        "--language",
        "en-GB",
        "--privacy-notice",
        "https://n.example/p",
    )
    shown = answer(run("network", "set", "--json"))

    assert "The network has no name yet." in nobody.output
    assert shown == {
        "name": "Commons",
        "postal_address": "1 Commons Row",
        "time_zone": "Europe/London",
        "languages": ["cy", "en-GB"],
        "privacy_notice": "https://n.example/p",
        "nation": "england-and-wales",
    }
    with database.reading() as session:
        assert {each.actor for each in session.scalars(select(AuditEntry))} == {COMMAND}


def test_what_cannot_be_kept_is_a_sentence(run: Run) -> None:
    bad = run("network", "set", "--name", "Commons", "--time-zone", "Mars")

    assert bad.exit_code == 1
    assert "Write a postal address" in bad.output
    assert "Choose a time zone of the list." in bad.output


def test_newsletters_are_made_listed_edited_and_moved(run: Run) -> None:
    for slug in ("update", "events"):
        answer(
            run(
                "newsletters", "create", slug, "--name", slug, "--from", "N <n@n.example>", "--json"
            )
        )
    run(
        "newsletters",
        "edit",
        "events",
        "--from",
        "Events <e@n.example>",
        "--reply-to",
        "r@n.example",
    )
    moved = answer(run("newsletters", "move", "events", "up", "--json"))
    listed = answer(run("newsletters", "list", "--json"))["newsletters"]
    refused = run("newsletters", "edit", "events", "--reply-to", "nobody")

    assert moved == {"order": ["events", "update"]}
    assert [(each["slug"], each["from"]) for each in listed] == [
        ("events", "Events <e@n.example>"),
        ("update", "N <n@n.example>"),
    ]
    assert refused.exit_code == 1
    assert "there is no @ in it" in refused.output


def test_pre_election_periods_are_added_listed_and_removed(run: Run) -> None:
    added = answer(
        run("network", "add-period", "2027-03-18", "2027-05-06", "6 member areas", "--json")
    )
    listed = run("network", "periods").output
    refused = run("network", "add-period", "2027-05-06", "2027-03-18", "Aldmor")
    run("network", "remove-period", str(added["id"]))

    assert added["first_day"] == "2027-03-18"
    assert f"{added['id']}: 2027-03-18 to 2027-05-06, 6 member areas" in listed
    assert refused.exit_code == 1
    assert "Choose a last day that is not before the first." in refused.output
    assert answer(run("network", "periods", "--json")) == {"periods": []}
