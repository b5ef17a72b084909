"""SendGrid: batches under one signature."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mailer.errors import SettingsError
from mailer.receipts.providers import sendgrid
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent
from tests.mailer.receipts.providers.requests import NOW, SENDGRID_KEY, sendgrid_request

MALLORY = ec.generate_private_key(ec.SECP256R1())
ED25519_KEY = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="


def event_payload(event: str, **changes: Any) -> dict[str, Any]:
    return {
        "email": "carol@oldtown.example",
        "event": event,
        "sg_event_id": "ZXZlbnQ",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
        "smtp-id": "<token@coopcouncils.example>",
        "timestamp": 1796723990,
        "category": ["newsletter"],
        "delivery": "4711",
        "nested": {"a": 1},
        **changes,
    }


def read(events: Any, **options: Any) -> tuple[ProviderEvent, ...]:
    headers, body = sendgrid_request(events, **options)
    return sendgrid.read(headers, body, public_key=SENDGRID_KEY, now=NOW)


def test_a_bounce_is_read_with_our_own_arguments() -> None:
    diagnostic = "550 5.1.1 The email account that you tried to reach does not exist."

    assert read([event_payload("bounce", type="bounce", status="5.0.0", reason=diagnostic)]) == (
        ProviderEvent(
            kind=EventKind.HARD,
            recipient="carol@oldtown.example",
            reason="userunknown",
            status="5.1.1",
            diagnostic=diagnostic,
            message_id="token@coopcouncils.example",
            references={"sg_message_id": "14c5d75ce93.dfd.64b469.filter0001", "delivery": "4711"},
            event_id="ZXZlbnQ",
            at=datetime(2026, 12, 8, 9, 59, 50, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"type": "bounce", "reason": "500 unknown recipient"}, (EventKind.HARD, "userunknown")),
        ({"type": "bounce", "reason": "550 unknown user"}, (EventKind.HARD, "userunknown")),
        ({"type": "bounce", "reason": "550 5.7.1 spam"}, (EventKind.SOFT, "spamdetected")),
        ({"type": "blocked", "reason": "550 5.1.1 unknown user"}, (EventKind.SOFT, "userunknown")),
        ({"type": "bounce", "reason": "452 4.2.2 over quota"}, (EventKind.SOFT, "mailboxfull")),
        (
            {"type": "bounce", "reason": "550 no", "bounce_classification": "Invalid Address"},
            (EventKind.HARD, "userunknown"),
        ),
        (
            {"type": "bounce", "reason": "550 no", "bounce_classification": "Reputation"},
            (EventKind.SOFT, "badreputation"),
        ),
        (
            {"type": "bounce", "bounce_classification": "Unclassified"},
            (EventKind.SOFT, "undefined"),
        ),
        (
            {"type": "blocked", "reason": "unable to get mx info: failed to get IPs from PTR"},
            (EventKind.SOFT, "hostunknown"),
        ),
        ({"type": "blocked", "status": {}}, (EventKind.SOFT, "undefined")),
        ({}, (EventKind.SOFT, "undefined")),
    ],
)
def test_bounces_are_told_apart(fields: dict[str, Any], expected: tuple[EventKind, str]) -> None:
    (event,) = read([event_payload("bounce", **fields)])

    assert (event.kind, event.reason) == expected


@pytest.mark.parametrize(
    ("event", "reason", "expected"),
    [
        ("delivered", "", (EventKind.DELIVERED, "delivered")),
        ("deferred", "450 4.2.2 mailbox full", (EventKind.DELAYED, "mailboxfull")),
        ("spamreport", "", (EventKind.COMPLAINT, "feedback")),
        ("unsubscribe", "", (EventKind.UNSUBSCRIBE, "feedback")),
        ("group_unsubscribe", "", (EventKind.UNSUBSCRIBE, "feedback")),
        ("group_resubscribe", "", (EventKind.OTHER, "undefined")),
        ("dropped", "Bounced Address", (EventKind.SOFT, "onhold")),
        ("dropped", "Invalid", (EventKind.HARD, "userunknown")),
        ("dropped", "Spam Content (if spam checker app enabled)", (EventKind.SOFT, "spamdetected")),
        ("dropped", "Spam Reporting Address", (EventKind.COMPLAINT, "feedback")),
        ("dropped", "Unsubscribed Address", (EventKind.UNSUBSCRIBE, "feedback")),
        ("dropped", "Recipient List over Package Quota", (EventKind.SOFT, "undefined")),
        ("invented yesterday", "", (EventKind.OTHER, "undefined")),
    ],
)
def test_other_events_keep_their_meaning(
    event: str, reason: str, expected: tuple[EventKind, str]
) -> None:
    (found,) = read([event_payload(event, reason=reason)])

    assert (found.kind, found.reason) == expected


def test_a_batch_may_hold_anything() -> None:
    batch = [
        event_payload("open"),
        7,
        None,
        [],
        {},
        {"event": []},
        event_payload("processed"),
        event_payload("delivered"),
    ]

    assert [event.kind for event in read(batch)] == [EventKind.DELIVERED]


@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_genuine_batch_without_events_gives_no_events(body: bytes) -> None:
    assert read(body) == ()


def test_an_event_without_an_id_gets_the_same_one_each_time() -> None:
    one, again = read([event_payload("delivered", sg_event_id=None)] * 2)
    (other,) = read([event_payload("bounce", sg_event_id=None)])

    assert one.event_id == again.event_id != other.event_id
    assert len(one.event_id) == 64


def test_a_signature_by_another_key_is_forged() -> None:
    with pytest.raises(Forged, match="signature"):
        read([event_payload("bounce")], key=MALLORY)


def test_a_changed_body_or_timestamp_is_forged() -> None:
    headers, body = sendgrid_request([event_payload("delivered")])
    later = {**headers, "X-Twilio-Email-Event-Webhook-Timestamp": str(int(NOW.timestamp()) + 1)}

    for sent, octets in ((headers, body + b" "), (later, body)):
        with pytest.raises(Forged, match="signature"):
            sendgrid.read(sent, octets, public_key=SENDGRID_KEY, now=NOW)


@pytest.mark.parametrize("at", [NOW - timedelta(days=2), NOW + timedelta(hours=1)])
def test_a_replayed_request_is_refused(at: datetime) -> None:
    with pytest.raises(Forged, match="too old"):
        read([event_payload("bounce")], at=at)


@pytest.mark.parametrize("moment", ["", "now", "-1", "1e9", "٣", "9" * 5000, "17967240 0"])
def test_an_unreadable_timestamp_is_refused(moment: str) -> None:
    headers, body = sendgrid_request([])

    with pytest.raises(Forged):
        sendgrid.read(
            {**headers, "X-Twilio-Email-Event-Webhook-Timestamp": moment},
            body,
            public_key=SENDGRID_KEY,
            now=NOW,
        )


@pytest.mark.parametrize("signature", ["", "AAAA", "!", "é", "MAYCAQACAQA=", "\ud800"])
def test_an_unreadable_signature_is_refused(signature: str) -> None:
    headers, body = sendgrid_request([])

    with pytest.raises(Forged):
        sendgrid.read(
            {**headers, "X-Twilio-Email-Event-Webhook-Signature": signature},
            body,
            public_key=SENDGRID_KEY,
            now=NOW,
        )


def test_a_request_without_headers_or_too_large_is_refused() -> None:
    with pytest.raises(Forged):
        sendgrid.read({}, b"[]", public_key=SENDGRID_KEY, now=NOW)
    with pytest.raises(Forged, match="too large"):
        read(b" " * (1 << 21))


@pytest.mark.parametrize("key", ["", "nonsense", "é", "AAAA", ED25519_KEY])
def test_a_bad_verification_key_is_the_operators_to_mend(key: str) -> None:
    headers, body = sendgrid_request([])

    with pytest.raises(SettingsError, match=r"\.$"):
        sendgrid.read(headers, body, public_key=key, now=NOW)
