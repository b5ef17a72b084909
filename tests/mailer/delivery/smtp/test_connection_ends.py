"""What ends a connection, and what that means for the message on it."""

from dataclasses import replace

import pytest

from mailer.delivery.smtp.client import Grouping, Phase
from tests.fakes.smtp_script import CLOSE, STAY_SILENT, Do, Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.smtp.talking import (
    HASTY,
    PLAIN,
    Answer,
    connect,
    deliver,
    envelope,
    fates,
)


@pytest.mark.parametrize("where", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("step", [CLOSE, "hello there", "999 no", "150 what?"])
def test_a_connection_lost_before_the_content_leaves_the_message_untouched(
    script: Script, grouping: Grouping, where: str, step: Step
) -> None:
    if where == "data" and grouping is Grouping.CHUNKING:
        pytest.skip("a chunk asks for no leave")
    script.strict = False
    count = iter(range(100))
    setattr(script, f"on_{where}", lambda _: step if next(count) == 1 else ok(where))
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3)))
        usable = connection.usable

    assert fates(outcomes) == {1: "accepted", 2: "untouched", 3: "untouched"}
    assert server.recipients == ["r1@example.com"]
    assert outcomes[1].phase.value == where
    assert outcomes[2].phase is Phase.CONNECT
    assert outcomes[1].sentence
    assert not usable


@pytest.mark.parametrize("capabilities", [PLAIN, ("PIPELINING",)])
@pytest.mark.parametrize(
    ("where", "fate"),
    [
        ("mail", "untouched"),
        ("rcpt", "untouched"),
        ("data", "untouched"),
        ("content", "uncertain"),
    ],
)
def test_a_silent_server_is_given_up_after_the_timeout(
    capabilities: tuple[str, ...], where: str, fate: str
) -> None:
    script = Script(capabilities=capabilities)
    setattr(script, f"on_{where}", lambda _: STAY_SILENT)
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), timeouts=HASTY)

    assert fates(outcomes) == {1: fate, 2: "untouched"}
    assert (outcomes[0].phase.value, outcomes[0].sentence) == (where, "timed out")


def ok(where: str) -> str:
    return "" if where == "data" else "250 ok"


@pytest.mark.parametrize("where", ["mail", "rcpt", "data", "content"])
def test_a_421_ends_the_connection(script: Script, grouping: Grouping, where: str) -> None:
    if where == "data" and grouping is Grouping.CHUNKING:
        pytest.skip("a chunk asks for no leave")
    count = iter(range(100))
    goodbye = Do("421 4.3.2 shutting down", close=True)
    good = "250 ok" if where == "content" else ok(where)
    setattr(script, f"on_{where}", lambda _: goodbye if next(count) == 1 else good)
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3)))
        blamed = connection.grouping_fault

    assert fates(outcomes) == {1: "accepted", 2: "deferred", 3: "untouched"}
    assert server.recipients == ["r1@example.com"]
    assert outcomes[1].reply
    assert outcomes[1].reply.code == 421
    assert not blamed


@pytest.mark.parametrize(
    "words",
    [
        "421 too many messages in this connection",  # Exim
        "421 4.7.0 Max message per connection reached, closing transmission channel",
        "452 4.5.3 Exceeded the number of messages per session, open a new one",
    ],
)
def test_a_connection_at_its_limit_of_messages_defers_nobody(
    script: Script, grouping: Grouping, words: str
) -> None:
    count = iter(range(100))
    script.on_mail = lambda _: "250 ok" if next(count) < 2 else words
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3, 4)))
        usable, blamed = connection.usable, connection.grouping_fault

    assert fates(outcomes) == {1: "accepted", 2: "accepted", 3: "untouched", 4: "untouched"}
    assert {outcome.phase.value for outcome in outcomes[2:]} == {"connect"}
    assert not usable
    assert not blamed


def test_a_session_limit_at_the_first_mail_is_an_ordinary_4xx(
    script: Script, grouping: Grouping
) -> None:
    script.on_mail = lambda _: "421 too many messages in this connection"
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send([envelope(1)]))

    assert fates(outcomes) == {1: "deferred"}


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("step", [CLOSE, Do("what?"), Do("354 again")])
def test_a_content_without_an_answer_is_uncertain(
    script: Script, grouping: Grouping, step: Do, kept: bool
) -> None:
    script.on_content = Answer("r2@example.com", replace(step, keep=kept), "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "uncertain", 3: "untouched"}


def test_a_reply_before_the_close_counts(script: Script, grouping: Grouping) -> None:
    script.close_after_contents = 1
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "untouched"}
    assert server.recipients == ["r1@example.com"]


def test_a_message_lost_before_its_end_is_untouched(script: Script, grouping: Grouping) -> None:
    script.cut_content_at = 1000
    with FaultServer(script) as server:
        # More than socket buffers hold, so that the dot cannot leave before the end is known.
        outcomes = deliver(
            server, envelope(1, (b"x" * 70 + b"\r\n") * 400_000), envelope(2), grouping=grouping
        )

    assert fates(outcomes) == {1: "untouched", 2: "untouched"}
    assert not server.kept


def test_a_reply_sent_before_a_failed_write_is_read(grouping: Grouping) -> None:
    script = Script(on_data=lambda _: Do("354 go on\r\n552 5.3.4 far too big", close=True))
    with FaultServer(script) as server:
        outcomes = deliver(
            server, envelope(1, (b"x" * 70 + b"\r\n") * 400_000), envelope(2), grouping=grouping
        )

    assert fates(outcomes)[2] == "untouched"
    assert fates(outcomes)[1] in {"refused", "untouched"}


def test_a_slow_answer_to_the_content_is_waited_for(script: Script, grouping: Grouping) -> None:
    script.on_content = Answer("r1@example.com", Do("250 ok", delay=0.2), "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "accepted"}


def test_a_server_that_cannot_pipeline_loses_nothing_and_is_noticed() -> None:
    with (
        FaultServer(Script(lying=True)) as server,
        connect(server, timeouts=HASTY) as connection,
    ):
        outcomes = list(connection.send([envelope(1), envelope(2)]))
        blamed = connection.grouping_fault
        again = deliver(server, envelope(1), envelope(2), grouping=Grouping.SINGLE)

    assert fates(outcomes) == {1: "untouched", 2: "untouched"}
    assert blamed
    assert fates(again) == {1: "accepted", 2: "accepted"}


def test_the_limit_of_messages_on_a_connection_is_obeyed(
    script: Script, grouping: Grouping
) -> None:
    script.capabilities += ("LIMITS RCPTMAX=10 MAILMAX=2",)
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3)))
        usable = connection.usable

    assert fates(outcomes) == {1: "accepted", 2: "accepted", 3: "untouched"}
    assert not usable
