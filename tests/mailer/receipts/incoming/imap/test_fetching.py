"""A mailbox is emptied into the folder of mail that came back."""

import threading
import time
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.imap.fetching import wait_after
from mailer.receipts.incoming.intake import Intake
from mailer.security.tokens import Purpose
from mailer.settings.mailbox_address import Security
from tests.fakes.certificates import Certificate
from tests.fakes.imap_server import ImapServer, Manner
from tests.mailer.receipts.bouncing import bounce, notice_path
from tests.mailer.receipts.incoming.imap.boxes import (
    AWAY,
    HELLO,
    PROCESSED,
    TO_LOOK_AT,
    address_of,
    box,
    fetcher_of,
    impatient,
    kept_in,
    mailer_for,
    set_aside_in,
)
from tests.mailer.receipts.incoming.rooms import eventually
from tests.mailer.receipts.test_consequences import receipts, sent, suppression


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


def test_an_unreadable_message_is_set_aside_here_and_on_the_server(
    database: Database, folder: Path
) -> None:
    with box(database, folder) as (server, mailer):
        for message in (HELLO, AWAY, bounce(mailer.tokens, 0, to="nobody@network.example")):
            server.add(message)

        fetcher_of(mailer).fetch_all()
        Intake(mailer).take_all()

        assert len(set_aside_in(mailer)) == 2
        assert len(server.octets_in(TO_LOOK_AT)) == 2
        assert server.octets_in(PROCESSED) == [AWAY]


def test_of_a_huge_message_only_the_beginning_is_fetched(database: Database, folder: Path) -> None:
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        huge = bounce(mailer.tokens, delivery_id) + b"x" * (incoming.LARGEST + 1)
        server.add(huge)
        server.add(AWAY)

        fetcher_of(mailer).fetch_all()
        kept = kept_in(mailer)
        Intake(mailer).take_all()

        assert server.commands_named("UID FETCH")[0] == b"UID FETCH 1 (BODY.PEEK[]<0.262144>)"
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
        assert max(line.count(b",") for line in server.commands_named("UID MOVE")) == 49


def test_a_message_that_cannot_be_fetched_does_not_hold_up_the_others(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(refuses=frozenset({"UID FETCH"}))) as (server, mailer):
        for _ in range(60):
            server.add(AWAY)

        more = fetcher_of(mailer).fetch_all()

        assert not more
        assert len(server.commands_named("UID FETCH")) == 60
        assert len(server.octets_in("INBOX")) == 60


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
        fetched = eventually(lambda: server.octets_in(PROCESSED) == [AWAY])
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
        tried = eventually(lambda: server.connections >= 2)
        server.manner = Manner()
        fetched = eventually(lambda: server.octets_in(PROCESSED) == [AWAY])
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
def test_headers_replace_the_envelope_that_a_mailbox_does_not_keep(
    database: Database, folder: Path, header: str, letter: str
) -> None:
    """The bounce itself says nothing of ours: only where it was sent proves what it is about."""
    with box(database, folder) as (server, mailer):
        [delivery_id] = sent(mailer)
        token = mailer.tokens.seal_for_mail(Purpose.RETURN, delivery_id)
        path = f"b+{token}@network.example" if letter == "b" else notice_path(mailer.tokens, 5)
        header_line = f"{header.format(path)}\r\n".encode()
        server.add(header_line + bounce(mailer.tokens, 0, to="undisclosed@network.example"))

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


def test_tls_is_used_where_it_is_set(database: Database, folder: Path, tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path)
    for implicit in (True, False):
        with ImapServer(Manner(tls=certificate, implicit_tls=implicit)) as server:
            server.add(AWAY)
            security = Security.TLS if implicit else Security.STARTTLS
            address = address_of(server, security=security, ca=str(certificate.certificate))
            fetcher_of(mailer_for(database, folder, address)).fetch_all()

            assert server.octets_in(PROCESSED) == [AWAY]
