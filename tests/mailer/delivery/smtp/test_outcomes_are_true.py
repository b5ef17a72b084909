"""Whatever a server does, each message has one outcome, and it is true."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.delivery.smtp.client import Connection, Envelope, Fate, Grouping
from tests.fakes.smtp_script import CLOSE, AfterChunk, Do, Script, Step
from tests.fakes.smtp_server import FaultServer, said_code
from tests.fakes.transcripts import groups_in
from tests.mailer.delivery.smtp.talking import BODY, PATIENT, address, listened_to

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


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        # A skipped reply cannot be told from the next one, so the server stays silent for good.
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
        # An extra reply that comes late, behind a chunk, cannot be told from the reply to it.
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
