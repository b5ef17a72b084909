"""What came back, by mail or from a provider, and the deliveries that it speaks of.

Anybody can write to the address that bounces go to. So a report counts only with a token of ours
in it, and then it is about the delivery of that token, whatever addresses it mentions.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mailer.receipts.bounces import Kind, Report, Traces, read
from mailer.receipts.events import model
from mailer.tokens import Purpose, Tokens

_RETURN_PATH: Final = re.compile(r"\b[bu]\+[0-9a-f]{40}(?=@)", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"\b[0-9a-f]{40}(?=@)", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^\s<>]{1,900}/u/[A-Za-z0-9_-]{32}")
_KINDS: Final = {
    model.Kind.HARD: Kind.HARD,
    model.Kind.SOFT: Kind.SOFT,
    model.Kind.DELAYED: Kind.SOFT,
    model.Kind.COMPLAINT: Kind.COMPLAINT,
    model.Kind.UNSUBSCRIBE: Kind.UNSUBSCRIBE,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One report; ``delivery_id`` is None when nothing in it proves which delivery it is about.

    ``key`` is the same whenever the same message is read again.
    """

    report: Report
    delivery_id: int | None
    key: str


def hear(message: bytes, *, sent_to: str = "", tokens: Tokens) -> tuple[Heard, ...]:
    """What a message says, a report a recipient. Never raises and changes nothing."""
    digest = sha256(message).hexdigest()[:56]
    return tuple(
        Heard(report, delivery_of(report.traces, tokens), f"{digest}:{place}")
        for place, report in enumerate(read(message, sent_to=sent_to))
    )


def hear_event(event: model.Event, *, provider: str, tokens: Tokens) -> Heard:
    """The same of an event that a provider has proved to be its own."""
    told = " ".join([event.message_id, *event.references.values()])
    traces = Traces(
        return_paths=tuple(_RETURN_PATH.findall(told)),
        unsubscribe=tuple(_LINK.findall(told)),
        message_ids=tuple(f"{token}@" for token in _MESSAGE_ID.findall(told)),
    )
    report = Report(
        _KINDS.get(event.kind, Kind.NONE),
        event.recipient,
        event.reason,
        event.status,
        event.diagnostic,
        traces,
        delayed=event.kind is model.Kind.DELAYED,
    )
    key = sha256(f"{provider}:{event.event_id}".encode()).hexdigest()[:64]
    return Heard(report, delivery_of(traces, tokens), key)


def delivery_of(traces: Traces, tokens: Tokens) -> int | None:
    """The delivery that a trace names, the best kind of trace first; its code has to be right."""
    for local in (*traces.return_paths, *traces.unsubscribe):
        if found := tokens.open_from_mail(Purpose.RETURN, local[2:]):
            return found[0]
    for envelope_id in traces.envelope_ids:
        if found := tokens.open_from_mail(Purpose.RETURN, envelope_id):
            return found[0]
    for message_id in traces.message_ids:
        found = tokens.open_from_mail(Purpose.MESSAGE, message_id.partition("@")[0])
        if found and found[1] == 0:  # else it is a system mail's
            return found[0]
    for link in traces.unsubscribe:
        if found := tokens.open(Purpose.CHOICES, link.rpartition("/")[2]):
            return found[0]
    return None
