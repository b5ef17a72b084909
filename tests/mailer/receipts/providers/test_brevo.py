"""Brevo: a secret, one event or many, and no ids."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mailer.receipts.providers import brevo
from mailer.receipts.providers.model import EventKind, Forged, ProviderEvent
from tests.mailer.receipts.providers.requests import NOW

SECRET = "a long token"
BEARER = {"Authorization": f"Bearer {SECRET}"}
EPOCH = 1796723990123


def event_payload(event: str, **changes: Any) -> dict[str, Any]:
    return {
        "event": event,
        "email": "carol@oldtown.example",
        "id": 12,
        "date": "2026-12-08 10:59:50",
        "ts": 1796727590,
        "message-id": "<token@coopcouncils.example>",
        "ts_event": 1796723990,
        "ts_epoch": EPOCH,
        "subject": "News for members",
        "X-Mailin-custom": '{"delivery": 4711}',
        **changes,
    }


def read(payload: Any) -> tuple[ProviderEvent, ...]:
    return brevo.read(BEARER, json.dumps(payload).encode(), secrets=[SECRET], now=NOW)


def test_a_hard_bounce_is_read_with_our_own_header() -> None:
    (event,) = read(event_payload("hard_bounce", reason="550 5.1.1 user unknown"))

    assert event == ProviderEvent(
        kind=EventKind.HARD,
        recipient="carol@oldtown.example",
        reason="userunknown",
        status="5.1.1",
        diagnostic="550 5.1.1 user unknown",
        message_id="token@coopcouncils.example",
        references={"delivery": "4711"},
        event_id=event.event_id,
        at=datetime(2026, 12, 8, 9, 59, 50, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("name", "reason", "expected"),
    [
        ("hard_bounce", "", (EventKind.HARD, "userunknown")),
        ("hardBounce", "550 5.5.0 mailbox unavailable", (EventKind.HARD, "userunknown")),
        ("hard_bounce", "554 5.7.1 blocked", (EventKind.SOFT, "blocked")),
        ("soft_bounce", "550 5.1.1 user unknown", (EventKind.SOFT, "userunknown")),
        ("soft_bounce", "server is down", (EventKind.SOFT, "undefined")),
        ("invalid_email", "", (EventKind.HARD, "userunknown")),
        ("blocked", "", (EventKind.SOFT, "blocked")),
        ("error", "", (EventKind.SOFT, "mailererror")),
        ("deferred", "450 4.2.2 mailbox full", (EventKind.DELAYED, "mailboxfull")),
        ("delivered", "sent", (EventKind.DELIVERED, "delivered")),
        ("spam", "", (EventKind.COMPLAINT, "feedback")),
        ("complaint", "", (EventKind.COMPLAINT, "feedback")),
        ("unsubscribe", "", (EventKind.UNSUBSCRIBE, "feedback")),
        ("unsubscribed", "", (EventKind.UNSUBSCRIBE, "feedback")),
        ("list_addition", "", (EventKind.OTHER, "undefined")),
    ],
)
def test_events_keep_their_meaning(name: str, reason: str, expected: tuple[EventKind, str]) -> None:
    (event,) = read(event_payload(name, reason=reason))

    assert (event.kind, event.reason) == expected


@pytest.mark.parametrize("name", ["request", "opened", "unique_opened", "proxy_open", "click", ""])
def test_opens_and_clicks_are_ignored(name: str) -> None:
    assert read(event_payload(name)) == ()


def test_a_batch_is_read_whatever_else_it_holds() -> None:
    found = read([event_payload("delivered"), None, [], 7, {}, event_payload("spam")])

    assert [event.kind for event in found] == [EventKind.DELIVERED, EventKind.COMPLAINT]


def test_the_same_event_gets_the_same_id_and_another_gets_another() -> None:
    one, again, later = read(
        [
            event_payload("delivered"),
            event_payload("delivered"),
            event_payload("delivered", ts_epoch=EPOCH + 1),
        ]
    )

    assert one.event_id == again.event_id != later.event_id


@pytest.mark.parametrize("epoch", [EPOCH, EPOCH // 1000, EPOCH // 1000 + 0.5])
def test_the_timestamp_may_be_in_seconds_or_milliseconds(epoch: float) -> None:
    (event,) = read(event_payload("delivered", ts_epoch=epoch))

    assert event.at.replace(microsecond=0) == datetime(2026, 12, 8, 9, 59, 50, tzinfo=UTC)


def test_a_custom_header_that_is_no_object_is_kept_as_it_is() -> None:
    (event,) = read(event_payload("delivered", **{"X-Mailin-custom": "delivery:4711"}))

    assert event.references == {"X-Mailin-custom": "delivery:4711"}


def test_a_request_without_the_secret_is_forged() -> None:
    with pytest.raises(Forged):
        brevo.read({}, json.dumps(event_payload("spam")).encode(), secrets=[SECRET], now=NOW)
