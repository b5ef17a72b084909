"""A message that came back, and the deliveries that it speaks of.

Anybody can write to the address that bounces go to. So a report counts only with a token of ours
in it, and then it is about the delivery of that token, whatever addresses it mentions.
"""

from dataclasses import dataclass
from hashlib import sha256

from mailer.receipts.bounces import Report, Traces, read
from mailer.tokens import Purpose, Tokens


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
