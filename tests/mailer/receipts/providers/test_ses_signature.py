"""Amazon SNS signs what SES says: what it did not sign, or from elsewhere, is refused."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mailer.receipts.providers import ses
from mailer.receipts.providers.model import Forged
from tests.mailer.receipts.providers.requests import (
    CERTIFICATE_URL,
    NOW,
    SUBSCRIBE_URL,
    TOPIC,
    amazon_signature,
    asking,
    certificate,
    ses_bounce,
    sns,
    sns_request,
)
from tests.mailer.receipts.providers.ses_reading import events, read

MALLORY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


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
