"""The matrix of faults and modes, held against the table in ``docs/relays.md``.

Message 2 of three meets the fault. Whatever the table says, three things must be true in every
cell: each message has one outcome, the server has what we call accepted and nothing of what we call
refused, deferred or untouched, and every write kept to the rules of its mode.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from mailer.delivery.smtp.client import Fate, Grouping, GroupingFault, Outcome
from mailer.delivery.smtp.replies import Phase
from tests.fakes.smtp_script import CLOSE, STAY_SILENT, AfterChunk, Do, Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.fakes.transcripts import groups_in
from tests.mailer.delivery.smtp.talking import (
    BODY,
    FULL_OFFER,
    HASTY,
    PATIENT,
    connect,
    envelope,
    listened_to,
)

LARGE: Final = b"Subject: large\r\n\r\n" + (b"x" * 70 + b"\r\n") * 300_000
GROUPING_FAULTS: Final = {
    GroupingFault.OUT_OF_STEP: "out of step",
    GroupingFault.SILENCE: "silence",
    GroupingFault.BREAK: "break",
}


@dataclass(frozen=True)
class Fault:
    """What the server does to message 2."""

    arrange: Callable[[Script], None]
    has_phase_in_chunking: bool = True
    content: bytes = BODY
    hasty: bool = False
    one_before: str = "accepted"  # what becomes of message 1


def at(where: str, step: Step, **more: object) -> Fault:
    """The step, in reply to MAIL, RCPT, DATA or the content of message 2."""
    otherwise = {"data": "", "mail": "250 2.1.0 ok", "rcpt": "250 2.1.5 ok"}.get(
        where, "250 2.0.0 ok"
    )

    def arrange(script: Script) -> None:
        def answer(about: str) -> Step:
            return step if about.startswith(("r2@", "b2@")) else otherwise

        setattr(script, f"on_{where}", answer)
        for name, value in more.items():
            setattr(script, name, value)

    silent = isinstance(step, Do) and step.delay > 1
    return Fault(arrange, has_phase_in_chunking=where != "data", hasty=silent)


def set_to(**values: object) -> Callable[[Script], None]:
    def arrange(script: Script) -> None:
        for name, value in values.items():
            setattr(script, name, value)

    return arrange


def no_recipient_yet_354(script: Script) -> None:
    at("rcpt", "550 5.1.1 nobody").arrange(script)
    script.on_data = lambda _: "354 go on"


BYE: Final = Do("421 4.3.2 bye", close=True)
SYNC: Final = Do("554 5.5.0 Error: SMTP protocol synchronization", close=True)
FAULTS: Final[dict[str, Fault]] = {
    "4xx to MAIL": at("mail", "451 4.3.0 later"),
    "5xx to MAIL": at("mail", "550 5.7.1 not from you"),
    "4xx to RCPT": at("rcpt", "450 4.2.0 later"),
    "5xx to RCPT": at("rcpt", "550 5.1.1 nobody"),
    "5xx to RCPT, 354 to DATA": Fault(no_recipient_yet_354),
    "4xx to DATA": at("data", "451 4.3.0 later"),
    "5xx to DATA": at("data", "554 5.3.0 no"),
    "4xx to the content": at("content", "452 4.3.1 full"),
    "5xx to the content": at("content", "554 5.6.0 no"),
    "5xx to the content, transaction left open": at(
        "content", "554 5.6.0 no", after_chunk=AfterChunk.OPEN
    ),
    "5xx to the content, all but RSET barred": at(
        "content", "554 5.6.0 no", after_chunk=AfterChunk.BARRED
    ),
    "421 to MAIL": at("mail", BYE),
    "421 to RCPT": at("rcpt", BYE),
    "421 to DATA": at("data", BYE),
    "421 to the content": at("content", BYE),
    "replies in pieces": Fault(set_to(split_replies=True)),
    "replies of many lines": at("rcpt", "250 2.1.5 one\n2.1.5 two\n2.1.5 three"),
    "a slow answer to the content": at("content", Do("250 2.0.0 ok", delay=0.2)),
    "503 to MAIL": at("mail", "503 5.5.1 bad sequence"),
    "503 to RCPT": at("rcpt", "503 5.5.1 bad sequence"),
    "554 synchronization to MAIL": at("mail", SYNC),
    "554 synchronization to DATA": at("data", SYNC),
    "503 to the content": at("content", "503 5.5.1 bad sequence"),
    "354 to RCPT": at("rcpt", Do("354 what?")),
    "354 to the content": at("content", Do("354 what?", keep=True)),
    "one reply too many": replace(
        at("rcpt", Do(b"250 2.1.5 ok\r\n250 2.1.5 ok\r\n")), one_before="uncertain"
    ),
    "not SMTP": at("rcpt", Do("hello there")),
    "hung up at MAIL": at("mail", CLOSE),
    "hung up at RCPT": at("rcpt", CLOSE),
    "hung up at DATA": at("data", CLOSE),
    "hung up inside the content": Fault(set_to(cut_content_at=100_000), content=LARGE),
    "hung up after the content, kept": at("content", replace(CLOSE, keep=True)),
    "hung up after the content, not kept": at("content", CLOSE),
    "hung up after the answer": Fault(set_to(close_after_contents=2)),
    "silence at MAIL": at("mail", STAY_SILENT),
    "silence at RCPT": at("rcpt", STAY_SILENT),
    "silence at DATA": at("data", STAY_SILENT),
    "silence after the content": at("content", STAY_SILENT),
    "what follows RCPT is dropped": Fault(set_to(drops_behind="RCPT TO:<r2@"), hasty=True),
    "what follows the content is dropped": Fault(set_to(drops_behind_content="r2@"), hasty=True),
    "LIMITS MAILMAX=2": Fault(set_to(capabilities=(*FULL_OFFER, "LIMITS MAILMAX=2"))),
}


def documented() -> dict[str, list[str]]:
    text = Path("docs/relays.md").read_text(encoding="utf-8")
    rows = [line.strip("| \n").split("|") for line in text.splitlines() if line.startswith("| ")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[1:]}


def meet(
    fault: Fault, grouping: Grouping
) -> tuple[list[Outcome], GroupingFault | None, FaultServer]:
    script = Script(capabilities=FULL_OFFER)
    fault.arrange(script)
    timeouts = HASTY if fault.hasty else PATIENT
    envelopes = [
        envelope(key, fault.content if key == 2 else BODY)._replace(
            return_path=f"b{key}@example.org"
        )
        for key in (1, 2, 3)
    ]
    with (
        FaultServer(script) as server,
        connect(server, grouping=grouping, timeouts=timeouts) as connection,
    ):
        exchange, wire = listened_to(connection)
        outcomes = list(exchange.carry(envelopes))
    groups_in(wire.events, grouping)
    return outcomes, exchange.grouping_fault, server


def in_words(outcomes: list[Outcome], grouping_fault: GroupingFault | None) -> str:
    """A cell of the table: what became of message 2, and of the connection."""
    by_key = {outcome.key: outcome for outcome in outcomes}
    words = [by_key[2].fate.value]
    if by_key[3].fate is Fate.UNTOUCHED:
        words.append("ends")
    if grouping_fault:
        words.append(GROUPING_FAULTS[grouping_fault])
    return ", ".join(words)


def tell_the_truth(outcomes: list[Outcome], server: FaultServer) -> None:
    assert sorted(outcome.key for outcome in outcomes) == [1, 2, 3]
    for outcome in outcomes:
        times = server.recipients.count(f"r{outcome.key}@example.com")
        if outcome.fate is Fate.UNCERTAIN:
            assert outcome.phase is Phase.CONTENT
            assert times <= 1
        else:
            assert times == (outcome.fate is Fate.ACCEPTED)


@pytest.mark.parametrize("grouping", Grouping)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_the_outcome_in_the_table(name: str, grouping: Grouping) -> None:
    fault = FAULTS[name]
    expected = documented()[name][list(Grouping).index(grouping)]
    if grouping is Grouping.CHUNKING and not fault.has_phase_in_chunking:
        assert expected == "-"
        return

    outcomes, grouping_fault, server = meet(fault, grouping)

    tell_the_truth(outcomes, server)
    # Message 1 can be uncertain only if its content was in the same group.
    apart = grouping in {Grouping.ENVELOPE, Grouping.SINGLE}
    assert outcomes[0].fate == (Fate.ACCEPTED if apart else fault.one_before)
    assert in_words(outcomes, grouping_fault) == expected


def test_the_table_has_every_fault_and_no_other() -> None:
    assert list(documented()) == list(FAULTS)
