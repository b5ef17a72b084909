"""Messages are moved away by whatever a server offers, and nothing else is touched."""

from pathlib import Path

import pytest

from contacts.database import Database
from mailer.receipts.incoming.intake import Intake
from tests.fakes.imap_server import Manner
from tests.mailer.receipts.incoming.imap.boxes import (
    AWAY,
    HELLO,
    NEITHER,
    NO_MOVE,
    PROCESSED,
    TO_LOOK_AT,
    box,
    fetcher_of,
    kept_in,
)


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
        assert server.commands_named("EXPUNGE", "CLOSE", "DELETE", "UNSELECT") == []
        assert server.commands_named("UID EXPUNGE")[0] == b"UID EXPUNGE 1"


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
        first = len(server.commands_named("UID FETCH"))
        Intake(mailer).take_all()

        late = server.add(HELLO)
        fetcher_of(mailer).fetch_all()
        taken = Intake(mailer).take_all()

        assert first == 130
        assert server.commands_named("UID FETCH")[130:] == [b"UID FETCH %d (BODY.PEEK[])" % late]
        assert taken == 1
        assert all(kept.flags == {"\\Seen"} for kept in server.folders["INBOX"])
        assert len(server.folders["INBOX"]) == 131
        assert server.commands_named("UID COPY", "UID EXPUNGE", "CREATE") == []


def test_a_mailbox_that_wants_no_new_folders_keeps_its_messages(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(refuses=frozenset({"CREATE"}))) as (server, mailer):
        server.add(AWAY)

        fetcher_of(mailer).fetch_all()
        fetcher_of(mailer).fetch_all()

        assert kept_in(mailer) == [AWAY]
        assert len(server.commands_named("UID FETCH")) == 1
        assert server.octets_in("INBOX") == [AWAY]


def test_a_server_that_confirms_moves_without_moving_is_read_once(
    database: Database, folder: Path
) -> None:
    with box(database, folder, Manner(ignores=frozenset({"UID MOVE"}))) as (server, mailer):
        for number in range(120):
            server.add(AWAY + b"%d" % number)

        more = fetcher_of(mailer).fetch_all()

        assert not more
        assert len(server.commands_named("UID FETCH")) == 120
