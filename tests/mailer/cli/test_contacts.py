"""The commands for contacts: one JSON document, sentences, and an exit status that means it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select

from app import create_app
from contacts.database import Database
from contacts.models import AuditEntry, Contact, Import, Suppression
from mailer.bootstrap import Mailer
from mailer.notices import declining
from tests.factories import NOW, TESTER, a_cast, a_mailer

Run = Callable[..., Result]
PEOPLE = (
    "Name;E-mail addr;Memb type;DOB\n"
    "Dafydd Rowe;dafydd@wyeham.example;assoc;1/2/71\n"
    "Nobody;not an address;full;\n"
    "Bob Bell;bob@bexmoor.example;;\n"
    "Carol Castell;carol@carrdale.example;;\n"
)


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


@pytest.fixture
def run(mailer: Mailer) -> Run:
    app = create_app(mailer)
    return lambda *arguments: app.test_cli_runner().invoke(args=list(map(str, arguments)))


@pytest.fixture
def people(mailer: Mailer, tmp_path: Path) -> Path:
    with mailer.database.writing() as session:
        a_cast(session)
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


def test_an_import_answers_with_counts_that_add_up(mailer: Mailer, run: Run, people: Path) -> None:
    done = run(
        *("contacts", "import", people, "--newsletter", "members-update"),
        *("--basis", "Members who asked", "--json"),
    )

    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer == {
        "id": answer["id"],
        "status": "done",
        "rows": 4,
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": {"not_confirmed": 1, "bounced": 1},
        "failed": 1,
        "problems": [
            {
                "row": 3,
                "column": "E-mail addr",
                "message": "Not an e-mail address: there is no @ in it.",
            }
        ],
        "differences": [],
        "notes": {},
        "dry_run": False,
    }
    with mailer.database.reading() as session:
        record = session.get_one(Import, answer["id"])
    assert Path(record.path).read_bytes() == people.read_bytes()
    assert Path(record.path).parent == mailer.settings.uploads_dir.resolve()


def test_without_json_a_command_prints_the_same_as_text(run: Run, people: Path) -> None:
    done = run("contacts", "import", people)

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "4 rows: 1 added · 0 updated · 2 unchanged · 0 skipped · 1 to fix",
        '  row 3: "E-mail addr": Not an e-mail address: there is no @ in it.',
    ]
    assert done.stderr.splitlines() == [
        "4 rows, UTF-8, separated by semicolons.",
        "  Name -> Full name",
        "  E-mail addr -> Email",
        "  Memb type -> Category",
        "  left out: DOB",
        "4 of 4 rows (100 %)",
    ]


def test_a_dry_run_changes_nothing(mailer: Mailer, run: Run, people: Path) -> None:
    done = run("contacts", "import", people, "--dry-run", "--json")

    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["dry_run"], answer["id"], answer["added"]) == (True, None, 1)
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 3
        assert session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(
    ("content", "more", "sentence"),
    [
        (
            PEOPLE.encode(),
            ["--newsletter", "members-update"],
            "Say why we may write to these people: --basis",
        ),
        (
            PEOPLE.encode(),
            ["--newsletter", "nothing", "--basis", "x"],
            "There is no newsletter called 'nothing'. There is: members-update.",
        ),
        (
            b"PK\x03\x04 xl/workbook.xml",
            [],
            "This looks like an Excel workbook. Save it as CSV and try again.",
        ),
        (b"Ref,DOB\n1,2\n", [], "Right now it has “Ref” and “DOB”."),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_sentence(
    mailer: Mailer, run: Run, people: Path, content: bytes, more: list[str], sentence: str
) -> None:
    people.write_bytes(content)

    done = run("contacts", "import", people, "--json", *more)

    assert done.exit_code == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    with mailer.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_a_value_about_permission_that_is_not_understood_stops_the_import(
    mailer: Mailer, run: Run, people: Path
) -> None:
    people.write_text("Email,Name,Newsletter\na@a.example,Al,perhaps\nb@a.example,Bo,\n")

    refused = run("contacts", "import", people)
    nonsense = run("contacts", "import", people, "--treat", "perhaps")
    done = run(
        *("contacts", "import", people, "--treat", "Perhaps=no", "--treat", "=no", "--json"),
        *("--newsletter", "members-update", "--basis", "Members asked"),
    )
    passed = run("contacts", "import", people, "--leave-out", "newsletter", "--dry-run", "--json")

    assert (refused.exit_code, nonsense.exit_code) == (1, 1)
    assert "Newsletter: perhaps (1 rows)" in refused.stderr
    assert "Newsletter: (blank) (1 rows)" in refused.stderr
    assert 'for example --treat "=no"' in refused.stderr
    assert "write VALUE=MEANING" in nonsense.stderr
    assert json.loads(done.stdout)["notes"] == {"said_no": 2}
    assert json.loads(passed.stdout)["unchanged"] == 2


def test_a_file_without_names_needs_a_yes(run: Run, people: Path) -> None:
    people.write_text("Email,Council\na@a.example,Aldmor\n")

    refused = run("contacts", "import", people)
    done = run("contacts", "import", people, "--accept", "without-names", "--json")

    assert refused.exit_code == 1
    assert "Nobody in this file would have a name." in refused.stderr
    assert "--accept without-names" in refused.stderr
    assert json.loads(done.stdout)["added"] == 1


def test_a_file_named_for_people_who_left_subscribes_nobody_without_a_yes(
    run: Run, people: Path
) -> None:
    path = people.with_name("nonsubscribed_export.csv")
    path.write_text("Email,Name\na@a.example,Al\n")
    subscribing = ("--newsletter", "members-update", "--basis", "Members asked", "--json")

    refused = run("contacts", "import", path, *subscribing)
    done = run("contacts", "import", path, *subscribing, "--accept", "file-name")
    kept = run("contacts", "import", path, "--json")

    assert refused.exit_code == 1
    assert "By the name of this file these people are not subscribed" in refused.stderr
    assert json.loads(done.stdout)["added"] == 1
    assert json.loads(kept.stdout)["unchanged"] == 1


def test_a_file_is_taken_in_as_a_do_not_email_list(mailer: Mailer, run: Run, people: Path) -> None:
    done = run("contacts", "import", people, "--as", "do-not-email", "--json")

    assert json.loads(done.stdout)["added"] == 2
    with mailer.database.reading() as session:
        stopped = session.scalars(select(Suppression.address_key)).all()
    assert {"dafydd@wyeham.example", "bob@bexmoor.example"} <= set(stopped)


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    done = run("contacts", "import", tmp_path / "none.csv")

    assert (done.exit_code, done.stderr) == (
        1,
        f"Error: There is no file called {tmp_path / 'none.csv'}.\n",
    )


def test_an_export_goes_to_standard_output_or_to_a_file(
    run: Run, people: Path, tmp_path: Path
) -> None:
    shown = run("contacts", "export")
    kept = run("contacts", "export", "--output", tmp_path / "out.csv", "--json")

    rows = list(csv.DictReader(io.StringIO(shown.stdout.removeprefix("\ufeff"))))
    assert [row["email"] for row in rows] == [
        "alice@aldmor.example",
        "bob@bexmoor.example",
        "carol@carrdale.example",
    ]
    assert json.loads(kept.stdout) == {"rows": 3, "path": str(tmp_path / "out.csv")}
    assert (tmp_path / "out.csv").read_text().splitlines() == shown.stdout.splitlines()


def test_an_export_as_json_needs_to_know_where_to(run: Run, people: Path) -> None:
    done = run("contacts", "export", "--json")

    assert done.exit_code == 1
    assert "say where the CSV goes: --output people.csv" in done.stderr


def test_a_mailbox_that_declined_is_allowed_again_and_the_audit_says_by_whom(
    mailer: Mailer, run: Run
) -> None:
    with mailer.database.writing() as session:
        declining.decline(session, "ann@one.example", actor=TESTER, now=NOW)

    answers = [
        json.loads(run("contacts", "allow-sign-ups", "Ann+news@one.example", "--json").stdout)
        for _ in range(2)
    ]

    assert [each["lifted"] for each in answers] == [True, False]
    with mailer.database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(each.act, str(each.actor)) for each in entries] == [
        ("sign-up mail declined", "test"),
        ("sign-up mail allowed", "cli"),
    ]
    assert "ann" not in str([each.detail for each in entries])


def test_a_mailbox_that_is_no_address_is_a_sentence(run: Run) -> None:
    answer = run("contacts", "allow-sign-ups", "nobody")

    assert answer.exit_code == 1
    assert "there is no @ in it" in answer.output
