"""How the client sends: which commands share a write, what arrives, and how envelopes are taken."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailer.delivery.smtp.client import Connection, Envelope, Fate, Grouping, Outcome
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.smtp.talking import (
    BODY,
    PATIENT,
    PLAIN,
    address,
    connect,
    deliver,
    envelope,
    fates,
)


def test_the_content_goes_first_in_the_group_that_opens_the_next_transaction() -> None:
    with FaultServer(Script(strict=True)) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)))

    opening = b"MAIL FROM:<back@example.org>\r\nRCPT TO:<r%d@example.com>\r\nDATA\r\n"
    assert server.transcript[0] == [
        b"EHLO us.example\r\n",
        opening % 1,
        BODY + b".\r\n" + opening % 2,
        BODY + b".\r\n" + opening % 3,
        BODY + b".\r\n",
        b"QUIT\r\n",
    ]
    assert fates(outcomes) == {1: "accepted", 2: "accepted", 3: "accepted"}


def test_the_envelope_mode_keeps_the_content_apart() -> None:
    with FaultServer(Script(strict=True)) as server:
        deliver(server, envelope(1), envelope(2), grouping=Grouping.ENVELOPE)

    opening = b"MAIL FROM:<back@example.org>\r\nRCPT TO:<r%d@example.com>\r\nDATA\r\n"
    assert server.transcript[0][1:-1] == [
        opening % 1,
        BODY + b".\r\n",
        opening % 2,
        BODY + b".\r\n",
    ]


def test_without_pipelining_every_command_waits_for_its_reply() -> None:
    with FaultServer(Script(capabilities=PLAIN, strict=True)) as server:
        deliver(server, envelope(1))

    assert server.transcript[0] == [
        b"EHLO us.example\r\n",
        b"MAIL FROM:<back@example.org>\r\n",
        b"RCPT TO:<r1@example.com>\r\n",
        b"DATA\r\n",
        BODY + b".\r\n",
        b"QUIT\r\n",
    ]


def test_a_message_takes_one_round_trip() -> None:
    # Late answers: whatever the client writes without waiting for one comes in one read.
    with FaultServer(Script(latency=0.05)) as server:
        outcomes = deliver(server, *(envelope(key) for key in range(10)))

    greeting_opening_and_goodbye = 3
    assert [outcome.fate for outcome in outcomes] == [Fate.ACCEPTED] * 10
    assert len(server.transcript[0]) == greeting_opening_and_goodbye + 10


def test_a_message_arrives_octet_for_octet(script: Script, grouping: Grouping) -> None:
    contents = [
        b".leading\r\n..two\r\n.\r\nend\r\n",
        b"\r\n.\r\n",
        b"ends in a dot line\r\n.\r\n",
        b"x" * 998 + b"\r\n" + b"." * 200 + b"\r\n",
        b"Subject: \xc3\xa9\r\n\r\n\xff\xfe\r\n",
        (b"long " * 15 + b"\r\n") * 20_000,
        b"",
    ]
    with FaultServer(script) as server:
        outcomes = deliver(
            server, *(envelope(key, text) for key, text in enumerate(contents)), grouping=grouping
        )

    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}
    assert [kept.content for kept in server.kept] == contents
    assert {kept.return_path for kept in server.kept} == {"back@example.org"}


def test_a_content_without_a_final_line_end_gets_one(script: Script, grouping: Grouping) -> None:
    with FaultServer(script) as server:
        deliver(server, envelope(1, b"no end"), grouping=grouping)

    assert server.kept[0].content == b"no end\r\n"


def test_parameters_are_sent_only_when_needed_and_offered() -> None:
    needy = Envelope(2, "", "jörg@example.com", b"\xc3\xa9\r\n")
    with FaultServer(Script(capabilities=("SIZE 1000", "8BITMIME", "SMTPUTF8"))) as server:
        deliver(server, envelope(1), needy)

    mails = [read for read in server.transcript[0] if read.startswith(b"MAIL")]
    assert mails == [
        b"MAIL FROM:<back@example.org> SIZE=%d\r\n" % len(BODY),
        b"MAIL FROM:<> SIZE=4 BODY=8BITMIME SMTPUTF8\r\n",
    ]


def test_the_next_message_is_composed_while_the_last_is_on_its_way() -> None:
    events: list[str] = []

    def composed() -> Iterator[Envelope]:
        for key in range(4):
            events.append(f"composed {key}")
            yield envelope(key)

    with FaultServer() as server, connect(server) as connection:
        for outcome in connection.send(composed()):
            events.append(f"accepted {outcome.key}")

    assert events.index("composed 1") < events.index("accepted 0") < events.index("composed 3")


def test_many_threads_send_on_a_connection_each() -> None:
    outcomes: list[Outcome] = []

    def work(first: int) -> None:
        outcomes.extend(deliver(server, *(envelope(first + n) for n in range(20))))

    with FaultServer() as server:
        threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(server.kept) == len(set(server.recipients)) == 80
    assert {outcome.fate for outcome in outcomes} == {Fate.ACCEPTED}


def test_a_connection_is_used_for_one_call_after_another() -> None:
    with FaultServer() as server, connect(server) as connection:
        first = list(connection.send([envelope(1)]))
        second = list(connection.send([envelope(2), envelope(3)]))

    assert fates(first + second) == {1: "accepted", 2: "accepted", 3: "accepted"}
    assert server.connections == 1


def test_a_connection_that_died_while_idle_leaves_messages_untouched() -> None:
    with FaultServer(Script(idle_close=0.05)) as server, connect(server) as connection:
        list(connection.send([envelope(1)]))
        time.sleep(0.15)
        outcomes = list(connection.send([envelope(2), envelope(3)]))

    assert fates(outcomes) == {2: "untouched", 3: "untouched"}


def test_a_long_idle_connection_is_asked_with_noop() -> None:
    with FaultServer(Script(on_noop="421 gone")) as server:
        connection = Connection.open(
            address(server), hello_name="us.example", timeouts=replace(PATIENT, probe_after=0.01)
        )
        time.sleep(0.05)
        outcomes = list(connection.send([envelope(1)]))
        connection.close()

    assert fates(outcomes) == {1: "untouched"}
    assert server.transcript[0][-1] == b"NOOP\r\n"


def test_a_fault_of_the_iterable_is_raised_after_the_outcomes(grouping: Grouping) -> None:
    def broken() -> Iterator[Envelope]:
        yield envelope(1)
        yield envelope(2)
        raise LookupError("no such frame")

    outcomes: list[Outcome] = []
    with FaultServer() as server, connect(server, grouping=grouping) as connection:
        with pytest.raises(LookupError, match="no such frame"):
            outcomes.extend(connection.send(broken()))
        again = list(connection.send([envelope(3)]))

    assert server.recipients == ["r1@example.com", "r2@example.com", "r3@example.com"]
    assert fates(again) == {3: "accepted"}


def test_a_connection_left_in_the_middle_of_a_message_is_not_used_again() -> None:
    with FaultServer() as server, connect(server) as connection:
        sending = connection.send(envelope(key) for key in range(5))
        next(sending)
        sending.close()  # type: ignore[attr-defined]
        usable = connection.usable

    assert not usable
