"""Postmark: one event, nothing signed; the request has to know a secret."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from mailer.receipts.providers.judging import EventJudgement, judge
from mailer.receipts.providers.model import EventKind, ProviderEvent
from mailer.receipts.providers.proving import check_secret
from mailer.receipts.providers.reading import (
    address,
    fingerprint,
    identifier,
    line,
    mapping,
    moment,
    parsed,
    references,
)

_IGNORED: Final = frozenset({"Open", "Click"})
_MOMENTS: Final = ("BouncedAt", "DeliveredAt", "ChangedAt", "ReceivedAt")
_COMPLAINT: Final = EventJudgement(EventKind.COMPLAINT, "feedback", "")
_UNSUBSCRIBED: Final = EventJudgement(EventKind.UNSUBSCRIBE, "feedback", "")
_UNKNOWN: Final = EventJudgement(EventKind.OTHER, "undefined", "")

# Bounces to be judged by the server's text: whether they are permanent, and the reason if the text
# gives none.
_BOUNCES: Final[dict[str, tuple[bool, str]]] = {
    "HardBounce": (True, "userunknown"),
    "BadEmailAddress": (True, "userunknown"),
    "SoftBounce": (False, ""),
    "Unknown": (False, ""),
    "Transient": (False, "networkerror"),
    "DnsError": (False, "networkerror"),
    "Blocked": (False, "blocked"),
}
# Types that need no judgement of the text.
_TYPES: Final = {
    "SpamNotification": EventJudgement(EventKind.SOFT, "spamdetected", ""),
    "VirusNotification": EventJudgement(EventKind.SOFT, "virusdetected", ""),
    "DMARCPolicy": EventJudgement(EventKind.SOFT, "authfailure", ""),
    "ManuallyDeactivated": EventJudgement(EventKind.SOFT, "onhold", ""),
    "SMTPApiError": EventJudgement(EventKind.SOFT, "mailererror", ""),
    "TemplateRenderingFailed": EventJudgement(EventKind.SOFT, "mailererror", ""),
    "SpamComplaint": _COMPLAINT,
    "Unsubscribe": _UNSUBSCRIBED,
    # Answers of a machine to a message that arrived.
    "AutoResponder": EventJudgement(EventKind.OTHER, "vacation", ""),
    "AddressChange": EventJudgement(EventKind.OTHER, "hasmoved", ""),
}


def read(
    headers: Mapping[str, str], body: bytes, *, secrets: Collection[str], now: datetime
) -> tuple[ProviderEvent, ...]:
    """What Postmark reports; Forged when the request knows none of the secrets.

    A secret is as in ``proving.check_secret``: Postmark sends the user and the password of the
    webhook's address, or a header of its own.
    """
    check_secret(headers, secrets)
    payload = mapping(parsed(body))
    name = line(payload.get("RecordType"))
    if not name or name in _IGNORED:
        return ()
    diagnostic = line(payload.get("Details")) or line(payload.get("Description"))
    judged = _judged(name, payload, line(payload.get("Details")))
    recipient = address(payload.get("Email")) or address(payload.get("Recipient"))
    when = next((payload[each] for each in _MOMENTS if payload.get(each)), None)
    message_id, number = identifier(payload.get("MessageID")), line(payload.get("ID"))
    event = ProviderEvent(
        kind=judged.kind,
        recipient=recipient,
        reason=judged.reason,
        status=judged.status,
        diagnostic=diagnostic,
        message_id=message_id,
        references=references(mapping(payload.get("Metadata"))),
        event_id=f"{name}/{number}"
        if number
        else fingerprint("postmark", name, recipient, message_id, line(when)),
        at=moment(when, now=now),
    )
    return (event,)


def _judged(name: str, payload: Mapping[str, object], details: str) -> EventJudgement:
    match name:
        case "Bounce":
            return _bounced(line(payload.get("Type")), details)
        case "SpamComplaint":
            return _COMPLAINT
        case "Delivery":
            return EventJudgement(EventKind.DELIVERED, "delivered", "")
        case "SubscriptionChange":
            return _changed(payload)
        case _:
            return _UNKNOWN


def _bounced(kind: str, details: str) -> EventJudgement:
    if kind not in _BOUNCES:
        return _TYPES.get(kind, _UNKNOWN)
    permanent, fallback = _BOUNCES[kind]
    judged = judge(details, permanent=permanent, fallback=fallback)
    if kind == "Transient":  # Postmark goes on trying
        return EventJudgement(EventKind.DELAYED, judged.reason, judged.status)
    return judged


def _changed(payload: Mapping[str, object]) -> EventJudgement:
    """An entry added to Postmark's list, or removed; a bounce is also reported as a bounce."""
    if payload.get("SuppressSending") is not True:
        return _UNKNOWN
    reason = line(payload.get("SuppressionReason"))
    if reason == "SpamComplaint":
        return _COMPLAINT
    by_the_person = line(payload.get("Origin")) == "Recipient"
    return _UNSUBSCRIBED if reason == "ManualSuppression" and by_the_person else _UNKNOWN
