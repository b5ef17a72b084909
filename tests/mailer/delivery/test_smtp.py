"""The SMTP client against a server that behaves as badly as servers do."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery.smtp import (
    Connection,
    Envelope,
    Fate,
    Grouping,
    Objection,
    Outcome,
    Phase,
)
from tests.fakes.smtp_script import CLOSE, STAY_SILENT, AfterChunk, Do, Script, Step
from tests.fakes.smtp_server import FaultServer, said_code
from tests.fakes.transcripts import groups_in
from tests.mailer.delivery.talking import (
    BODY,
    FULL_OFFER,
    HASTY,
    PATIENT,
    PLAIN,
    address,
    connect,
    deliver,
    envelope,
    fates,
    listened_to,
)


def only(recipient: str, step: Step, otherwise: Step) -> "Answer":
    return Answer(recipient, step, otherwise)


class Answer:
    """One step for one recipient and another for everybody else."""

    def __init__(self, recipient: str, step: Step, otherwise: Step) -> None:
        self.recipient, self.step, self.otherwise = recipient, step, otherwise

    def __call__(self, recipient: str) -> Step:
        return self.step if recipient == self.recipient else self.otherwise


@pytest.fixture(params=[*Grouping, "not offered"])
def manner(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def grouping(manner: str) -> Grouping:
    return Grouping(manner) if manner != "not offered" else Grouping.FULL


@pytest.fixture
def script(manner: str) -> Script:
    return Script(strict=True, capabilities=PLAIN if manner == "not offered" else FULL_OFFER)


# How it is written


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


def test_the_envelope_rung_keeps_the_content_apart() -> None:
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


def test_a_message_costs_one_round_trip() -> None:
    with FaultServer(Script(latency=0.05)) as server, connect(server) as connection:
        begun = time.monotonic()
        outcomes = list(connection.send(envelope(key) for key in range(10)))
        taken = time.monotonic() - begun

    assert [outcome.fate for outcome in outcomes] == [Fate.ACCEPTED] * 10
    assert taken < 0.05 * 12 + 0.2


def test_a_message_arrives_as_it_was_written(script: Script, grouping: Grouping) -> None:
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


def test_a_content_without_a_line_end_is_given_one(script: Script, grouping: Grouping) -> None:
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


def test_many_threads_have_a_connection_each() -> None:
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


# What servers refuse


@pytest.mark.parametrize(
    ("reply", "fate"), [("450 4.2.0 later", "deferred"), ("550 5.1.1 nobody", "refused")]
)
def test_a_refused_recipient_costs_nobody_else_the_message(
    script: Script, grouping: Grouping, reply: str, fate: str
) -> None:
    script.on_rcpt = only("r2@example.com", reply, "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: fate, 3: "accepted"}
    assert server.recipients == ["r1@example.com", "r3@example.com"]
    assert outcomes[1].phase is Phase.RCPT
    assert str(outcomes[1].reply) == reply


def test_a_transaction_after_a_failed_one_starts_with_a_reset_in_the_same_group() -> None:
    with FaultServer(Script(on_rcpt=only("r1@example.com", "550 no", "250 ok"))) as server:
        deliver(server, envelope(1), envelope(2))

    assert server.transcript[0][2].startswith(b"RSET\r\nMAIL FROM:")


def test_a_server_that_wants_content_for_nobody_gets_a_lone_dot(grouping: Grouping) -> None:
    script = Script(
        on_rcpt=only("r2@example.com", "550 5.1.1 nobody", "250 ok"), on_data=lambda _: "354 go on"
    )
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    assert server.recipients == ["r1@example.com", "r3@example.com"]
    assert (b".\r\n" in server.transcript[0]) is (grouping is not Grouping.SINGLE)


def test_a_refused_sender_is_told_with_its_phase(script: Script, grouping: Grouping) -> None:
    script.on_mail = lambda _: "550 5.7.1 not from you"
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "refused", 2: "refused"}
    assert {outcome.phase for outcome in outcomes} == {Phase.MAIL}
    assert not server.kept


@pytest.mark.parametrize("reply", ["451 4.3.0 later", "554 5.3.0 no"])
def test_data_refused_with_a_good_recipient_is_an_answer_of_its_own(
    script: Script, grouping: Grouping, reply: str
) -> None:
    if grouping is Grouping.CHUNKING:
        pytest.skip("a chunk asks for no leave")
    script.on_data = only("r1@example.com", reply, "")
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
    script.on_content = only("r1@example.com", reply, "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: fate, 2: "accepted"}
    assert server.connections == 1


def test_unknown_codes_count_by_their_first_digit(script: Script, grouping: Grouping) -> None:
    script.on_rcpt = only("r1@example.com", "299 fine", "599 never")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused"}


def test_replies_of_many_lines_and_in_pieces_are_one_reply_each(
    script: Script, grouping: Grouping
) -> None:
    script.split_replies = True
    script.on_mail = lambda _: "250 2.1.0 one\n2.1.0 two\n2.1.0 three"
    script.on_rcpt = only("r2@example.com", "550 5.1.1 no\n5.1.1 such\n5.1.1 person", "250 a\nb")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    reply = outcomes[1].reply
    assert reply
    assert (reply.text, reply.enhanced) == ("5.1.1 no such person", "5.1.1")


# What ends a connection


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
def test_a_server_that_falls_silent_is_given_up(
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
def test_a_421_is_heard_and_ends_the_connection(
    script: Script, grouping: Grouping, where: str
) -> None:
    if where == "data" and grouping is Grouping.CHUNKING:
        pytest.skip("a chunk asks for no leave")
    count = iter(range(100))
    goodbye = Do("421 4.3.2 shutting down", close=True)
    good = "250 ok" if where == "content" else ok(where)
    setattr(script, f"on_{where}", lambda _: goodbye if next(count) == 1 else good)
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3)))
        blamed = connection.misstep

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
def test_a_connection_that_has_carried_enough_defers_nobody(
    script: Script, grouping: Grouping, words: str
) -> None:
    count = iter(range(100))
    script.on_mail = lambda _: "250 ok" if next(count) < 2 else words
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3, 4)))
        usable, blamed = connection.usable, connection.misstep

    assert fates(outcomes) == {1: "accepted", 2: "accepted", 3: "untouched", 4: "untouched"}
    assert {outcome.phase.value for outcome in outcomes[2:]} == {"connect"}
    assert not usable
    assert not blamed


def test_a_relay_that_has_always_had_enough_is_asked_less_often(
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
    script.on_content = only("r2@example.com", replace(step, keep=kept), "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, *(envelope(key) for key in (1, 2, 3)), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "uncertain", 3: "untouched"}


def test_a_close_after_the_answer_leaves_the_answer_standing(
    script: Script, grouping: Grouping
) -> None:
    script.close_after_contents = 1
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "untouched"}
    assert server.recipients == ["r1@example.com"]


def test_a_message_cut_off_before_its_dot_is_untouched(script: Script, grouping: Grouping) -> None:
    script.cut_content_at = 1000
    with FaultServer(script) as server:
        # More than socket buffers hold, so that the dot cannot leave before the end is known.
        outcomes = deliver(
            server, envelope(1, (b"x" * 70 + b"\r\n") * 400_000), envelope(2), grouping=grouping
        )

    assert fates(outcomes) == {1: "untouched", 2: "untouched"}
    assert not server.kept


def test_what_a_server_said_before_it_hung_up_on_a_write_is_heard(grouping: Grouping) -> None:
    script = Script(on_data=lambda _: Do("354 go on\r\n552 5.3.4 far too big", close=True))
    with FaultServer(script) as server:
        outcomes = deliver(
            server, envelope(1, (b"x" * 70 + b"\r\n") * 400_000), envelope(2), grouping=grouping
        )

    assert fates(outcomes)[2] == "untouched"
    assert fates(outcomes)[1] in {"refused", "untouched"}


def test_a_slow_answer_to_the_content_is_waited_for(script: Script, grouping: Grouping) -> None:
    script.on_content = only("r1@example.com", Do("250 ok", delay=0.2), "250 ok")
    with FaultServer(script) as server:
        outcomes = deliver(server, envelope(1), envelope(2), grouping=grouping)

    assert fates(outcomes) == {1: "accepted", 2: "accepted"}


def test_a_server_that_lies_about_pipelining_loses_nothing_and_is_found_out() -> None:
    with (
        FaultServer(Script(lying=True)) as server,
        connect(server, timeouts=HASTY) as connection,
    ):
        outcomes = list(connection.send([envelope(1), envelope(2)]))
        blamed = connection.misstep
        again = deliver(server, envelope(1), envelope(2), grouping=Grouping.SINGLE)

    assert fates(outcomes) == {1: "untouched", 2: "untouched"}
    assert blamed
    assert fates(again) == {1: "accepted", 2: "accepted"}


def test_the_number_of_messages_on_a_connection_is_obeyed(
    script: Script, grouping: Grouping
) -> None:
    script.capabilities += ("LIMITS RCPTMAX=10 MAILMAX=2",)
    with FaultServer(script) as server, connect(server, grouping=grouping) as connection:
        outcomes = list(connection.send(envelope(key) for key in (1, 2, 3)))
        usable = connection.usable

    assert fates(outcomes) == {1: "accepted", 2: "accepted", 3: "untouched"}
    assert not usable


# What is refused here


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
def test_what_must_not_be_written_is_refused_before_anything_is_sent(
    changes: dict[str, Any], objection: Objection
) -> None:
    bad = envelope(2)._replace(**changes)
    with FaultServer(Script(capabilities=("PIPELINING", "SIZE 2000"))) as server:
        outcomes = deliver(server, envelope(1), bad, envelope(3))

    refused = next(outcome for outcome in outcomes if outcome.key == 2)
    assert fates(outcomes) == {1: "accepted", 2: "refused", 3: "accepted"}
    assert (refused.phase, refused.sentence) == (Phase.MAIL, objection)
    assert server.recipients == ["r1@example.com", "r3@example.com"]


# Reuse and the supply of envelopes


def test_a_connection_carries_one_group_after_another() -> None:
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


def test_a_long_idle_connection_is_asked_before_it_is_trusted() -> None:
    with FaultServer(Script(on_noop="421 gone")) as server:
        connection = Connection.open(
            address(server), hello_name="us.example", timeouts=replace(PATIENT, probe_after=0.01)
        )
        time.sleep(0.05)
        outcomes = list(connection.send([envelope(1)]))
        connection.close()

    assert fates(outcomes) == {1: "untouched"}
    assert server.transcript[0][-1] == b"NOOP\r\n"


def test_a_fault_of_the_supply_is_raised_after_the_outcomes(grouping: Grouping) -> None:
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


def test_a_connection_left_midway_is_not_used_again() -> None:
    with FaultServer() as server, connect(server) as connection:
        sending = connection.send(envelope(key) for key in range(5))
        next(sending)
        sending.close()  # type: ignore[attr-defined]
        usable = connection.usable

    assert not usable


# Whatever happens

FAULTS: list[Step] = [
    "250 ok",
    "250 ok",
    "251 will forward",
    "450 4.2.0 later",
    "550 5.1.1 nobody",
    "421 4.3.2 bye",
    Do("421 4.3.2 bye", close=True),
    Do("354 go on"),
    Do("250 ok", close=True),
    Do("550 no", close=True),
    CLOSE,
    Do("503 5.5.1 bad sequence"),
    Do("554 5.5.0 SMTP protocol synchronization", close=True),
    Do("garbage"),
    Do(None),
]
TOO_MANY = Do(b"250 ok\r\n250 ok\r\n")


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([*FAULTS, TOO_MANY]),
            st.sampled_from([*FAULTS, TOO_MANY]),
            st.sampled_from(FAULTS),
            st.sampled_from(FAULTS),
            st.booleans(),
        ),
        max_size=6,
    ),
    offered=st.sampled_from([(), ("PIPELINING",), ("PIPELINING", "CHUNKING")]),
    grouping=st.sampled_from(Grouping),
    split=st.booleans(),
    after_chunk=st.sampled_from(AfterChunk),
)
def test_every_message_has_one_outcome_and_it_is_true(
    steps: list[tuple[Step, Step, Step, Step, bool]],
    offered: tuple[str, ...],
    grouping: Grouping,
    split: bool,
    after_chunk: AfterChunk,
) -> None:
    plans = {f"r{key}@example.com": plan for key, plan in enumerate(steps)}
    paths = {f"b{key}@example.org": plan for key, plan in enumerate(steps)}

    def content(recipient: str) -> Step:
        step, keep = plans[recipient][3], plans[recipient][4]
        step = Do(step) if isinstance(step, str) else step
        # A server may keep what it gave no answer to, but never what it has refused.
        if said_code(step)[:1] in {"2", "4", "5"}:
            return step
        # Nor can anybody tell a skipped answer from the next one: it stays silent for good.
        return replace(step, keep=keep, delay=step.delay or (0 if step.reply or step.close else 60))

    def data(recipient: str) -> Step:
        step = plans[recipient][2] if recipient else ""
        return "" if isinstance(step, str) and step.startswith("25") else step

    script = Script(
        capabilities=offered,
        on_mail=lambda path: paths[path][0],
        on_rcpt=lambda recipient: plans[recipient][1],
        on_data=data,
        on_content=content,
        # A reply too many that comes late, behind a chunk, is the answer to it for all one can see.
        split_replies=split and all(TOO_MANY not in plan for plan in steps),
        after_chunk=after_chunk,
    )
    envelopes = [
        Envelope(key, f"b{key}@example.org", f"r{key}@example.com", BODY)
        for key in range(len(steps))
    ]
    short = replace(PATIENT, mail=0.05, rcpt=0.05, data=0.05, content=0.05, drain=0.05)
    with (
        FaultServer(script) as server,
        Connection.open(
            address(server), hello_name="us.example", timeouts=short, grouping=grouping
        ) as connection,
    ):
        exchange, wire = listened_to(connection)
        outcomes = list(exchange.carry(envelopes))

    groups_in(wire.events, exchange.grouping)
    assert sorted(outcome.key for outcome in outcomes) == list(range(len(steps)))
    for outcome in outcomes:
        times = server.recipients.count(f"r{outcome.key}@example.com")
        if outcome.fate is Fate.ACCEPTED:
            assert times == 1
        elif outcome.fate is Fate.UNCERTAIN:
            assert times <= 1
        else:
            assert times == 0
