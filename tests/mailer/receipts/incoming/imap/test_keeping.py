"""Nothing is lost and nothing counts twice: kills, breaks, renumberings, a full disk."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.errors import MailboxUnavailable
from mailer.models import Mailbox, ReceiptKind
from mailer.receipts.incoming.intake import Intake
from tests.fakes.imap_server import ImapServer, Manner
from tests.mailer.receipts.bouncing import bounce
from tests.mailer.receipts.incoming.imap.boxes import (
    AWAY,
    HELLO,
    NEITHER,
    PROCESSED,
    TO_LOOK_AT,
    address_of,
    box,
    fetcher_of,
    kept_in,
    mailer_for,
    set_aside_in,
)
from tests.mailer.receipts.incoming.rooms import ROOT
from tests.mailer.receipts.test_consequences import receipts, sent


def test_a_message_is_on_the_disk_before_it_is_moved(database: Database, folder: Path) -> None:
    seen: list[int] = []
    look = {"UID MOVE": lambda: seen.append(len(list((folder / "incoming").glob("*.mail"))))}
    with box(database, folder, Manner(when=look)) as (server, mailer):
        for _ in range(3):
            server.add(AWAY)

        fetcher_of(mailer).fetch_all()

    assert seen == [3]


def test_after_a_renumbering_all_is_read_again_and_counts_once(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(offers=NEITHER)) as (server, mailer):
        [delivery_id] = sent(mailer)
        server.add(bounce(mailer.tokens, delivery_id))
        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        server.manner = replace(server.manner, validity=8)
        fetcher_of(mailer).fetch_all()
        taken = Intake(mailer).take_all()

        assert taken == 1
        assert receipts(mailer) == [ReceiptKind.HARD_BOUNCED]
        with mailer.database.reading() as session:
            [known] = session.scalars(select(Mailbox))
        assert (known.validity, known.read_through) == (8, 1)


def test_a_renumbering_in_the_middle_ends_the_conversation(
    database: Database, folder: Path
) -> None:
    with box(database, folder) as (server, mailer):
        for _ in range(60):
            server.add(AWAY)

        def renumber() -> None:
            server.manner = Manner(validity=8)

        server.manner = Manner(when={"UID MOVE": renumber})
        with pytest.raises(MailboxUnavailable, match="was renumbered"):
            fetcher_of(mailer).fetch_all()
        fetcher_of(mailer).fetch_all()

        assert server.octets_in("INBOX") == []
        assert len(server.octets_in(PROCESSED)) == 60


def test_a_kill_between_the_disk_and_the_move_doubles_nothing(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(hangs_up_before=frozenset({"UID MOVE"}))) as (server, mailer):
        [delivery_id] = sent(mailer)
        server.add(bounce(mailer.tokens, delivery_id))
        server.add(HELLO)
        for _ in range(2):
            with pytest.raises(MailboxUnavailable):
                fetcher_of(mailer).fetch_all()
        twice = len(kept_in(mailer))
        Intake(mailer).take_all()

        with pytest.raises(MailboxUnavailable):
            fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()
        server.manner = Manner()
        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        assert twice == 2
        assert receipts(mailer) == [ReceiptKind.HARD_BOUNCED]
        assert len(set_aside_in(mailer)) == 1
        assert len(server.octets_in(PROCESSED)) == len(server.octets_in(TO_LOOK_AT)) == 1
        assert kept_in(mailer) == []


def test_what_a_person_has_looked_at_does_not_come_back(database: Database, folder: Path) -> None:
    with box(database, folder, Manner(hangs_up_before=frozenset({"UID MOVE"}))) as (server, mailer):
        server.add(HELLO)
        with pytest.raises(MailboxUnavailable):
            fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()
        looked_at = mailer.settings.incoming_dir / "looked-at"
        looked_at.mkdir()
        [path] = set_aside_in(mailer)
        path.rename(looked_at / path.name)

        with pytest.raises(MailboxUnavailable):
            fetcher_of(mailer).fetch_all()

        assert kept_in(mailer) == []


@pytest.mark.slow
def test_a_killed_process_loses_and_doubles_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """SIGKILL while the server has been asked to move; it never does, nor answers."""
    asked, never = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        never.wait(30)

    with ImapServer(Manner(password="p", when={"UID MOVE": hold})) as server:
        server.add(AWAY)
        server.add(HELLO)
        user = server.manner.user.replace("@", "%40")
        child = subprocess.Popen(
            [sys.executable, "worker.py"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(tmp_path),
                "DATABASE_URL": sqlite_url,
                "SECRET_KEY": "a secret for tests, and long enough",
                "BOUNCE_MAILBOX": f"imap://{user}:p@127.0.0.1:{server.port}",
                "BOUNCE_MAILBOX_EVERY": "5",
            },
        )
        try:
            assert asked.wait(30)
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        finally:
            child.kill()
            never.set()
        server.manner = replace(server.manner, when={})
        database = Database(sqlite_url)
        mailer = mailer_for(database, tmp_path, address_of(server))
        with database.writing() as session:
            session.execute(Mailbox.metadata.tables["leases"].delete())
        Intake(mailer).take_all()

        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()
        database.dispose()

        assert len(set_aside_in(mailer)) == 1
        assert kept_in(mailer) == []
        assert server.octets_in("INBOX") == []


def test_a_connection_that_breaks_within_a_message_keeps_none_of_it(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(breaks_off=20)) as (server, mailer):
        server.add(AWAY)

        with pytest.raises(MailboxUnavailable, match="hung up"):
            fetcher_of(mailer).fetch_all()
        broken = kept_in(mailer)
        server.manner = Manner()
        fetcher_of(mailer).fetch_all()

        assert broken == []
        assert kept_in(mailer) == [AWAY]


def test_what_cannot_be_written_stays_where_it_is(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        mailer.settings.incoming_dir.write_text("no folder at all")
        server.add(AWAY)

        with pytest.raises(OSError, match="Not a directory"):
            fetcher_of(mailer).fetch_all()

        assert server.octets_in("INBOX") == [AWAY]
        assert server.commands_named("UID MOVE") == []
