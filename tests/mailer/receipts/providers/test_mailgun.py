"""Mailgun: a signature beside the event, and a token to honour once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailer.receipts.providers import mailgun
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent
from tests.mailer.receipts.providers.requests import MAILGUN_KEY, NOW, mailgun_request


def event_payload(event: str, **changes: Any) -> dict[str, Any]:
    return {
        "event": event,
        "id": "ase7i2zsRYeDXpHI4ETqtQ",
        "timestamp": 1796723990.25,
        "recipient": "carol@oldtown.example",
        "message": {
            "headers": {
                "to": "Carol <carol@oldtown.example>",
                "message-id": "token@coopcouncils.example",
            }
        },
        "user-variables": {"delivery": "4711"},
        "tags": [],
        **changes,
    }


def read(event: Any, **options: Any) -> tuple[ProviderEvent, ...]:
    return mailgun.read(
        {}, mailgun_request(event, **options), signing_keys=[MAILGUN_KEY], now=NOW
    ).events


def failed(severity: str, reason: str = "bounce", **status: Any) -> dict[str, Any]:
    return event_payload("failed", severity=severity, reason=reason, **{"delivery-status": status})


def test_a_permanent_failure_is_read_with_our_own_variables() -> None:
    event = failed("permanent", code=550, message="5.1.1 no such user", description="")

    assert read(event) == (
        ProviderEvent(
            kind=EventKind.HARD,
            recipient="carol@oldtown.example",
            reason="userunknown",
            status="5.1.1",
            diagnostic="5.1.1 no such user",
            message_id="token@coopcouncils.example",
            references={"delivery": "4711"},
            event_id="ase7i2zsRYeDXpHI4ETqtQ/1796723990.25",
            at=datetime(2026, 12, 8, 9, 59, 50, 250_000, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (failed("temporary", code=450, message="4.2.2 full"), (EventKind.DELAYED, "mailboxfull")),
        (failed("temporary", code=550, message="5.1.1 no"), (EventKind.DELAYED, "userunknown")),
        (failed("permanent", code=552, message="5.2.2 full"), (EventKind.SOFT, "mailboxfull")),
        (failed("permanent", code="550", message="blocked by list"), (EventKind.SOFT, "blocked")),
        (
            failed("permanent", code=498, message="No MX for x.example"),
            (EventKind.HARD, "hostunknown"),
        ),
        (failed("temporary", message="No MX for x.example"), (EventKind.DELAYED, "hostunknown")),
        (failed("permanent", "old", code=451, message="x"), (EventKind.SOFT, "systemerror")),
        (failed("permanent", "old", code=602, message="Too old"), (EventKind.SOFT, "expired")),
        (failed("permanent", "generic", code=550), (EventKind.SOFT, "undefined")),
        (failed("permanent", "suppress-bounce", code=605), (EventKind.SOFT, "onhold")),
        (failed("permanent", "suppress-complaint"), (EventKind.COMPLAINT, "feedback")),
        (failed("permanent", "suppress-unsubscribe"), (EventKind.UNSUBSCRIBE, "feedback")),
        (
            failed("permanent", "bounce", code=554, message="no", **{"enhanced-code": "5.1.2"}),
            (EventKind.HARD, "hostunknown"),
        ),
        (event_payload("delivered"), (EventKind.DELIVERED, "delivered")),
        (event_payload("complained"), (EventKind.COMPLAINT, "feedback")),
        (event_payload("unsubscribed"), (EventKind.UNSUBSCRIBE, "feedback")),
        (
            event_payload("rejected", reject={"reason": "Sandbox"}),
            (EventKind.SOFT, "policyviolation"),
        ),
        (event_payload("list_member_uploaded"), (EventKind.OTHER, "undefined")),
    ],
)
def test_events_keep_their_meaning(event: dict[str, Any], expected: tuple[EventKind, str]) -> None:
    (found,) = read(event)

    assert (found.kind, found.reason) == expected


@pytest.mark.parametrize("name", ["accepted", "stored", "opened", "clicked"])
def test_opens_and_clicks_are_ignored(name: str) -> None:
    assert read(event_payload(name)) == ()


def test_a_rejection_finds_its_recipient_in_the_header() -> None:
    (event,) = read(event_payload("rejected", recipient=None))

    assert event.recipient == "carol@oldtown.example"


def test_a_retry_under_another_token_is_the_same_event() -> None:
    (first,) = read(event_payload("delivered"))
    (again,) = read(event_payload("delivered"), token="b" * 50)
    (anonymous,) = read(event_payload("delivered", id=None), token="c" * 50)

    assert first.event_id == again.event_id
    assert anonymous.event_id == "c" * 50


def test_the_signed_token_is_returned_with_the_events() -> None:
    signed = mailgun.read({}, mailgun_request({}, token="t"), signing_keys=[MAILGUN_KEY], now=NOW)

    assert (signed.token, signed.events) == ("t", ())


def test_an_old_and_a_new_key_are_good_together() -> None:
    body = mailgun_request(event_payload("delivered"))

    assert mailgun.read({}, body, signing_keys=["new", MAILGUN_KEY], now=NOW).events
    with pytest.raises(Forged, match="signature"):
        mailgun.read({}, body, signing_keys=["new"], now=NOW)


def test_an_empty_key_verifies_nothing() -> None:
    body = mailgun_request(event_payload("failed"), key="")

    for keys in ([], [""]):
        with pytest.raises(Forged):
            mailgun.read({}, body, signing_keys=keys, now=NOW)


@pytest.mark.parametrize("at", [NOW - timedelta(hours=10), NOW + timedelta(hours=1)])
def test_a_replayed_request_is_refused(at: datetime) -> None:
    with pytest.raises(Forged, match="too old"):
        read(event_payload("failed"), at=at)


def test_a_retry_after_hours_is_accepted() -> None:
    assert read(event_payload("delivered"), at=NOW - timedelta(hours=8))


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "another"},
        {"token": ""},
        {"token": "x" * 201},
        {"token": 7},
        {"token": None},
        {"timestamp": str(int(NOW.timestamp()) - 1)},
        {"timestamp": True},
        {"timestamp": 10**300},
        {"timestamp": "1" * 4000},
        {"signature": ""},
        {"signature": "\ud800"},
        {"signature": ["x"]},
    ],
)
def test_a_changed_proof_is_forged(changes: dict[str, Any]) -> None:
    sent = json.loads(mailgun_request(event_payload("failed")))
    sent["signature"].update(changes)

    with pytest.raises(Forged):
        mailgun.read({}, json.dumps(sent).encode(), signing_keys=[MAILGUN_KEY], now=NOW)


def test_a_timestamp_may_be_a_number_or_a_text() -> None:
    sent = json.loads(mailgun_request(event_payload("delivered")))
    sent["signature"]["timestamp"] = int(sent["signature"]["timestamp"])

    assert mailgun.read({}, json.dumps(sent).encode(), signing_keys=[MAILGUN_KEY], now=NOW).events


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"signature": []}', b"[" * 99_999])
def test_a_body_without_a_proof_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        mailgun.read({}, body, signing_keys=[MAILGUN_KEY], now=NOW)
