"""The command line: one JSON document on standard output, a sentence and status 1 on failure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from app import create_app
from contacts.database import Database
from contacts.models import Newsletter
from mailer import migrations
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from tests.factories import a_campaign, a_cast, a_document, a_mailer

Run = Callable[..., Result]


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


@pytest.fixture
def run(mailer: Mailer) -> Run:
    app = create_app(mailer)

    def call(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=list(arguments))

    return call


def answer(result: Result) -> dict[str, Any]:
    """The one JSON document on standard output."""
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def a_file(folder: Path, document: object) -> str:
    path = folder / "document.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_a_test_of_an_issue_waits_to_be_sent(mailer: Mailer, run: Run) -> None:
    with mailer.database.writing() as session:
        issue = str(a_campaign(session, a_cast(session).newsletter).id)
    to = [*("--to", "a@a.example"), *("--to", "b@a.example")]

    made = answer(run("campaigns", "test", issue, *to, "--as", "full", "--json"))
    refused = run("campaigns", "test", issue, "--to", "nonsense")

    assert made == {"version": 1, "mails": 2}
    assert (refused.exit_code, "“nonsense”: Not an e-mail address" in refused.output) == (1, True)


def test_an_issue_is_submitted_approved_and_held(mailer: Mailer, run: Run) -> None:
    with mailer.database.writing() as session:
        issue = str(a_campaign(session, a_cast(session).newsletter).id)

    waiting = answer(run("campaigns", "submit", issue, "--json"))
    other = run("campaigns", "approve", issue, "--version", "2")
    approved = answer(run("campaigns", "approve", issue, "--version", "1", "--json"))
    again = run("campaigns", "approve", issue)
    held = answer(run("campaigns", "hold", issue, "--why", "A number is wrong.", "--json"))

    assert (waiting["status"], waiting["approved"], waiting["will"]) == ("waiting", False, 1)
    assert (other.exit_code, "version 1 needs approving" in other.output) == (1, True)
    assert (approved["approved"], approved["approved_by"]) == (True, "the command line")
    assert "the command line approved version 1 already" in again.output
    assert held["status"] == "held"


def test_a_test_group_and_an_archive_are_set_for_a_newsletter(mailer: Mailer, run: Run) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    group = "A@a.example; b@a.example"

    run("newsletters", "edit", "members-update", "--test-group", group, "--archive")
    eleven = ",".join(f"p{place}@a.example" for place in range(11))
    refused = run("newsletters", "edit", "members-update", "--test-group", eleven)
    run("newsletters", "edit", "members-update", "--name", "News")

    assert "at most 10 addresses" in refused.output
    with mailer.database.reading() as session:
        kept = session.query(Newsletter).one()
        assert (kept.test_group, kept.archive_on) == ("A@a.example, b@a.example", True)
        assert kept.name == "News"


def test_a_newsletter_an_issue_and_its_accounting(mailer: Mailer, run: Run, tmp_path: Path) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    document = a_file(tmp_path, a_document())

    made = answer(
        run("newsletters", "create", "digest", "--name", "D", "--from", "D <d@d.example>", "--json")
    )
    issue = answer(
        run(
            *("campaigns", "create", "--newsletter", "members-update", "--subject", "News"),
            *("--document", document, "--json"),
        )
    )
    launched = answer(run("campaigns", "launch", str(issue["id"]), "--json"))
    paused = answer(run("campaigns", "pause", str(issue["id"]), "--json"))
    stopped = answer(run("campaigns", "stop", str(issue["id"]), "--json"))

    assert set(made) >= {"id"}
    assert launched == {
        "id": issue["id"],
        "status": "sending",
        "started_at": launched["started_at"],
        "finished_at": None,
        "audience": 3,
        "excluded": {"bounced": 1, "not_confirmed": 1},
        "deliveries": {"pending": 1},
        "balanced": True,
    }
    assert (paused["status"], stopped["status"]) == ("paused", "stopped")


def test_a_second_launch_is_refused_in_words(mailer: Mailer, run: Run, tmp_path: Path) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    document = a_file(tmp_path, a_document())
    create = ("campaigns", "create", "--newsletter", "members-update", "--subject", "News")
    issue = answer(run(*create, "--document", document, "--json"))["id"]
    run("campaigns", "launch", str(issue))

    again = run("campaigns", "launch", str(issue))

    assert again.exit_code == 1
    assert "never sent twice" in again.stderr


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "is not JSON"),
        ({"version": 2, "blocks": []}, "version"),
        ({"version": 1, "blocks": [{"type": "marquee"}]}, "marquee"),
        ({"version": 1, "blocks": [{"type": "text", "text": "Hi {{first_name}}"}]}, "fallback"),
        (
            {"version": 1, "blocks": [{"type": "button", "words": "x", "link": "javascript:1"}]},
            "https",
        ),
    ],
)
def test_a_document_that_cannot_be_sent_says_why(
    mailer: Mailer, run: Run, tmp_path: Path, document: object, text: str
) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    path = a_file(tmp_path, document)

    made = run(
        *("campaigns", "create", "--newsletter", "members-update", "--subject", "S"),
        *("--document", path),
    )
    launched = run("campaigns", "launch", "1")

    message = made.stderr if made.exit_code else launched.stderr
    assert (made.exit_code or launched.exit_code) == 1
    assert text in message
    assert "Traceback" not in message


def test_a_missing_record_is_named(run: Run) -> None:
    status = run("campaigns", "status", "99")
    newsletter = run(
        *("campaigns", "create", "--newsletter", "none", "--subject", "S"),
        *("--document", "pyproject.toml"),
    )

    assert (status.exit_code, newsletter.exit_code) == (1, 1)
    assert "There is no issue number 99" in status.stderr


def test_an_operator_is_made_with_a_link_that_signs_in_once(run: Run) -> None:
    made = answer(run("operators", "create", "a@a.example", "--role", "admin", "--json"))

    assert made["link"].startswith("https://news.network.example/login/")


def test_an_old_database_is_recognised(tmp_path: Path) -> None:
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrations.upgrade(old.engine, "0005")
    app = create_app(a_mailer(old, tmp_path))

    status = app.test_cli_runner().invoke(args=["campaigns", "status", "1"])
    upgraded = app.test_cli_runner().invoke(args=["database", "upgrade", "--json"])

    assert status.exit_code == 1
    assert "flask database upgrade" in status.stderr
    assert json.loads(upgraded.stdout)["revision"]
    old.dispose()


def test_a_new_file_is_given_its_tables(tmp_path: Path) -> None:
    new = Database(f"sqlite:///{tmp_path / 'new.db'}")

    status = (
        create_app(a_mailer(new, tmp_path))
        .test_cli_runner()
        .invoke(args=["campaigns", "status", "1"])
    )

    assert "There is no issue number 1." in status.stderr
    new.dispose()


def test_a_token_is_printed_once_and_revoked(run: Run) -> None:
    run("operators", "create", "a@a.example", "--role", "editor")

    made = answer(run("operators", "token", "a@a.example", "--name", "night job", "--json"))
    listed = answer(run("operators", "tokens", "--json"))
    revoked = answer(run("operators", "revoke-token", str(made["id"]), "--json"))

    assert made["token"].startswith(f"circular_{made['id']}_")
    (listed_token,) = listed["tokens"]
    assert (listed_token["operator"], listed_token["name"], listed_token["last_used_on"]) == (
        *("a@a.example", "night job"),
        None,
    )
    assert made["token"] not in str(listed)
    assert revoked["revoked_at"]
    assert answer(run("operators", "tokens", "--json")) == {"tokens": []}


def test_a_token_for_nobody_is_refused_in_words(run: Run) -> None:
    nobody = run("operators", "token", "x@a.example", "--name", "job")
    unknown = run("operators", "revoke-token", "9")

    assert (nobody.exit_code, unknown.exit_code) == (1, 1)
    assert "There is no operator with the address x@a.example" in nobody.stderr
    assert "There is no token number 9" in unknown.stderr


def test_text_and_numbers_that_no_database_keeps_are_refused_in_a_sentence(
    mailer: Mailer, run: Run, tmp_path: Path
) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    new = ("campaigns", "create", "--newsletter", "members-update", "--document")
    document = a_file(tmp_path, a_document())

    half = run(*new, document, "--subject", "a\udce9b")
    number = run("campaigns", "status", "9" * 30)
    nested = run(*new, a_file(tmp_path, "[" * 100_000), "--subject", "News")

    assert (half.exit_code, nested.exit_code) == (1, 1)
    assert "Write subject again" in half.output
    assert "is not JSON" in nested.output
    assert number.exit_code == 2
    assert "is not in the range" in number.output


def test_control_characters_of_a_document_are_not_kept(
    mailer: Mailer, run: Run, tmp_path: Path
) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    block = {"id": "t", "type": "text", "text": "a\0b\ud800c"}
    document = a_file(tmp_path, a_document(block))

    made = answer(
        run(
            *("campaigns", "create", "--newsletter", "members-update", "--subject", "News"),
            *("--document", document, "--json"),
        )
    )

    with mailer.database.reading() as session:
        kept = editing.find(session, made["id"]).document
    assert kept["blocks"] == [{"id": "t", "type": "text", "text": "a b\ufffdc"}]


def test_an_address_that_an_issue_has_is_refused_and_another_is_named(
    mailer: Mailer, run: Run, tmp_path: Path
) -> None:
    with mailer.database.writing() as session:
        a_cast(session)
    document = a_file(tmp_path, a_document())
    called = ("--subject", "News", "--document", document, "--address", "winter", "--json")
    create = ("campaigns", "create", "--newsletter", "members-update", *called)

    first = answer(run(*create, "--month", "2026-12"))
    second = run(*create, "--month", "2027-01")

    assert first["slug"] == "winter"
    assert second.exit_code == 1
    assert "has the address winter. winter-2 is free." in second.output


def test_the_checks_of_an_issue_as_json(mailer: Mailer, run: Run) -> None:
    with mailer.database.writing() as session:
        newsletter = a_cast(session).newsletter
        text = {"id": "t", "type": "text", "heading": "News", "text": "The date is TBC."}
        bad = a_campaign(session, newsletter, a_document(text), preview_text="What is new.").id
        good = a_campaign(session, newsletter, subject="Others", preview_text="What is new.").id

    refused = run("campaigns", "check", str(bad), "--json")
    passed = answer(run("campaigns", "check", str(good), "--json"))
    shown = run("campaigns", "check", str(bad))

    assert refused.exit_code == 1
    assert json.loads(refused.stdout) == {
        "checks": [
            {
                "code": "TXT1",
                "level": "fix",
                "block": "t",
                "field": "text",
                "message": '“TBC” found in Text "News".',
            },
            {
                "code": "TST1",
                "level": "look",
                "block": "",
                "field": "",
                "message": "You haven’t sent a test of this version.",
            },
        ],
        "sendable": False,
    }
    assert passed["sendable"] is True
    assert {each["level"] for each in passed["checks"]} == {"look"}
    assert shown.exit_code == 1
    assert '  TXT1, to fix: “TBC” found in Text "News".' in shown.stdout
    assert run("campaigns", "check", "99").exit_code == 1
