"""Matches reports, by mail or from a provider, to the deliveries and system mails they are about.

Anybody can write to the address that bounces go to. So a report counts only with a token of ours
in it, and then it is about the mail of that token, whatever addresses it mentions.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mailer.receipts.bounces import BounceKind, Report, Traces, read
from mailer.receipts.providers import model
from mailer.security.tokens import Purpose, Tokens

_RETURN_PATH: Final = re.compile(r"\b[bnu]\+[0-9a-f]{40}(?=@)", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"\b[0-9a-f]{40}(?=@)", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^\s<>]{1,900}/u/[A-Za-z0-9_-]{32}")
_KINDS: Final = {
    model.EventKind.HARD: BounceKind.HARD,
    model.EventKind.SOFT: BounceKind.SOFT,
    model.EventKind.DELAYED: BounceKind.SOFT,
    model.EventKind.COMPLAINT: BounceKind.COMPLAINT,
    model.EventKind.UNSUBSCRIBE: BounceKind.UNSUBSCRIBE,
}


@dataclass(frozen=True, slots=True)
class OurMail:
    """The mail of ours that a report is about: a delivery of a campaign, or a system mail."""

    delivery_id: int | None = None
    notice_id: int | None = None


@dataclass(frozen=True, slots=True)
class MatchedReport:
    """One report; ``about`` is None when nothing in it proves which mail of ours it is about.

    ``key`` is the same whenever the same message is read again.
    """

    report: Report
    about: OurMail | None
    key: str

    @property
    def is_settled(self) -> bool:
        """Whether no person has to look at it: it is applied, or needs no action."""
        if self.report.kind is BounceKind.VACATION or self.report.reason == "delivered":
            return True
        return self.report.kind is not BounceKind.NONE and self.about is not None


def match_report(message: bytes, *, sent_to: str = "", tokens: Tokens) -> tuple[MatchedReport, ...]:
    """The reports of a message, one a recipient. Never raises and changes nothing."""
    digest = sha256(message).hexdigest()[:56]
    return tuple(
        MatchedReport(report, find_our_mail(report.traces, tokens), f"{digest}:{place}")
        for place, report in enumerate(read(message, sent_to=sent_to))
    )


def match_event(event: model.ProviderEvent, *, provider: str, tokens: Tokens) -> MatchedReport:
    """The report of a provider's event, which has been proved to be the provider's."""
    text = " ".join([event.message_id, *event.references.values()])
    traces = Traces(
        return_paths=tuple(_RETURN_PATH.findall(text)),
        unsubscribe=tuple(_LINK.findall(text)),
        message_ids=tuple(f"{token}@" for token in _MESSAGE_ID.findall(text)),
    )
    report = Report(
        _KINDS.get(event.kind, BounceKind.NONE),
        event.recipient,
        event.reason,
        event.status,
        event.diagnostic,
        traces,
        delayed=event.kind is model.EventKind.DELAYED,
    )
    key = sha256(f"{provider}:{event.event_id}".encode()).hexdigest()[:64]
    return MatchedReport(report, find_our_mail(traces, tokens), key)


def find_our_mail(traces: Traces, tokens: Tokens) -> OurMail | None:
    """The mail that a trace names, the best kind of trace first; its code has to be right."""
    for local in (*traces.return_paths, *traces.unsubscribe):
        if local[0] in "nN":
            if subject := _of_message(local[2:], tokens):
                return subject
        elif found := tokens.open_from_mail(Purpose.RETURN, local[2:]):
            return OurMail(delivery_id=found[0])
    for envelope_id in traces.envelope_ids:
        if found := tokens.open_from_mail(Purpose.RETURN, envelope_id):
            return OurMail(delivery_id=found[0])
    for message_id in traces.message_ids:
        if subject := _of_message(message_id.partition("@")[0], tokens):
            return subject
    for link in traces.unsubscribe:
        if found := tokens.open(Purpose.CHOICES, link.rpartition("/")[2]):
            return OurMail(delivery_id=found[0])
    return None


def _of_message(token: str, tokens: Tokens) -> OurMail | None:
    found = tokens.open_from_mail(Purpose.MESSAGE, token)
    if found is None:
        return None
    # A delivery's Message-ID seals 0 beside the id, a system mail's seals 1.
    return OurMail(notice_id=found[0]) if found[1] else OurMail(delivery_id=found[0])
