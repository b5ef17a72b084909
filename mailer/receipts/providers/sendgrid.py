"""SendGrid: a signed array of events (ECDSA P-256 over the timestamp and the raw body)."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailer.errors import SettingsError
from mailer.receipts.providers.judging import EventJudgement, judge
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent
from mailer.receipts.providers.proving import check_seconds, from_base64, header, octets
from mailer.receipts.providers.reading import (
    MOST_OCTETS,
    address,
    fingerprint,
    identifier,
    line,
    mapping,
    members,
    moment,
    parsed,
    references,
)

_SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
_TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
_IGNORED: Final = frozenset({"processed", "open", "click"})
_PLAIN: Final = {
    "delivered": EventJudgement(EventKind.DELIVERED, "delivered", ""),
    "spamreport": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "unsubscribe": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
    "group_unsubscribe": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
}
_REASONS: Final = {
    "Invalid Address": "userunknown",
    "Mailbox Unavailable": "suspend",
    "Technical Failure": "systemerror",
    "Content": "contenterror",
    "Reputation": "badreputation",
    "Frequency or Volume Too High": "speeding",
}
# Why SendGrid did not even try. That it remembers an old bounce is no evidence of its own.
_DROPPED: Final = {
    "bounced address": EventJudgement(EventKind.SOFT, "onhold", ""),
    "invalid": EventJudgement(EventKind.HARD, "userunknown", ""),
    "spam content": EventJudgement(EventKind.SOFT, "spamdetected", ""),
    "spam reporting address": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "unsubscribed address": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
}
_OWN_KEYS: Final = frozenset(
    (
        "asm_group_id attempt bounce_classification category cert_err email event ip pool "
        "reason response send_at sg_content_type sg_event_id sg_machine_open smtp-id status "
        "timestamp tls type url url_offset useragent"
    ).split()
)


def read(
    headers: Mapping[str, str], body: bytes, *, public_key: str, now: datetime
) -> tuple[ProviderEvent, ...]:
    """What SendGrid reports; Forged when the request is not SendGrid's.

    ``public_key`` is the verification key as SendGrid shows it: base64 of a DER public key.
    """
    signed_at = header(headers, _TIMESTAMP)
    check_seconds(signed_at, now=now)
    if len(body) > MOST_OCTETS:
        raise Forged("The SendGrid request is too large.")
    signature = from_base64(header(headers, _SIGNATURE))
    try:
        _key(public_key).verify(signature, octets(signed_at) + body, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Forged("The signature of the SendGrid request is wrong.") from error
    return tuple(_events(members(parsed(body)), now))


def _key(text: str) -> EllipticCurvePublicKey:
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SettingsError("SendGrid's verification key cannot be read.") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise SettingsError("SendGrid's verification key is not a key for ECDSA with P-256.")
    return key


def _events(payload: list[object], now: datetime) -> Iterator[ProviderEvent]:
    for event in map(mapping, payload):
        name = line(event.get("event"))
        if not name or name in _IGNORED:
            continue
        # "response" when it was delivered or deferred, "reason" when it bounced or was dropped.
        diagnostic = line(event.get("reason")) or line(event.get("response"))
        judged = _judged(name, event, diagnostic)
        recipient, sent = address(event.get("email")), line(event.get("sg_message_id"))
        when = line(event.get("timestamp"))
        yield ProviderEvent(
            kind=judged.kind,
            recipient=recipient,
            reason=judged.reason,
            status=judged.status,
            diagnostic=diagnostic,
            message_id=identifier(event.get("smtp-id")) or identifier(sent),
            references=references({k: v for k, v in event.items() if k not in _OWN_KEYS}),
            event_id=line(event.get("sg_event_id"))
            or fingerprint("sendgrid", name, recipient, sent, when, diagnostic),
            at=moment(event.get("timestamp"), now=now),
        )


def _judged(name: str, event: Mapping[str, object], diagnostic: str) -> EventJudgement:
    if name in _PLAIN:
        return _PLAIN[name]
    if name == "dropped":
        return _dropped(diagnostic)
    status = line(event.get("status"))
    if name == "deferred":
        judged = judge(diagnostic, permanent=False, status=status)
        return EventJudgement(EventKind.DELAYED, judged.reason, judged.status)
    if name != "bounce":
        return EventJudgement(EventKind.OTHER, "undefined", "")
    if diagnostic.startswith("unable to get mx info"):  # and goes on about PTR records, wrongly
        return judge("", permanent=False, status=status, fallback="hostunknown")
    fallback = _REASONS.get(line(event.get("bounce_classification")), "")
    permanent = line(event.get("type")) == "bounce"  # "blocked" is what may work another day
    return judge(diagnostic, permanent=permanent, status=status, fallback=fallback)


def _dropped(diagnostic: str) -> EventJudgement:
    lowered = diagnostic.lower()
    known = (judged for start, judged in _DROPPED.items() if lowered.startswith(start))
    return next(known, EventJudgement(EventKind.SOFT, "undefined", ""))
