"""Whether a message of Amazon SNS is genuine: headers, topic, age, certificate, signature.

Anybody with an Amazon account can have Amazon sign a message, so a good signature alone proves
nothing: the topic has to be one of ours. The cheapest checks come first, and no certificate is
fetched for a topic of others.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from mailer.receipts.providers.model import Forged
from mailer.receipts.providers.proving import check_fresh, from_base64, header, octets
from mailer.receipts.providers.reading import mapping, parsed

# Whole addresses, not their parts: nothing is left for a port, a user, a query or an odd letter.
_HOST: Final = r"https://sns\.[a-z]{2}(?:-[a-z0-9]{1,20}){2,4}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE: Final = re.compile(_HOST + r"/SimpleNotificationService-[A-Za-z0-9]{1,80}\.pem")
_SUBSCRIBE: Final = re.compile(_HOST + r"/\?[A-Za-z0-9%&=.:_~-]{1,2000}")

# Fields that are repeated as headers of the request.
_HEADERS: Final = {
    "Type": "x-amz-sns-message-type",
    "MessageId": "x-amz-sns-message-id",
    "TopicArn": "x-amz-sns-topic-arn",
}


class MessageType(StrEnum):
    """The three kinds of message."""

    NOTIFICATION = "Notification"
    SUBSCRIPTION = "SubscriptionConfirmation"
    ENDED = "UnsubscribeConfirmation"


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """A genuine message; ``url`` is empty in a notification."""

    type: MessageType
    id: str
    topic: str
    text: str
    url: str


def verified(
    headers: Mapping[str, str],
    body: bytes,
    *,
    topics: Collection[str],
    fetch_certificate: Callable[[str], bytes],
    now: datetime,
) -> SnsMessage:
    """The message in the request; Forged when it is not from one of the topics.

    ``fetch_certificate`` gets an address of Amazon's and gives the PEM there; it follows no
    redirect and may remember a few of them. Its own errors pass through: SNS tries again.
    """
    fields = _Fields(mapping(parsed(body)))
    kind, topic = _type(fields["Type"]), fields["TopicArn"]
    for name in ("Type", "MessageId", "TopicArn"):
        if header(headers, _HEADERS[name]) != fields[name]:
            raise Forged("The headers of the SNS request do not match its body.")
    if topic not in topics:
        raise Forged("The SNS topic is not one of ours.")
    if fields["SignatureVersion"] != "2":  # 1 is SHA-1
        raise Forged("The SNS topic does not sign with SHA-256: set its SignatureVersion to 2.")
    check_fresh(_timestamp(fields["Timestamp"]), now=now)
    _check_signature(kind, fields, fetch_certificate, now)
    url = "" if kind is MessageType.NOTIFICATION else _subscribe_url(fields["SubscribeURL"])
    return SnsMessage(kind, fields["MessageId"], topic, fields["Message"], url)


class _Fields:
    """The fields of an SNS message, each a text that has to be there."""

    def __init__(self, found: Mapping[str, object]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> str:
        value = self._found.get(name)
        if not isinstance(value, str):
            raise Forged(f"The SNS request has no {name}.")
        return value

    def __contains__(self, name: str) -> bool:
        return self._found.get(name) is not None


def _type(text: str) -> MessageType:
    try:
        return MessageType(text)
    except ValueError as error:
        raise Forged("The SNS request is of no known type.") from error


def _subscribe_url(url: str) -> str:
    if not _SUBSCRIBE.fullmatch(url):
        raise Forged("The SNS request names a SubscribeURL that is not Amazon's.")
    return url


def _timestamp(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Forged("The SNS request does not say when it was signed.") from error
    if at.tzinfo is None:
        raise Forged("The SNS request does not say when it was signed.")
    return at


def _check_signature(
    kind: MessageType, fields: _Fields, fetch_certificate: Callable[[str], bytes], now: datetime
) -> None:
    url = fields["SigningCertURL"]
    if not _CERTIFICATE.fullmatch(url):
        raise Forged("The SNS request names a certificate that is not Amazon's.")
    signature = from_base64(fields["Signature"])
    signed = octets("".join(f"{name}\n{fields[name]}\n" for name in _signed_names(kind, fields)))
    try:
        _public_key(fetch_certificate(url), now).verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise Forged("The signature of the SNS request is wrong.") from error


def _signed_names(kind: MessageType, fields: _Fields) -> tuple[str, ...]:
    if kind is not MessageType.NOTIFICATION:
        return (
            "Message",
            "MessageId",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        )
    if "Subject" in fields:
        return "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"
    return "Message", "MessageId", "Timestamp", "TopicArn", "Type"


def _public_key(pem: bytes, now: datetime) -> RSAPublicKey:
    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Forged("The certificate of the SNS request cannot be read.") from error
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Forged("The certificate of the SNS request is not valid now.")
    if not isinstance(key, RSAPublicKey):
        raise Forged("The certificate of the SNS request holds no RSA key.")
    return key
