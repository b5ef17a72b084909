"""The same against Dovecot itself: what a fake of ours allows, a real server may not."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.intake import Intake
from mailer.settings.mailbox_address import Security
from tests.conftest import unavailable
from tests.fakes.dovecot import Dovecot, dovecot
from tests.mailer.receipts.bouncing import bounce
from tests.mailer.receipts.incoming.imap.boxes import AWAY, HELLO, fetcher_of, kept_in, mailer_for
from tests.mailer.receipts.test_consequences import sent, suppression
from tests.services import Unavailable


@contextmanager
def running(**manner: str) -> Iterator[Dovecot]:
    try:
        with dovecot(**manner) as server:
            yield server
    except Unavailable as error:
        unavailable(error)


@contextmanager
def signed_in(server: Dovecot) -> Iterator[imaplib.IMAP4]:
    """Whoever else looks into the mailbox."""
    address = server.address(Security.TLS)
    context = ssl.create_default_context(cafile=address.ca)
    with imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context) as client:
        secret = f"\0{address.user}\0{address.password}".encode()
        client.authenticate("PLAIN", lambda _: secret)
        yield client


def put(server: Dovecot, *messages: bytes, folder: str = "INBOX", flags: str = "") -> None:
    with signed_in(server) as client:
        client.create(folder)
        for message in messages:
            assert client.append(folder, flags, "", message)[0] == "OK"


@pytest.fixture
def place(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[Database, Path]]:
    database = Database(sqlite_url)
    yield database, tmp_path
    database.dispose()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("security", "offers"),
    [
        (Security.STARTTLS, ""),
        (Security.TLS, ""),
        (Security.TLS, "IMAP4rev1 NAMESPACE UIDPLUS"),
        (Security.TLS, "IMAP4rev1 MOVE"),
    ],
)
def test_a_mailbox_is_emptied(
    place: tuple[Database, Path], security: Security, offers: str
) -> None:
    with running(offers=offers) as server:
        mailer = mailer_for(*place, server.address(security))
        [delivery_id] = sent(mailer)
        message = bounce(mailer.tokens, delivery_id)
        put(server, message, HELLO)
        put(server, b"Subject: not ours to delete\r\n\r\n", flags="\\Deleted", folder="Other")
        put(server, *(AWAY + b"%d\r\n" % number for number in range(60)))

        fetcher_of(mailer).fetch_all()
        kept = kept_in(mailer)
        Intake(mailer).take_all()

        assert kept[:3] == [message, HELLO, AWAY + b"0\r\n"]
        assert len(kept) == 62
        assert suppression(mailer) is not None
        assert server.octets_in() == []
        assert len(server.octets_in(".Circular.Processed")) == 61
        assert len(server.octets_in(".Circular.To look at")) == 1
        assert len(server.octets_in(".Other")) == 1


@pytest.mark.slow
def test_folders_below_the_inbox_and_a_huge_message(place: tuple[Database, Path]) -> None:
    with running(prefix="INBOX.", separator=".") as server:
        mailer = mailer_for(*place, server.address(Security.TLS, "INBOX", "R\u00fcck"))
        huge = AWAY + (b"x" * 998 + b"\r\n") * (incoming.LARGEST // 1000 + 1)
        put(server, huge, AWAY, folder='"INBOX.R&APw-ck"')

        fetcher_of(mailer).fetch_all()

        assert kept_in(mailer) == [huge[: 256 * 1024], AWAY]
        assert server.octets_in(".R&APw-ck") == []
        assert len(server.octets_in(".Circular.Processed")) == 1
        assert len(server.octets_in(".Circular.To look at")) == 1


@pytest.mark.slow
def test_where_nothing_can_be_moved_messages_stay_and_are_read_once(
    place: tuple[Database, Path],
) -> None:
    with running(offers="IMAP4rev1") as server:
        mailer = mailer_for(*place, server.address(Security.TLS))
        put(server, AWAY, HELLO)
        fetcher_of(mailer).fetch_all()
        first = kept_in(mailer)
        for waiting in list(incoming.waiting(mailer.settings.incoming_dir)):
            incoming.remove(waiting.path)

        put(server, AWAY + b"late\r\n")
        fetcher_of(mailer).fetch_all()

        assert first == [AWAY, HELLO]
        assert kept_in(mailer) == [AWAY + b"late\r\n"]
        assert len(server.octets_in()) == 3
