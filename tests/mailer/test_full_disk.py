"""A full disk is a state with words of its own, and nothing that is half written stays on it."""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import request
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import create_app
from contacts import importing
from contacts.database import Database
from contacts.importing import running
from contacts.models import Import, ImportStatus
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.cli.output import sentences
from mailer.errors import SettingsError
from mailer.models import Power
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.tracking.spool import Hit, SpoolWriter, files
from mailer.settings.environment import Settings
from mailer.smtpd.caught_mail import Tray
from tests.factories import TESTER, a_mailer
from tests.mailer.web.browser import Browser, visible_text
from tests.outages import fill_the_disk, no_space


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def full(*_: Any, **__: Any) -> Any:
    raise no_space()


def full_database(*_: Any, **__: Any) -> Any:
    raise OperationalError("INSERT", {}, no_space())


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.rglob("*") if path.is_file())


def test_the_catcher_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tray = Tray(tmp_path)
    tray.open()
    fill_the_disk(monkeypatch)

    with pytest.raises(OSError, match="No space left"):
        tray.put("a@a.example", ["b@b.example"], b"much")

    assert left(tmp_path) == []


def test_an_upload_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "people.csv"
    source.write_text("name,email\n")

    def half(_source: Path, target: Path) -> None:
        target.write_bytes(b"name,")
        raise no_space()

    monkeypatch.setattr(shutil, "copyfile", half)
    with pytest.raises(OSError, match="No space left"):
        importing.keep(source, tmp_path / "uploads")

    assert left(tmp_path) == ["people.csv"]


def test_mail_that_came_back_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        incoming.put(tmp_path, b"mail", sent_to="", sent_from="", spare=0)

    assert left(tmp_path) == []


def test_a_spool_that_cannot_be_begun_is_begun_by_a_later_hit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SpoolWriter(tmp_path)
    hit = Hit(1_764_000_000_000, "A" * 32, 0)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        writer.append(hit)
        lost = left(tmp_path)
    writer.append(hit)
    writer.close()

    assert lost == []
    assert [path.read_bytes() for path in files(tmp_path)] == [hit.line()]


def test_a_key_that_cannot_be_kept_is_one_sentence_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="make room there"):
        _ = Settings(data_dir=tmp_path).secret

    assert left(tmp_path) == []


@pytest.mark.parametrize("fault", [full, full_database], ids=["files", "database"])
def test_a_command_says_it_in_one_sentence(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    monkeypatch.setattr(operators, "create", fault)
    runner = create_app(mailer).test_cli_runner()

    answer = runner.invoke(args=["operators", "create", "asha@network.example"])

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The disk is full, so this was not finished.")
    assert "Traceback" not in answer.output


def test_a_command_says_that_the_database_is_away(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(operators, "create", away)
    answer = (
        create_app(mailer).test_cli_runner().invoke(args=["operators", "create", "a@a.example"])
    )

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The database does not answer")


def test_every_command_turns_faults_into_sentences(mailer: Mailer) -> None:
    """A new command may forget it; whoever runs it would read a traceback."""
    inside = sentences(lambda: None).__code__
    ours = list(_commands(create_app(mailer).cli))

    assert len(ours) > 40
    for name, command in ours:
        wrapped, found = command.callback, False
        while wrapped is not None and not found:
            found = getattr(wrapped, "__code__", None) is inside
            wrapped = getattr(wrapped, "__wrapped__", None)
        assert found, f"flask {name} has no @sentences"


def _commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above}{name} ")
        elif command is not None:
            yield f"{above}{name}", command


@pytest.fixture
def editor(mailer: Mailer) -> Browser:
    with mailer.database.writing() as session:
        now = mailer.clock()
        operator = operators.create(
            session,
            email="ed@network.example",
            name="Ed",
            power=Power.EDITOR,
            actor=TESTER,
            now=now,
        )
        secret = sign_in_links.make(session, operator, actor=TESTER, now=now)
    browser = Browser(create_app(mailer))
    assert browser.submit(f"/login/{secret}").status_code == 200
    return browser


def test_a_page_says_that_nothing_was_saved_and_nothing_is_lost(
    mailer: Mailer, editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "copyfile", full)
    answer = editor.submit(
        "/contacts/import/", {"file": (io.BytesIO(b"name,email\nA,a@a.example\n"), "a.csv")}
    )

    assert answer.status_code == 507
    assert "The disk of this server is full. Nothing was saved" in visible_text(answer)
    assert [name for name in left(mailer.settings.data_dir) if name.startswith("tmp")] == []


def test_a_commit_that_finds_no_room_is_said_as_well(mailer: Mailer, editor: Browser) -> None:
    def refuse(_session: object) -> None:
        if request and request.method == "POST":
            raise OperationalError("COMMIT", {}, no_space())

    event.listen(Session, "before_commit", refuse)
    try:
        answer = editor.submit("/people/new", {"name": "Dan", "email": "dan@d.example"})
    finally:
        event.remove(Session, "before_commit", refuse)

    assert answer.status_code == 507
    assert "Nothing was saved" in visible_text(answer)


def test_an_import_waits_for_room_says_so_and_goes_on(
    mailer: Mailer, editor: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "people.csv"
    source.write_text("name,email\n" + "".join(f"P{n},p{n}@a.example\n" for n in range(9)))
    kept = importing.keep(source, mailer.settings.uploads_dir)
    found = importing.preview(kept)
    with mailer.database.writing() as session:
        record = importing.prepare(
            session, found.sheet, filename="people.csv", columns=found.columns, now=mailer.clock()
        )
        importing.start(session, record.id)

    for fault in (full, full_database):
        with monkeypatch.context() as patch:
            patch.setattr(running, "apply", fault)
            with pytest.raises((OSError, OperationalError)):
                importing.run(mailer.database, record.id, clock=mailer.clock)
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", full)
        waiting = visible_text(editor.get(f"/contacts/import/{record.id}"))
    with mailer.database.reading() as session:
        meanwhile = session.get_one(Import, record.id).status
    importing.run(mailer.database, record.id, clock=mailer.clock)

    assert meanwhile is ImportStatus.RUNNING
    assert "The disk of this server is full. The import waits" in waiting
    with mailer.database.reading() as session:
        ended = session.get_one(Import, record.id)
    assert (ended.status, ended.rows_done) == (ImportStatus.DONE, 9)
