"""``flask receipts ingest``: files, folders, mbox files and standard input."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app
from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.models import Delivery, Receipt, ReceiptKind, Verdict
from tests.factories import NOW, a_mailer
from tests.mailer.receipts.bouncing import bounce
from tests.mailer.receipts.test_consequences import sent, suppression


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


@pytest.fixture
def cli(mailer: Mailer) -> FlaskCliRunner:
    app: Flask = create_app(mailer)
    return app.test_cli_runner()


def ingested(cli: FlaskCliRunner, path: str, **more: object) -> list[dict[str, object]]:
    done = cli.invoke(args=["receipts", "ingest", path, "--json"], **more)
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.stdout)["messages"]
    return found


def test_a_file_of_bounces_is_listed_and_applied(
    cli: FlaskCliRunner, mailer: Mailer, tmp_path: Path
) -> None:
    [delivery_id] = sent(mailer)
    file = tmp_path / "bounce.eml"
    file.write_bytes(bounce(mailer.tokens, delivery_id))

    found = ingested(cli, str(file))

    assert found == [
        {
            "file": str(file),
            "recipient": "person1@a.example",
            "delivery": delivery_id,
            "kind": "hard",
            "reason": "userunknown",
            "status": "5.1.1",
        }
    ]
    assert suppression(mailer) is not None


def test_a_folder_an_mbox_and_standard_input(
    cli: FlaskCliRunner, mailer: Mailer, tmp_path: Path
) -> None:
    sent(mailer)
    message = bounce(mailer.tokens, 999_999)
    folder = tmp_path / "mail" / "deeper"
    folder.mkdir(parents=True)
    (folder / "one.eml").write_bytes(message)
    quoted = message + b"\r\n>From here on it is quoted.\r\n\r\n"
    box = b"From MAILER-DAEMON Tue Nov 24 10:00:00 2026\r\n" + quoted
    (folder / "two.mbox").write_bytes(box * 2)

    printed = ingested(cli, str(tmp_path / "mail"))
    given = ingested(cli, "-", input=message)

    assert [Path(str(each["file"])).name for each in printed] == ["one.eml", "two.mbox", "two.mbox"]
    assert {each["kind"] for each in printed} == {"hard"}
    assert given[0]["file"] == "-"


def test_mail_that_is_no_bounce_is_listed_as_none(cli: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "empty").write_bytes(b"")

    found = [*ingested(cli, str(tmp_path / "a.bin")), *ingested(cli, str(tmp_path / "empty"))]

    assert [each["kind"] for each in found] == ["none", "none"]


def test_a_path_that_is_not_there_is_a_sentence(cli: FlaskCliRunner) -> None:
    done = cli.invoke(args=["receipts", "ingest", "nowhere"])

    assert done.exit_code == 1
    assert "There is no file or folder nowhere." in done.output


def test_an_issue_is_judged_anew(cli: FlaskCliRunner, mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    with mailer.database.writing() as session:
        campaign_id = session.get_one(Delivery, delivery_id).campaign_id
        session.add(
            Receipt(
                campaign_id=campaign_id,
                delivery_id=delivery_id,
                kind=ReceiptKind.CLICKED,
                verdict=Verdict.PERSON,
                link=1,
                grounds="head",
                at=NOW,
            )
        )

    done = cli.invoke(args=["receipts", "judge", str(campaign_id), "--json"])
    again = cli.invoke(args=["receipts", "judge", str(campaign_id)])
    unknown = cli.invoke(args=["receipts", "judge", "999"])

    assert json.loads(done.stdout) == {"judged": 1, "changed": 1}
    assert again.stdout.strip() == "1 opens and clicks judged, 0 of them otherwise than before."
    assert unknown.exit_code == 1
