"""What a server says is bounded before it is believed; its faults are sentences without names."""

import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.errors import MailboxUnavailable
from mailer.receipts.incoming.imap.client import LIFETIME
from mailer.receipts.incoming.imap.conversation import Conversation, ListedMessage, ServerFolder
from mailer.settings.mailbox_address import MailboxAddress, Security
from tests.fakes.certificates import Certificate
from tests.fakes.imap_server import ImapServer, Manner
from tests.mailer.receipts.incoming.imap.boxes import (
    AWAY,
    PROCESSED,
    address_of,
    fetcher_of,
    mailer_for,
)
from tests.services import free_port


def complaint_of(manner: Manner, *, lifetime: float = LIFETIME, **address: object) -> str:
    """The sentence about a server that behaves so, from signing in to reading a message."""
    with ImapServer(manner) as server:
        server.add(AWAY)
        with pytest.raises(MailboxUnavailable) as caught:
            read_one(address_of(server, **address), lifetime)
        sentence = str(caught.value)
    assert manner.user not in sentence
    assert sentence.startswith(f"The mailbox at 127.0.0.1:{server.port} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def read_one(mailbox: MailboxAddress, lifetime: float) -> None:
    with Conversation(mailbox, lifetime=lifetime) as conversation:
        conversation.open()
        [listed] = conversation.listing(1, 1)
        conversation.fetch(listed.uid)


def test_a_wrong_password_is_a_sentence() -> None:
    assert "did not accept the user" in complaint_of(Manner(), password="wrong")
    assert "did not accept" in complaint_of(Manner(offers="", password="p"), password="wrong")


def test_where_login_is_disabled_no_password_is_sent() -> None:
    with ImapServer(Manner(offers="LOGINDISABLED")) as server:
        with pytest.raises(MailboxUnavailable, match="did not accept"):
            Conversation(address_of(server))

        assert server.commands_named("LOGIN", "AUTHENTICATE") == []


def test_user_and_password_may_have_any_character_but_a_line_end() -> None:
    for offers, password in (("AUTH=PLAIN", 'a"b\\c ü {5}'), ("", 'a"b c {5}')):
        manner = Manner(offers=offers, password=password, user='x"y z')
        with ImapServer(manner) as server, Conversation(address_of(server)) as conversation:
            opened = conversation.open()

        assert (opened.messages, opened.validity) == (0, 7)


def test_a_folder_is_found_by_its_levels_whatever_the_server_writes_between() -> None:
    manner = Manner(separator=".", prefix="INBOX.")
    with ImapServer(manner, folder="INBOX.R&APw-ck") as server:
        uid = server.add(AWAY)
        with Conversation(address_of(server, folder=("INBOX", "Rück"))) as conversation:
            listed = conversation.listing(1, conversation.open().messages)
            conversation.move([uid], ServerFolder.PROCESSED)

        assert listed == [ListedMessage(uid, len(AWAY))]
        assert server.octets_in("INBOX.Circular.Processed") == [AWAY]


def test_a_flat_server_has_folders_beside_each_other() -> None:
    with ImapServer(Manner(separator="", offers="AUTH=PLAIN MOVE")) as server:
        Conversation(address_of(server)).__exit__(None, None, None)

        assert {"Circular - Processed", "Circular - To look at"} < set(server.folders)


def test_a_folder_that_is_not_there_is_a_sentence() -> None:
    assert "would not open the folder" in complaint_of(Manner(), folder=("Nowhere",))


FORGED = b"* 1 FETCH (UID 1 BODY[] {%d}\r\nabc"
HOSTILE = {
    "hangs up at once": Manner(says={"greeting": b"* BYE go away bounces@network.example"}),
    "another protocol": Manner(says={"greeting": b"220 mail.example ESMTP"}),
    "no capabilities": Manner(says={"CAPABILITY": b"TAG OK none"}),
    "capabilities that are no words": Manner(says={"CAPABILITY": b"* CAPABILITY \xff\r\nTAG OK x"}),
    "nothing about the folder": Manner(says={"SELECT": b"TAG OK done"}),
    "no UIDVALIDITY": Manner(says={"SELECT": b"* 3 EXISTS\r\nTAG OK done"}),
    "a UIDVALIDITY that is none": Manner(
        says={"SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY x] y\r\nTAG OK done"}
    ),
    "a number of 5,000 digits": Manner(
        says={"SELECT": b"* %s EXISTS\r\nTAG OK done" % (b"9" * 5000)}
    ),
    "a terabyte": Manner(says={"UID FETCH": FORGED % 10**12}),
    "more than there is": Manner(says={"UID FETCH": FORGED % 10**30}),
    "a size of 5,000 digits": Manner(
        says={"UID FETCH": b"* 1 FETCH (BODY[] {%s}\r\n" % (b"9" * 5000)}
    ),
    "without an end": Manner(says={"UID FETCH": b"* 1 FETCH (UID 1)\r\n" * 150_000}),
    "one line without an end": Manner(says={"UID FETCH": b"* " + b"x" * 2_000_000}),
    "binary": Manner(says={"FETCH": bytes(range(256)) * 4}),
    "a goodbye in the middle": Manner(says={"FETCH": b"* BYE later"}),
    "an answer to something else": Manner(says={"FETCH": b"XYZ1 OK done"}),
    "a continuation out of nowhere": Manner(says={"FETCH": b"+ go on\r\nTAG BAD"}),
    "read only": Manner(says={"SELECT": b"* OK [READ-ONLY] x\r\nTAG OK [READ-ONLY] done"}),
}


@pytest.mark.parametrize("manner", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_server_that_breaks_the_protocol_ends_the_conversation(manner: Manner) -> None:
    complaint_of(manner)


def test_a_message_is_found_among_unsolicited_responses() -> None:
    answers = {
        "the UID behind": b"* 1 FETCH (BODY[] {3}\r\nabc UID 1)",
        "in quotes": b'* 1 FETCH (UID 1 BODY[] "abc")',
        "after another's flags": b"* 4 FETCH (FLAGS (\\Seen) UID 9)\r\n"
        b"* 1 FETCH (FLAGS (\\Seen) UID 1 BODY[] {3}\r\nabc)",
        "before another message": b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n"
        b"* 2 FETCH (UID 2 BODY[] {3}\r\nxyz)",
        "after another message": b"* 2 FETCH (UID 2 BODY[] {3}\r\nxyz)\r\n"
        b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)",
    }
    found = {name: fetched(answer + b"\r\nTAG OK done") for name, answer in answers.items()}

    assert found == dict.fromkeys(answers, b"abc")


def test_a_message_that_the_server_does_not_give_is_none() -> None:
    for answer in (
        b"TAG OK done",
        b"TAG NO gone",
        b"* 1 FETCH (UID 2 BODY[] {3}\r\nabc)\r\nTAG OK done",
    ):
        assert fetched(answer) is None
    assert fetched(b"* 1 FETCH (UID 1 BODY[] NIL)\r\nTAG OK done") == b""


def fetched(answer: bytes) -> bytes | None:
    with (
        ImapServer(Manner(says={"UID FETCH": answer})) as server,
        Conversation(address_of(server)) as conversation,
    ):
        conversation.open()
        return conversation.fetch(1)


def test_a_conversation_has_a_time_limit_however_slow_the_server() -> None:
    began = time.monotonic()

    sentence = complaint_of(Manner(when={"SELECT": lambda: time.sleep(2)}), lifetime=0.5)

    assert "hung up" in sentence
    assert time.monotonic() - began < 2


def test_an_unreachable_server_is_a_sentence() -> None:
    nobody = MailboxAddress("127.0.0.1", free_port(), Security.CLEAR, "u", "p")

    with pytest.raises(MailboxUnavailable, match="cannot be reached: Connection refused"):
        Conversation(nobody)


# TLS


def test_an_untrusted_certificate_ends_the_conversation_before_the_password(tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path)
    for implicit in (True, False):
        security = Security.TLS if implicit else Security.STARTTLS
        with ImapServer(Manner(tls=certificate, implicit_tls=implicit)) as server:
            with pytest.raises(MailboxUnavailable, match="certificate that cannot be trusted"):
                Conversation(address_of(server, security=security))

            assert server.commands_named("LOGIN", "AUTHENTICATE") == []


def test_a_certificate_of_another_host_is_not_trusted(tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path, "imap.example")
    manner = Manner(tls=certificate, implicit_tls=True)

    sentence = complaint_of(manner, security=Security.TLS, ca=str(certificate.certificate))

    assert "certificate that cannot be trusted" in sentence


@pytest.mark.parametrize("greeting", [b"* OK ready", b"* PREAUTH welcome"])
def test_without_tls_where_it_is_required_no_password_is_sent(greeting: bytes) -> None:
    """Somebody in between may take the offer away, or pretend that we are signed in."""
    with ImapServer(Manner(says={"greeting": greeting})) as server:
        with pytest.raises(MailboxUnavailable):
            Conversation(address_of(server, security=Security.STARTTLS))

        assert server.commands_named("LOGIN", "AUTHENTICATE", "SELECT") == []


# Memory


def test_memory_holds_one_message_at_a_time(sqlite_url: str, tmp_path: Path) -> None:
    large = AWAY + b"x" * 4_000_000
    database = Database(sqlite_url)
    with ImapServer() as server:
        for _ in range(10):
            server.add(large)
        mailer = mailer_for(database, tmp_path, address_of(server))
        tracemalloc.start()
        try:
            fetcher_of(mailer).fetch_all()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert len(server.octets_in(PROCESSED)) == 10
    database.dispose()
    assert peak < 8 * len(large)


def test_a_new_conversation_works_after_a_fault() -> None:
    with ImapServer(Manner(refuses=frozenset({"LIST"}))) as server:
        server.manner = replace(server.manner, hangs_up_before=frozenset({"LIST"}))
        with pytest.raises(MailboxUnavailable):
            Conversation(address_of(server))
        server.manner = Manner()

        with Conversation(address_of(server)) as conversation:
            assert conversation.open().messages == 0
