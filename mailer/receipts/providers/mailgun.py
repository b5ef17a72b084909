"""Mailgun: one event beside a signature of a moment and a random token.

The signature does not cover the event. Whoever has seen one could send any event with it, so a
token must be honoured once only; the web view remembers the tokens.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import new as new_hmac
from typing import Final

from mailer.receipts.providers.judging import EventJudgement, judge
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent, SignedEvents
from mailer.receipts.providers.proving import check_seconds, octets, same_as_any
from mailer.receipts.providers.reading import (
    address,
    identifier,
    line,
    mapping,
    moment,
    parsed,
    references,
)

# Mailgun tries for eight hours, and whether a retry is signed anew is not documented.
FRESH: Final = timedelta(hours=9)
_LONGEST_TOKEN: Final = 200
_IGNORED: Final = frozenset({"accepted", "stored", "opened", "clicked"})
_PLAIN: Final = {
    "delivered": EventJudgement(EventKind.DELIVERED, "delivered", ""),
    "complained": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "unsubscribed": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
}
# Why Mailgun did not even try. That it remembers an old bounce is no evidence of its own.
_SUPPRESSED: Final = {
    "suppress-bounce": EventJudgement(EventKind.SOFT, "onhold", ""),
    "suppress-complaint": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "suppress-unsubscribe": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
}
_NO_HOST: Final = ("no mx for", "no mail hosts for domain", "unable to resolve route")
_REASONS: Final = {"espblock": "blocked", "greylisted": "speeding", "old": "expired"}


def read(
    headers: Mapping[str, str],  # noqa: ARG001 - Mailgun puts its proof into the body
    body: bytes,
    *,
    signing_keys: Sequence[str],
    now: datetime,
) -> SignedEvents:
    """What Mailgun reports, and the token to honour once; Forged when it is not Mailgun's.

    ``signing_keys`` are several while one replaces another.
    """
    payload = mapping(parsed(body))
    proof = mapping(payload.get("signature"))
    token, signed_at, signature = (
        _text(proof.get(name)) for name in ("token", "timestamp", "signature")
    )
    check_seconds(signed_at, now=now, most=FRESH)
    if not 0 < len(token) <= _LONGEST_TOKEN:
        raise Forged("The Mailgun request has no token.")
    signed = octets(signed_at + token)
    expected = (new_hmac(octets(key), signed, sha256).hexdigest() for key in signing_keys if key)
    if not same_as_any(signature, expected):
        raise Forged("The signature of the Mailgun request is wrong.")
    return SignedEvents(token, _events(mapping(payload.get("event-data")), token, now))


def _text(value: object) -> str:
    """As it was signed: Mailgun has written the moment as a text and as a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _events(data: Mapping[str, object], token: str, now: datetime) -> tuple[ProviderEvent, ...]:
    name = line(data.get("event"))
    if not name or name in _IGNORED:
        return ()
    status = mapping(data.get("delivery-status"))
    diagnostic = line(status.get("message")) or line(status.get("description"))
    diagnostic = diagnostic or line(mapping(data.get("reject")).get("reason"))
    headers = mapping(mapping(data.get("message")).get("headers"))
    judged = _judged(name, data, status, diagnostic)
    number, when = line(data.get("id")), line(data.get("timestamp"))
    event = ProviderEvent(
        kind=judged.kind,
        recipient=address(data.get("recipient")) or address(headers.get("to")),
        reason=judged.reason,
        status=judged.status,
        diagnostic=diagnostic,
        message_id=identifier(headers.get("message-id")),
        references=references(mapping(data.get("user-variables"))),
        # An id is unique within its day only; a retry may come under another token.
        event_id=f"{number}/{when}" if number and when else line(token),
        at=moment(data.get("timestamp"), now=now),
    )
    return (event,)


def _judged(
    name: str, data: Mapping[str, object], status: Mapping[str, object], diagnostic: str
) -> EventJudgement:
    if name in _PLAIN:
        return _PLAIN[name]
    if name == "rejected":  # by Mailgun itself, for what is in it or for our account
        return EventJudgement(EventKind.SOFT, "policyviolation", "")
    if name != "failed":
        return EventJudgement(EventKind.OTHER, "undefined", "")
    reason = line(data.get("reason"))
    if reason in _SUPPRESSED:
        return _SUPPRESSED[reason]
    permanent = line(data.get("severity")) == "permanent"
    no_host = diagnostic.lower().startswith(_NO_HOST)
    judged = judge(
        diagnostic,
        permanent=permanent,
        status=line(status.get("enhanced-code")),
        code=0 if no_host else _code(status.get("code")),  # Mailgun's own: no server spoke
        fallback="hostunknown" if no_host else _REASONS.get(reason, ""),
    )
    if permanent:
        return judged
    return EventJudgement(EventKind.DELAYED, judged.reason, judged.status)


def _code(value: object) -> int:
    text = line(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0
