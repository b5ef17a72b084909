"""What servers refuse, and what is refused before a server sees it."""

from typing import Any

import pytest

from mailer.delivery.smtp.client import Grouping, Objection, Phase
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.smtp.talking import Answer, deliver, envelope, fates


@pytest.mark.parametrize(
    ("reply", "fate"), [("450 4.2.0 later", "deferred"), ("550 5.1.1 nobody", "refused")]
)
def test_a_refused_recipient_affects_no_other_message(
    script: Script, grouping: Grouping, reply: str, fate: str
) -> None:
    script.on_rcpt = Answer("r2@example.com", reply, "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: fate, 3: "accepted"}
    assert server.recipients == ["r1@example.com", "r3@example.com"]
    assert outcomes[1].phase is Phase.RCPT
    assert str(outcomes[1].reply) == reply


def test_a_transaction_after_a_failed_one_starts_with_a_reset_in_the_same_group() -> None:
    with FaultServer(Script(on_rcpt=Answer("r1@example.com", "550 no", "250 ok"))) as server:
        deliver(server, envelope(1), envelope(2))

    assert server.transcript[0][2].startswith(b"RSET\r\nMAIL FROM:")


def test_a_server_that_accepts_data_without_a_recipient_gets_a_lone_dot(grouping: Grouping) -> None:
    script = Script(
        on_rcpt=Answer("r2@example.com", "550 5.1.1 nobody", "250 ok"),
        on_data=lambda _: "354 go on",
    )
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    assert server.recipients == ["r1@example.com", "r3@example.com"]
    assert (b".\r\n" in server.transcript[0]) is (grouping is not Grouping.SINGLE)


def test_a_refused_sender_has_the_phase_mail(script: Script, grouping: Grouping) -> None:
    script.on_mail = lambda _: "550 5.7.1 not from you"
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "refused", 2: "refused"}
    assert {outcome.phase for outcome in outcomes} == {Phase.MAIL}
    assert not server.kept


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "554 5.3.0 no"])
def test_data_refused_after_an_accepted_recipient_has_the_phase_data(
    script: Script, grouping: Grouping, reply: str
) -> None:
    if grouping is Grouping.CHUNKING:
        pytest.skip("a chunk asks for no leave")
    script.on_data = Answer("r1@example.com", reply, "")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert outcomes[0].phase is Phase.DATA
    assert str(outcomes[0].reply) == reply
    assert server.recipients == ["r2@example.com"]


@pytest.mark.parametrize(
    ("reply", "fate"), [("452 4.3.1 full", "deferred"), ("554 5.6.0 no", "refused")]
)
def test_a_refused_content_does_not_end_the_connection(
    script: Script, grouping: Grouping, reply: str, fate: str
) -> None:
    script.on_content = Answer("r1@example.com", reply, "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: fate, 2: "accepted"}
    assert server.connections == 1


def test_unknown_codes_count_by_their_first_digit(script: Script, grouping: Grouping) -> None:
    script.on_rcpt = Answer("r1@example.com", "299 fine", "599 never")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused"}


def test_replies_of_many_lines_and_in_pieces_are_one_reply_each(
    script: Script, grouping: Grouping
) -> None:
    script.split_replies = True
    script.on_mail = lambda _: "250 2.1.0 one\n2.1.0 two\n2.1.0 three"
    script.on_rcpt = Answer("r2@example.com", "550 5.1.1 no\n5.1.1 such\n5.1.1 person", "250 a\nb")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    reply = outcomes[1].reply
    assert reply
    assert (reply.text, reply.enhanced) == ("5.1.1 no such person", "5.1.1")


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"recipient": "a b@example.com"}, Objection.RECIPIENT),
        ({"recipient": "a@example.com>\r\nRCPT TO:<b@example.com"}, Objection.RECIPIENT),
        ({"recipient": "<a@example.com>"}, Objection.RECIPIENT),
        ({"recipient": ""}, Objection.RECIPIENT),
        ({"recipient": "a\x00@example.com"}, Objection.RECIPIENT),
        ({"recipient": "\ud800@example.com"}, Objection.RECIPIENT),
        ({"recipient": "a" * 500 + "@example.com"}, Objection.RECIPIENT),
        ({"return_path": "a\r\n@example.com"}, Objection.RETURN_PATH),
        ({"recipient": "jörg@example.com"}, Objection.UTF8),
        ({"content": b"\xc3\xa9\r\n"}, Objection.EIGHT_BIT),
        ({"content": b"x" * 2001}, Objection.TOO_BIG),
        ({"content": b"a\n.\r\nMAIL FROM:<>\r\n"}, Objection.BARE_LINE_END),
        ({"content": b"a\r\n.\r\nb\n.\n"}, Objection.BARE_LINE_END),
        ({"content": b"a\r.\r\n"}, Objection.BARE_LINE_END),
    ],
)
def test_an_objection_refuses_an_envelope_before_anything_is_sent(
    changes: dict[str, Any], objection: Objection
) -> None:
    bad = envelope(2)._replace(**changes)
    with FaultServer(Script(capabilities=("PIPELINING", "SIZE 2000"))) as server:
        outcomes = deliver(server, envelope(1), bad, envelope(3))

    refused = next(outcome for outcome in outcomes if outcome.key == 2)
    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    assert (refused.phase, refused.sentence) == (Phase.MAIL, objection)
    assert server.recipients == ["r1@example.com", "r3@example.com"]
