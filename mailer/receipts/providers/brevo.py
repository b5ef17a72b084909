"""Brevo: one event or an array of them, nothing signed and no ids."""

from collections.abc import Collection, Iterator, Mapping
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
    members,
    moment,
    parsed,
    references,
)

# Names are compared without case and underscores: the two sorts of webhook differ in both.
_IGNORED: Final = frozenset(
    "request sent opened uniqueopened proxyopen uniqueproxyopen click clicks".split()
)
_PLAIN: Final = {
    "delivered": EventJudgement(EventKind.DELIVERED, "delivered", ""),
    "spam": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "complaint": EventJudgement(EventKind.COMPLAINT, "feedback", ""),
    "unsubscribe": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
    "unsubscribed": EventJudgement(EventKind.UNSUBSCRIBE, "feedback", ""),
}
# Bounces to be judged by the server's text: whether they are permanent, and the reason if the text
# gives none.
_BOUNCES: Final[dict[str, tuple[bool, str]]] = {
    "hardbounce": (True, "userunknown"),
    "invalidemail": (True, "userunknown"),
    "softbounce": (False, ""),
    "deferred": (False, ""),
    "blocked": (False, "blocked"),
    "error": (False, "mailererror"),
}
_MILLISECONDS: Final = 10**11  # as seconds this would be the year 5138


def read(
    headers: Mapping[str, str], body: bytes, *, secrets: Collection[str], now: datetime
) -> tuple[ProviderEvent, ...]:
    """What Brevo reports; Forged when the request knows none of the secrets.

    A secret is as in ``proving.check_secret``: Brevo sends a user and a password, or a token.
    """
    check_secret(headers, secrets)
    payload = parsed(body)
    return tuple(_events(members(payload) or [payload], now))


def _events(payload: list[object], now: datetime) -> Iterator[ProviderEvent]:
    for event in map(mapping, payload):
        name = line(event.get("event")).lower().replace("_", "")
        if not name or name in _IGNORED:
            continue
        diagnostic = line(event.get("reason"))
        judged = _judged(name, diagnostic)
        recipient, message_id = address(event.get("email")), identifier(event.get("message-id"))
        when = event.get("ts_epoch") or event.get("ts_event")
        yield ProviderEvent(
            kind=judged.kind,
            recipient=recipient,
            reason=judged.reason,
            status=judged.status,
            diagnostic=diagnostic,
            message_id=message_id,
            references=_references(event.get("X-Mailin-custom")),
            event_id=fingerprint("brevo", name, recipient, message_id, line(when), diagnostic),
            at=moment(_seconds(when), now=now),
        )


def _judged(name: str, diagnostic: str) -> EventJudgement:
    if name in _PLAIN:
        return _PLAIN[name]
    if name not in _BOUNCES:
        return EventJudgement(EventKind.OTHER, "undefined", "")
    permanent, fallback = _BOUNCES[name]
    judged = judge(diagnostic, permanent=permanent, fallback=fallback)
    if name == "deferred":
        return EventJudgement(EventKind.DELAYED, judged.reason, judged.status)
    return judged


def _seconds(value: object) -> object:
    """``ts_epoch`` is meant to be milliseconds and is written in seconds by some of its events;
    the other times are in the account's own zone, which no event names."""
    if isinstance(value, int) and value >= _MILLISECONDS:
        return value // 1000
    return value


def _references(value: object) -> dict[str, str]:
    """The header of that name: an object in JSON by convention, but anything is allowed."""
    found = mapping(parsed(value)) if isinstance(value, str) else {}
    return references(found or {"X-Mailin-custom": value})
