"""A mailbox is emptied into the folder of mail that came back, and nothing of it can be lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.errors import MailboxUnavailable
from mailer.mailbox import Security
from mailer.models import Mailbox, ReceiptKind
from mailer.receipts import incoming
from mailer.receipts.imap.fetching import wait_after
from mailer.receipts.intake import Intake
from mailer.tokens import Purpose
from tests.fakes.certificates import Certificate
from tests.fakes.imap_server import ImapServer, Manner
from tests.mailer.receipts.bouncing import bounce, notice_path
from tests.mailer.receipts.imap.boxes import (
    AWAY,
    HELLO,
    PROCESSED,
    TO_LOOK_AT,
    address_of,
    fetcher_of,
    impatient,
    kept_in,
    mailer_for,
    set_aside_in,
)
from tests.mailer.receipts.rooms import ROOT, until
from tests.mailer.receipts.test_acting import receipts, sent, suppression

NO_MOVE = "AUTH=PLAIN UIDPLUS"
NEITHER = "AUTH=PLAIN"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@contextmanager
def box(
    database: Database, folder: Path, manner: Manner | None = None
) -> Iterator[tuple[ImapServer, Mailer]]:
    """A server and a mailer that is to fetch from it."""
    with ImapServer(manner) as server:
        yield server, mailer_for(database, folder, address_of(server))


def test_a_bounce_is_fetched_as_it_came_acted_on_and_moved_away(
    database: Database, folder: Path
) -> None:
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        message = bounce(mailer.tokens, delivery_id) + b"\x00\xff bare\rline\nends"
        server.add(message)

        fetcher_of(mailer).fetch_all()
        kept = kept_in(mailer)
        Intake(mailer).take_all()

        assert kept == [message]
        assert suppression(mailer) is not None
        assert server.octets_in("INBOX") == []
        assert server.octets_in(PROCESSED) == [message]
        assert server.octets_in(TO_LOOK_AT) == []


def test_what_says_nothing_is_for_a_person_here_and_there(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        for message in (HELLO, AWAY, bounce(mailer.tokens, 0, to="nobody@network.example")):
            server.add(message)

        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        assert len(set_aside_in(mailer)) == 2
        assert len(server.octets_in(TO_LOOK_AT)) == 2
        assert server.octets_in(PROCESSED) == [AWAY]


def test_it_is_on_the_disk_before_it_is_moved(database: Database, folder: Path) -> None:
    seen: list[int] = []
    look = {"UID MOVE": lambda: seen.append(len(list((folder / "incoming").glob("*.mail"))))}
    with box(database, folder, Manner(when=look)) as (server, mailer):
        for _ in range(3):
            server.add(AWAY)

        fetcher_of(mailer).fetch_all()

    assert seen == [3]


def test_what_somebody_else_marked_as_deleted_does_not_vanish(
    database: Database, folder: Path
) -> None:
    other = b"Subject: precious\r\n\r\n"
    with box(database, folder, Manner(offers=NO_MOVE)) as (server, mailer):
        server.add(AWAY)

        def mark() -> None:
            server.manner = Manner(offers=NO_MOVE)
            server.add(other, "\\Deleted")

        server.manner = Manner(offers=NO_MOVE, when={"UID EXPUNGE": mark})
        fetcher_of(mailer).fetch_all()

        assert server.octets_in(PROCESSED) == [AWAY]
        assert server.octets_in(TO_LOOK_AT) == [other]
        assert server.said("EXPUNGE", "CLOSE", "DELETE", "UNSELECT") == []
        assert server.said("UID EXPUNGE")[0] == b"UID EXPUNGE 1"


@pytest.mark.parametrize("offers", ["MOVE", "MOVE UIDPLUS NAMESPACE", NO_MOVE])
def test_messages_are_moved_by_whatever_the_server_offers(
    database: Database, folder: Path, offers: str
) -> None:
    with box(database, folder, Manner(offers=offers, password="plain")) as (server, mailer):
        server.add(AWAY)
        server.add(HELLO)

        fetcher_of(mailer).fetch_all()

        assert server.octets_in("INBOX") == []
        assert server.octets_in(PROCESSED) == [AWAY]
        assert server.octets_in(TO_LOOK_AT) == [HELLO]


def test_where_nothing_can_be_moved_messages_stay_and_are_read_once(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(offers=NEITHER)) as (server, mailer):
        for number in range(130):
            server.add(AWAY + b"%d" % number)
        fetcher_of(mailer).fetch_all()
        first = len(server.said("UID FETCH"))
        Intake(mailer).take_all()

        late = server.add(HELLO)
        fetcher_of(mailer).fetch_all()
        taken = Intake(mailer).take_all()

        assert first == 130
        assert server.said("UID FETCH")[130:] == [b"UID FETCH %d (BODY.PEEK[])" % late]
        assert taken == 1
        assert all(kept.flags == {"\\Seen"} for kept in server.folders["INBOX"])
        assert len(server.folders["INBOX"]) == 131
        assert server.said("UID COPY", "UID EXPUNGE", "CREATE") == []


def test_a_mailbox_that_wants_no_new_folders_keeps_its_messages(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(refuses=frozenset({"CREATE"}))) as (server, mailer):
        server.add(AWAY)

        fetcher_of(mailer).fetch_all()
        fetcher_of(mailer).fetch_all()

        assert kept_in(mailer) == [AWAY]
        assert len(server.said("UID FETCH")) == 1
        assert server.octets_in("INBOX") == [AWAY]


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
        assert receipts(mailer) == [ReceiptKind.BOUNCED]
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
        assert receipts(mailer) == [ReceiptKind.BOUNCED]
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
                "SECRET_KEY": "a secret for tests",
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


def test_of_a_huge_message_only_the_beginning_is_fetched(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        huge = bounce(mailer.tokens, delivery_id) + b"x" * (incoming.LARGEST + 1)
        server.add(huge)
        server.add(AWAY)

        fetcher_of(mailer).fetch_all()
        kept = kept_in(mailer)
        Intake(mailer).take_all()

        assert server.said("UID FETCH")[0] == b"UID FETCH 1 (BODY.PEEK[]<0.262144>)"
        assert kept == [huge[:262144], AWAY]
        assert suppression(mailer) is not None  # it said enough at its beginning
        assert server.octets_in(TO_LOOK_AT) == [huge]


@pytest.mark.slow
def test_a_full_mailbox_is_emptied_in_batches(sqlite_url: str, folder: Path) -> None:
    database = Database(sqlite_url)
    with box(database, folder) as (server, mailer):
        for number in range(530):
            server.add(AWAY + b"%d" % number)
        fetcher = fetcher_of(mailer)

        more = fetcher.fetch_all()
        left = len(server.octets_in("INBOX"))
        done = fetcher.fetch_all()
        database.dispose()

        assert (more, left, done) == (True, 30, False)
        assert len(set(server.octets_in(PROCESSED))) == 530
        assert max(line.count(b",") for line in server.said("UID MOVE")) == 49


def test_a_server_that_moves_nothing_though_it_says_so_is_gone_through_once(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(ignores=frozenset({"UID MOVE"}))) as (server, mailer):
        for number in range(120):
            server.add(AWAY + b"%d" % number)

        more = fetcher_of(mailer).fetch_all()

        assert not more
        assert len(server.said("UID FETCH")) == 120


def test_a_message_that_cannot_be_fetched_does_not_hold_up_the_others(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(refuses=frozenset({"UID FETCH"}))) as (server, mailer):
        for _ in range(60):
            server.add(AWAY)

        more = fetcher_of(mailer).fetch_all()

        assert not more
        assert len(server.said("UID FETCH")) == 60
        assert len(server.octets_in("INBOX")) == 60


def test_what_cannot_be_written_stays_where_it_is(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        mailer.settings.incoming_dir.write_text("no folder at all")
        server.add(AWAY)

        with pytest.raises(OSError, match="Not a directory"):
            fetcher_of(mailer).fetch_all()

        assert server.octets_in("INBOX") == [AWAY]
        assert server.said("UID MOVE") == []


def test_one_process_at_a_time_fetches(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        stopping = threading.Event()
        fetchers = [
            threading.Thread(
                target=fetcher_of(mailer, name).run, args=(stopping,), kwargs={"look": 0.05}
            )
            for name in ("one", "other")
        ]
        server.add(AWAY)
        for thread in fetchers:
            thread.start()
        fetched = until(lambda: server.octets_in(PROCESSED) == [AWAY])
        time.sleep(0.5)
        stopping.set()
        for thread in fetchers:
            thread.join(10)

        assert fetched
        assert server.connections == 1


def test_a_mailbox_that_is_away_is_waited_for(database: Database, folder: Path) -> None:
    with box(database, folder, Manner(says={"greeting": b"* BYE busy"})) as (server, mailer):
        stopping = threading.Event()
        thread = threading.Thread(
            target=fetcher_of(impatient(mailer)).run, args=(stopping,), kwargs={"look": 0.02}
        )
        server.add(AWAY)
        thread.start()
        tried = until(lambda: server.connections >= 2)
        server.manner = Manner()
        fetched = until(lambda: server.octets_in(PROCESSED) == [AWAY])
        stopping.set()
        thread.join(10)

        assert tried
        assert fetched
        assert not thread.is_alive()


def test_waits_grow_and_are_bounded() -> None:
    waits = [wait_after(failures, 60) for failures in range(1, 8)]

    assert waits == [60, 120, 240, 480, 960, 1800, 1800]
    assert wait_after(1000, 60) == 1800
    assert wait_after(3, 86400) == 86400


@pytest.mark.parametrize(
    "header",
    [
        "Delivered-To: {}",
        "X-Original-To: {}",
        "Envelope-To: {}",
        "X-Envelope-To: <{}>",
        "Received: from mx.example by home.example with LMTP id 4X\r\n for <{}>; Tue, 8 Dec 2026",
        "To: Network <{}>",
    ],
)
@pytest.mark.parametrize("letter", ["b", "n"])
def test_a_mailbox_forgets_the_envelope_and_headers_tell_it(
    database: Database, folder: Path, header: str, letter: str
) -> None:
    """The bounce itself says nothing of ours: only where it was sent proves what it is about."""
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        token = mailer.tokens.seal_for_mail(Purpose.RETURN, delivery_id)
        path = f"b+{token}@network.example" if letter == "b" else notice_path(mailer.tokens, 5)
        told = f"{header.format(path)}\r\n".encode()
        server.add(told + bounce(mailer.tokens, 0, to="undisclosed@network.example"))

        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        assert len(server.octets_in(PROCESSED)) == 1
        assert (suppression(mailer) is not None) == (letter == "b")


def test_a_stranger_s_token_in_a_header_proves_nothing(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        forged = f"Delivered-To: b+{'0' * 40}@network.example\r\n".encode()
        server.add(forged + bounce(mailer.tokens, delivery_id, to="undisclosed@network.example"))

        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        assert receipts(mailer) == []
        assert len(server.octets_in(TO_LOOK_AT)) == 1


def test_tls_is_spoken_where_it_is_asked_for(
    database: Database, folder: Path, tmp_path: Path
) -> None:
    certificate = Certificate.make(tmp_path)
    for implicit in (True, False):
        with ImapServer(Manner(tls=certificate, implicit_tls=implicit)) as server:
            server.add(AWAY)
            security = Security.TLS if implicit else Security.STARTTLS
            address = address_of(server, security=security, ca=str(certificate.certificate))
            fetcher_of(mailer_for(database, folder, address)).fetch_all()

            assert server.octets_in(PROCESSED) == [AWAY]
