"""Postmark: a secret, then the type of the bounce and the server's words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mailer.receipts.providers import postmark
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent
from tests.mailer.receipts.providers.requests import NOW, basic

SECRET = "postmark:correct horse"


def event_payload(**changes: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "MessageStream": "broadcast",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"delivery": "4711"},
        "Details": "smtp;550 5.1.1 The account does not exist",
        "Description": "The server was unable to deliver your message.",
        "Email": "carol@oldtown.example",
        "BouncedAt": "2026-12-08T09:59:57.9070259Z",
        **changes,
    }


def read(event: Any) -> tuple[ProviderEvent, ...]:
    return postmark.read(basic(SECRET), json.dumps(event).encode(), secrets=[SECRET], now=NOW)


def test_a_bounce_is_read_with_our_own_metadata() -> None:
    assert read(event_payload()) == (
        ProviderEvent(
            kind=EventKind.HARD,
            recipient="carol@oldtown.example",
            reason="userunknown",
            status="5.1.1",
            diagnostic="smtp;550 5.1.1 The account does not exist",
            message_id="883953f4-6105-42a2-a16a-77a8eac79483",
            references={"delivery": "4711"},
            event_id="Bounce/4323372036854775807",
            at=datetime(2026, 12, 8, 9, 59, 57, 907_025, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("HardBounce", "", (EventKind.HARD, "userunknown")),
        ("HardBounce", "smtp;550 Rejected", (EventKind.HARD, "userunknown")),
        ("HardBounce", "smtp;550 5.7.1 blocked using spamhaus", (EventKind.SOFT, "blocked")),
        ("HardBounce", "smtp;452 4.2.2 over quota", (EventKind.SOFT, "mailboxfull")),
        ("BadEmailAddress", "", (EventKind.HARD, "userunknown")),
        ("SoftBounce", "smtp;550 5.1.1 unknown user", (EventKind.SOFT, "userunknown")),
        ("SoftBounce", "", (EventKind.SOFT, "undefined")),
        ("Transient", "", (EventKind.DELAYED, "networkerror")),
        ("DnsError", "", (EventKind.SOFT, "networkerror")),
        ("Blocked", "", (EventKind.SOFT, "blocked")),
        ("Unknown", "", (EventKind.SOFT, "undefined")),
        ("SpamNotification", "smtp;550 5.1.1 x", (EventKind.SOFT, "spamdetected")),
        ("VirusNotification", "", (EventKind.SOFT, "virusdetected")),
        ("DMARCPolicy", "", (EventKind.SOFT, "authfailure")),
        ("ManuallyDeactivated", "", (EventKind.SOFT, "onhold")),
        ("SpamComplaint", "", (EventKind.COMPLAINT, "feedback")),
        ("Unsubscribe", "", (EventKind.UNSUBSCRIBE, "feedback")),
        ("AutoResponder", "I am away", (EventKind.OTHER, "vacation")),
        ("AddressChange", "", (EventKind.OTHER, "hasmoved")),
        ("ChallengeVerification", "", (EventKind.OTHER, "undefined")),
        ("Invented", "smtp;550 5.1.1 unknown user", (EventKind.OTHER, "undefined")),
    ],
)
def test_types_keep_their_meaning(kind: str, details: str, expected: tuple[EventKind, str]) -> None:
    (event,) = read(event_payload(Type=kind, Details=details))

    assert (event.kind, event.reason) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"RecordType": "SpamComplaint", "Type": "SpamComplaint"}, EventKind.COMPLAINT),
        ({"RecordType": "Delivery", "Details": "250 OK"}, EventKind.DELIVERED),
        ({"RecordType": "Inbound"}, EventKind.OTHER),
    ],
)
def test_records_keep_their_meaning(changes: dict[str, Any], expected: EventKind) -> None:
    (event,) = read(event_payload(**changes))

    assert event.kind is expected


@pytest.mark.parametrize(
    ("sending", "reason", "origin", "expected"),
    [
        (True, "ManualSuppression", "Recipient", EventKind.UNSUBSCRIBE),
        (True, "ManualSuppression", "Customer", EventKind.OTHER),
        (True, "SpamComplaint", "Recipient", EventKind.COMPLAINT),
        (True, "HardBounce", "Recipient", EventKind.OTHER),
        (False, None, "Customer", EventKind.OTHER),
        ("true", "ManualSuppression", "Recipient", EventKind.OTHER),
    ],
)
def test_only_the_person_unsubscribes(
    sending: Any, reason: str | None, origin: str, expected: EventKind
) -> None:
    (event,) = read(
        {
            "RecordType": "SubscriptionChange",
            "Recipient": "carol@oldtown.example",
            "SuppressSending": sending,
            "SuppressionReason": reason,
            "Origin": origin,
            "ChangedAt": "2026-12-08T09:59:57Z",
        }
    )

    assert (event.kind, event.recipient) == (expected, "carol@oldtown.example")
    assert len(event.event_id) == 64


@pytest.mark.parametrize("name", ["Open", "Click", "", None, [], True])
def test_opens_and_clicks_are_ignored(name: Any) -> None:
    assert read(event_payload(RecordType=name)) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic " + "A" * 5000},
        {"Authorization": f"Digest {SECRET}"},
        {"Authorization": "Bearer \ud800"},
        basic("postmark:wrong"),
        basic("postmark:correct horsee"),
        basic(""),
        {"Authorization": "Bearer "},
    ],
)
def test_a_request_without_the_secret_is_forged(headers: dict[str, str]) -> None:
    for secrets in ([SECRET], [], ["", SECRET]):
        with pytest.raises(Forged):
            postmark.read(headers, json.dumps(event_payload()).encode(), secrets=secrets, now=NOW)


@pytest.mark.parametrize(
    "headers",
    [basic("old:one"), {"authorization": "bearer new"}, {"AUTHORIZATION": "Bearer  new"}],
)
def test_an_old_and_a_new_secret_are_good_together(headers: dict[str, str]) -> None:
    body = json.dumps(event_payload()).encode()

    assert postmark.read(headers, body, secrets=["old:one", "new"], now=NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b"x" * (1 << 21)])
def test_a_body_without_an_event_gives_no_events(body: bytes) -> None:
    assert postmark.read(basic(SECRET), body, secrets=[SECRET], now=NOW) == ()
