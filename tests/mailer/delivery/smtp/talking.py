"""Talking to a fake relay with the real client."""

from dataclasses import replace

from mailer.delivery.smtp.client import (
    Connection,
    Envelope,
    Grouping,
    Outcome,
    RelayAddress,
    Timeouts,
)
from mailer.delivery.smtp.exchange import SmtpExchange
from tests.fakes.smtp_script import Step
from tests.fakes.smtp_server import FaultServer
from tests.fakes.transcripts import Recording

BODY = b"Subject: hello\r\n\r\nDear reader,\r\n"
PLAIN = ("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
FULL_OFFER = ("PIPELINING", "CHUNKING", *PLAIN)
PATIENT = Timeouts(
    connect=5,
    greeting=5,
    ehlo=5,
    starttls=5,
    auth=5,
    mail=5,
    rcpt=5,
    data=5,
    write=5,
    content=5,
    drain=5,
    quit=0.2,
    probe_after=60,
)
HASTY = replace(PATIENT, greeting=0.4, ehlo=0.4, mail=0.4, rcpt=0.4, data=0.4, content=0.4)


def envelope(key: int, content: bytes = BODY, recipient: str = "") -> Envelope:
    return Envelope(key, "back@example.org", recipient or f"r{key}@example.com", content)


def address(server: FaultServer, **changes: object) -> RelayAddress:
    return replace(RelayAddress("127.0.0.1", server.port), **changes)  # type: ignore[arg-type]


def connect(
    server: FaultServer,
    *,
    grouping: Grouping = Grouping.FULL,
    timeouts: Timeouts = PATIENT,
    **changes: object,
) -> Connection:
    return Connection.open(
        address(server, **changes), hello_name="us.example", timeouts=timeouts, grouping=grouping
    )


def deliver(
    server: FaultServer,
    *envelopes: Envelope,
    grouping: Grouping = Grouping.FULL,
    timeouts: Timeouts = PATIENT,
) -> list[Outcome]:
    with connect(server, grouping=grouping, timeouts=timeouts) as connection:
        return list(connection.send(envelopes))


def listened_to(connection: Connection) -> tuple[SmtpExchange, Recording]:
    """An exchange in the mode of an open connection, and what passes over its wire."""
    wire = Recording(connection._wire)
    timeouts, grouping = connection._timeouts, connection.grouping
    return SmtpExchange(wire, connection.capabilities, grouping=grouping, timeouts=timeouts), wire


def fates(outcomes: list[Outcome]) -> dict[int, str]:
    assert len({outcome.key for outcome in outcomes}) == len(outcomes)
    return {outcome.key: outcome.fate.value for outcome in outcomes}


class Answer:
    """One step for one recipient and another for everybody else."""

    def __init__(self, recipient: str, step: Step, otherwise: Step) -> None:
        self.recipient, self.step, self.otherwise = recipient, step, otherwise

    def __call__(self, recipient: str) -> Step:
        return self.step if recipient == self.recipient else self.otherwise
