"""Amazon SES through SNS: a forged, foreign or stale request yields nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailer.receipts.providers.model import (
    Confirmation,
    EventKind,
    Forged,
    ProviderEvent,
    SubscriptionEnded,
)
from tests.mailer.receipts.providers.requests import (
    NOW,
    SUBSCRIBE_URL,
    TOPIC,
    asking,
    ses_bounce,
    ses_mail,
    sns,
    sns_request,
)
from tests.mailer.receipts.providers.ses_reading import events, read


@pytest.mark.parametrize("type_key", ["eventType", "notificationType"])
def test_a_bounce_is_read_in_both_formats(type_key: str) -> None:
    assert events(ses_bounce(type_key=type_key)) == (
        ProviderEvent(
            kind=EventKind.HARD,
            recipient="carol@oldtown.example",
            reason="userunknown",
            status="5.1.1",
            diagnostic="smtp; 550 5.1.1 user unknown",
            message_id="0100018c-1111",
            references={
                "message-id": "<token@coopcouncils.example>",
                "feedback-id": "12:members:newsletter:circular",
                "x-circular-delivery": "4711",
            },
            event_id="22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324/0",
            at=datetime(2026, 12, 8, 9, 59, 57, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("kind", "sub", "diagnostic", "status", "expected"),
    [
        ("Permanent", "NoEmail", None, None, (EventKind.HARD, "userunknown")),
        ("Permanent", "General", None, None, (EventKind.SOFT, "undefined")),
        ("Permanent", "General", "smtp; 554 5.7.1 spam", "5.7.1", (EventKind.SOFT, "spamdetected")),
        ("Permanent", "General", "smtp; 550 5.1.2 no", "5.1.2", (EventKind.HARD, "hostunknown")),
        (
            "Permanent",
            "General",
            "smtp; 550 5.7.26 DMARC",
            "5.7.26",
            (EventKind.SOFT, "authfailure"),
        ),
        ("Permanent", "Suppressed", "550 5.1.1 suppressed", "5.1.1", (EventKind.SOFT, "onhold")),
        ("Permanent", "OnAccountSuppressionList", None, "5.1.1", (EventKind.SOFT, "onhold")),
        ("Transient", "MailboxFull", None, None, (EventKind.SOFT, "mailboxfull")),
        ("Transient", "General", "smtp; 550 5.1.1 x", "5.1.1", (EventKind.SOFT, "userunknown")),
        ("Transient", "MessageTooLarge", None, None, (EventKind.SOFT, "mesgtoobig")),
        ("Undetermined", "Undetermined", None, None, (EventKind.SOFT, "undefined")),
        ("Undetermined", "Undetermined", "550 5.1.1 x", None, (EventKind.HARD, "userunknown")),
    ],
)
def test_only_a_permanent_bounce_of_a_missing_mailbox_is_hard(
    kind: str, sub: str, diagnostic: str | None, status: str | None, expected: tuple[EventKind, str]
) -> None:
    (event,) = events(ses_bounce(kind, sub, diagnostic, status))

    assert (event.kind, event.reason) == expected


def test_each_recipient_is_an_event_with_an_id_of_its_own() -> None:
    payload = ses_bounce()
    payload["bounce"]["bouncedRecipients"].append({"emailAddress": "Bob <bob@example.org>"})

    first, second = events(payload)

    assert second.recipient == "bob@example.org"
    assert first.event_id != second.event_id


@pytest.mark.parametrize(
    ("feedback", "kind"),
    [
        ("abuse", EventKind.COMPLAINT),
        (None, EventKind.COMPLAINT),
        ("not-spam", EventKind.OTHER),
        ("auth-failure", EventKind.OTHER),
    ],
)
def test_feedback_of_type_not_spam_is_no_complaint(feedback: str | None, kind: EventKind) -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "carol@oldtown.example"}]}
    complaint |= {"complaintFeedbackType": feedback} if feedback else {}  # type: ignore[dict-item]

    (event,) = events({"eventType": "Complaint", "mail": ses_mail(), "complaint": complaint})

    assert (event.kind, event.reason) == (kind, "feedback")
    assert event.recipient == "carol@oldtown.example"


def test_a_delivery_names_what_the_server_said() -> None:
    delivery = {"recipients": ["carol@oldtown.example"], "smtpResponse": "250 2.6.0 Queued"}

    (event,) = events({"eventType": "Delivery", "mail": ses_mail(), "delivery": delivery})

    assert (event.kind, event.diagnostic) == (EventKind.DELIVERED, "250 2.6.0 Queued")
    assert event.at == datetime(2026, 12, 8, 9, 59, 50, tzinfo=UTC)


def test_a_delay_and_a_rejection_are_never_hard() -> None:
    late = {"emailAddress": "carol@oldtown.example", "diagnosticCode": "450 4.2.2 mailbox full"}
    delay = {"delayType": "MailboxFull", "delayedRecipients": [late]}

    (delayed,) = events({"eventType": "DeliveryDelay", "mail": ses_mail(), "deliveryDelay": delay})
    (rejected,) = events(
        {"eventType": "Reject", "mail": ses_mail(), "reject": {"reason": "Bad content"}}
    )

    assert (delayed.kind, delayed.reason, delayed.status) == (
        EventKind.DELAYED,
        "mailboxfull",
        "4.2.2",
    )
    assert (rejected.kind, rejected.reason) == (EventKind.SOFT, "virusdetected")
    assert rejected.recipient == "carol@oldtown.example"


@pytest.mark.parametrize(
    ("gone", "kind"), [(True, EventKind.UNSUBSCRIBE), (False, EventKind.OTHER)]
)
def test_a_choice_on_the_preference_page_of_ses_unsubscribes(gone: bool, kind: EventKind) -> None:
    wishes = {"newTopicPreferences": {"unsubscribeAll": gone}, "source": "UnsubscribeHeader"}

    (event,) = events({"eventType": "Subscription", "mail": ses_mail(), "subscription": wishes})

    assert (event.kind, event.recipient) == (kind, "carol@oldtown.example")


@pytest.mark.parametrize("name", ["Send", "Open", "Click", "Received"])
def test_opens_and_clicks_are_ignored(name: str) -> None:
    assert events({"eventType": name, "mail": ses_mail(), name.lower(): {}}) == ()


def test_an_unknown_type_is_kept() -> None:
    (event,) = events({"eventType": "Rendering Failure", "mail": ses_mail()})

    assert (event.kind, event.diagnostic) == (EventKind.OTHER, "Rendering Failure")


@pytest.mark.parametrize(
    "text",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "[]",
        "7",
        "null",
        "{}",
        '{"eventType": {}}',
        '{"eventType": "Bounce"}',
        "[" * 100_000,
    ],
)
def test_a_notification_without_an_event_gives_no_events(text: str) -> None:
    assert events(text) == ()


def test_a_subscription_request_is_returned_and_nothing_is_fetched() -> None:
    assert read(sns_request(asking())) == Confirmation(TOPIC, SUBSCRIBE_URL)


def test_an_ended_subscription_is_returned() -> None:
    assert read(sns_request(asking(Type="UnsubscribeConfirmation"))) == SubscriptionEnded(
        TOPIC, SUBSCRIBE_URL
    )


@pytest.mark.parametrize("age", [timedelta(days=2), timedelta(hours=-1)])
def test_an_old_request_is_refused_and_one_from_the_future(age: timedelta) -> None:
    with pytest.raises(Forged, match="too old"):
        read(sns_request(sns(ses_bounce())), now=NOW + age)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-12-08T09:59:58", "0001-01-01T00:00:00+14:00", 7, None]
)
def test_a_request_without_a_timestamp_is_refused(text: Any) -> None:
    with pytest.raises(Forged):
        read(sns_request(sns(ses_bounce(), Timestamp=text)))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_a_body_that_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Forged):
        read((sns_request(sns(ses_bounce()))[0], body))


def test_a_body_that_is_too_large_is_refused() -> None:
    with pytest.raises(Forged):
        read(sns_request(sns("x" * (1 << 20))))
