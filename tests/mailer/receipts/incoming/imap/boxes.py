"""Mailboxes of a test's own, and what is to be found in and around them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.imap.fetching import Fetcher
from mailer.settings.mailbox_address import MailboxAddress, Security
from tests.factories import a_mailer
from tests.fakes.imap_server import ImapServer, Manner

HELLO = b"From: Ann <ann@a.example>\r\nSubject: hello\r\n\r\nWho are you?\r\n"
AWAY = b"From: a@a.example\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nBack soon.\r\n"
NO_MOVE, NEITHER = "AUTH=PLAIN UIDPLUS", "AUTH=PLAIN"  # what a server offers
PROCESSED, TO_LOOK_AT = "Circular/Processed", "Circular/To look at"


def address_of(server: ImapServer, **more: object) -> MailboxAddress:
    """The address of a server's mailbox; in clear, since it is on this machine."""
    return MailboxAddress(
        **{  # type: ignore[arg-type]  # a test may say anything else
            "host": "127.0.0.1",
            "port": server.port,
            "security": Security.CLEAR,
            "user": server.manner.user,
            "password": server.manner.password,
            **more,
        }
    )


def mailer_for(database: Database, folder: Path, mailbox: MailboxAddress) -> Mailer:
    return a_mailer(database, folder, bounce_mailbox=mailbox, bounce_mailbox_every=5)


def impatient(mailer: Mailer) -> Mailer:
    """The same mailer with a pause between two looks that nobody could set."""
    settings = mailer.settings.model_copy(update={"bounce_mailbox_every": 0.05})
    return replace(mailer, settings=settings)


def fetcher_of(mailer: Mailer, name: str = "one") -> Fetcher:
    mailbox = mailer.settings.bounce_mailbox
    assert mailbox
    return Fetcher(mailer, mailbox, name=name)


def kept_in(mailer: Mailer) -> list[bytes]:
    """What waits for the intake."""
    return [each.octets() for each in incoming.waiting(mailer.settings.incoming_dir)]


def set_aside_in(mailer: Mailer) -> list[Path]:
    return sorted((mailer.settings.incoming_dir / "to-look-at").glob("*"))


@contextmanager
def box(
    database: Database, folder: Path, manner: Manner | None = None
) -> Iterator[tuple[ImapServer, Mailer]]:
    """A server and a mailer that is to fetch from it."""
    with ImapServer(manner) as server:
        yield server, mailer_for(database, folder, address_of(server))
