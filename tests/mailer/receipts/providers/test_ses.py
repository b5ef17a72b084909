"""Amazon SES through SNS: a forged, foreign or stale request yields nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mailer.receipts.providers import ses
from mailer.receipts.providers.model import (
    Confirmation,
    EventKind,
    Forged,
    ProviderEvent,
    SubscriptionEnded,
)
from tests.mailer.receipts.providers.requests import (
    CERTIFICATE_URL,
    NOW,
    SUBSCRIBE_URL,
    TOPIC,
    amazon_signature,
    asking,
    certificate,
    ses_bounce,
    ses_mail,
    sns,
    sns_request,
)

MALLORY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def read(
    request: tuple[Mapping[str, str], bytes],
    pem: bytes = certificate(),
    now: datetime = NOW,
    topics: tuple[str, ...] = (TOPIC,),
) -> tuple[ProviderEvent, ...] | Confirmation | SubscriptionEnded:
    return ses.read(*request, topics=topics, fetch_certificate=lambda url: pem, now=now)


def events(payload: dict[str, Any] | str, **changes: Any) -> tuple[ProviderEvent, ...]:
    found = read(sns_request(sns(payload, **changes)))
    assert isinstance(found, tuple)
    return found


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


@pytest.mark.parametrize("subject", ["News", "", None])
def test_a_subject_is_signed_when_there_is_one(subject: str | None) -> None:
    assert events(ses_bounce(), Subject=subject)


def test_a_null_subject_is_not_signed() -> None:
    fields = sns(ses_bounce(), Subject=None)
    headers, body = sns_request(fields)

    assert read((headers, body.replace(b'{"Signature"', b'{"Subject": null, "Signature"')))


def test_line_ends_are_signed_as_they_are() -> None:
    payload = 'an odd "text"\nwith\ttwo lines and é ☃ 🐟'

    assert events(payload) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": "{}"},
        {"MessageId": "another"},
        {"Subject": "another"},
        {"Subject": None},
        {"Timestamp": "2026-12-08T09:59:58.124Z"},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": SUBSCRIBE_URL, "Token": "x"},
    ],
)
def test_what_was_changed_after_signing_is_forged(changes: dict[str, Any]) -> None:
    fields = sns(ses_bounce())
    signature = amazon_signature(fields)

    with pytest.raises(Forged):
        read(sns_request(sns(ses_bounce(), Signature=signature, **changes)))


def test_a_signature_by_another_key_is_forged() -> None:
    with pytest.raises(Forged, match="signature"):
        read(sns_request(sns(ses_bounce()), key=MALLORY))


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "é", 7, None, "\ud800"])
def test_an_unreadable_signature_is_forged(signature: Any) -> None:
    headers, body = sns_request(sns(ses_bounce(), Signature=signature or ""))

    with pytest.raises(Forged):
        read((headers, body))


def test_a_foreign_topic_is_refused_before_any_certificate_is_fetched() -> None:
    """Mallory's own topic has a genuine signature of Amazon's."""
    fields = sns(ses_bounce(), TopicArn="arn:aws:sns:eu-west-2:666666666666:newsletter")

    def never(url: str) -> bytes:
        raise AssertionError(url)

    with pytest.raises(Forged, match="not one of ours"):
        ses.read(*sns_request(fields), topics=[TOPIC], fetch_certificate=never, now=NOW)
    with pytest.raises(Forged):
        read(sns_request(sns(ses_bounce())), topics=())


@pytest.mark.parametrize("version", ["1", "3", "", 2, None])
def test_a_weaker_signature_is_refused(version: Any) -> None:
    with pytest.raises(Forged):
        read(sns_request(sns(ses_bounce(), SignatureVersion=version)))


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL.replace("https", "http"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        CERTIFICATE_URL.replace("sns.eu", "evil.example/sns.eu"),
        CERTIFICATE_URL.replace("https://", "https://evil.example@"),
        CERTIFICATE_URL.replace("https://", "https://evil.example\\@"),
        CERTIFICATE_URL.replace(".com/", ".com:444/"),
        CERTIFICATE_URL.replace(".com/", ".com:/"),
        CERTIFICATE_URL.replace(".com/", ".com//"),
        CERTIFICATE_URL.replace(".com/", ".com/bucket/"),
        CERTIFICATE_URL.replace(".com/", ".com/../"),
        CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.cn.example"),
        CERTIFICATE_URL.replace("sns.", "s3."),
        CERTIFICATE_URL.replace("sns.eu-west-2.", "sns."),
        CERTIFICATE_URL.replace("sns.eu-west-2", "sns.eu-west-2.evil"),
        CERTIFICATE_URL.replace("sns.eu-west-2", "xsns.eu-west-2"),
        CERTIFICATE_URL.replace("sns.eu-west-2", "sns.eu-west-２"),
        CERTIFICATE_URL.replace("amazonaws", "amazonäws"),
        CERTIFICATE_URL + "?x=.pem",
        CERTIFICATE_URL + "#.pem",
        CERTIFICATE_URL + "\n",
        CERTIFICATE_URL + " ",
        CERTIFICATE_URL.replace(".pem", ".pem.txt"),
        CERTIFICATE_URL.replace("0123", "%2e%2e%2f"),
        "file:///SimpleNotificationService-0.pem",
        "",
        None,
        7,
    ],
)
def test_a_certificate_from_elsewhere_is_never_fetched(url: Any) -> None:
    def never(asked: str) -> bytes:
        raise AssertionError(asked)

    with pytest.raises(Forged):
        ses.read(
            *sns_request(sns(ses_bounce(), SigningCertURL=url)),
            topics=[TOPIC],
            fetch_certificate=never,
            now=NOW,
        )


def test_addresses_of_amazon_in_china_are_accepted() -> None:
    url = CERTIFICATE_URL.replace("eu-west-2.amazonaws.com", "cn-north-1.amazonaws.com.cn")

    assert events(ses_bounce(), SigningCertURL=url)


@pytest.mark.parametrize(
    "pem",
    [
        certificate(start=NOW - timedelta(days=9), end=NOW - timedelta(seconds=1)),
        certificate(start=NOW + timedelta(seconds=1)),
        certificate(MALLORY),
        certificate(ec.generate_private_key(ec.SECP256R1())),
        b"",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"<html>",
        b"\xff" * 100,
    ],
)
def test_a_certificate_that_proves_nothing_is_refused(pem: bytes) -> None:
    with pytest.raises(Forged):
        read(sns_request(sns(ses_bounce())), pem)


def test_an_error_in_fetching_the_certificate_passes_through() -> None:
    def away(url: str) -> bytes:
        raise ConnectionError(url)

    with pytest.raises(ConnectionError):
        ses.read(*sns_request(sns(ses_bounce())), topics=[TOPIC], fetch_certificate=away, now=NOW)


@pytest.mark.parametrize(
    "name", ["X-Amz-Sns-Message-Type", "X-Amz-Sns-Message-Id", "X-Amz-Sns-Topic-Arn"]
)
def test_headers_have_to_match_the_body(name: str) -> None:
    headers, body = sns_request(sns(ses_bounce()))

    with pytest.raises(Forged, match="headers"):
        read(({**headers, name: "x"}, body))
    with pytest.raises(Forged, match="headers"):
        read(({key: value for key, value in headers.items() if key != name}, body))


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription",
        "https://169.254.169.254/?Action=ConfirmSubscription",
        "https://sns.eu-west-2.amazonaws.com@evil.example/?Action=ConfirmSubscription",
        "https://sns.eu-west-2.amazonaws.com:8080/?Action=ConfirmSubscription",
        "https://sns.eu-west-2.amazonaws.com/x?Action=ConfirmSubscription",
        "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription#@evil.example",
        "https://sns.eu-west-2.amazonaws.com/",
        "",
    ],
)
def test_a_subscribe_address_that_is_not_amazons_is_refused(url: str) -> None:
    with pytest.raises(Forged):
        read(sns_request(asking(SubscribeURL=url)))


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
