"""Requests as the providers make them, signed with keys of our own."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from hmac import new as new_hmac
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-2:123456789012:newsletter"
CERTIFICATE_URL = (
    "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
)
SUBSCRIBE_URL = (
    "https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription"
    f"&TopicArn={TOPIC}&Token=2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"
)
AMAZON = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SENDGRID = ec.generate_private_key(ec.SECP256R1())
SENDGRID_KEY = b64encode(
    SENDGRID.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
MAILGUN_KEY = "key-of-northhaven"


@cache
def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = AMAZON,
    start: datetime = NOW - timedelta(days=100),
    end: datetime = NOW + timedelta(days=100),
) -> bytes:
    """A certificate for the key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.example")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end)
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def sns(text: str | dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The fields of a genuine SNS notification; a change to None takes a field away."""
    fields = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": text if isinstance(text, str) else json.dumps(text),
        "Timestamp": "2026-12-08T09:59:58.123Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": f"https://sns.eu-west-2.amazonaws.com/?Action=Unsubscribe&x={TOPIC}",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def asking(**changes: Any) -> dict[str, Any]:
    """The fields of a genuine question about a subscription."""
    text = "You have chosen to subscribe to the topic."
    return sns(
        text,
        **{
            "Type": "SubscriptionConfirmation",
            "Subject": None,
            "Token": "2336412f37fb687f5d51e6e241d09c80",
            "SubscribeURL": SUBSCRIBE_URL,
            **changes,
        },
    )


def amazon_signature(fields: dict[str, Any], key: rsa.RSAPrivateKey = AMAZON) -> str:
    """What Amazon signs, by its documentation: names and values on lines of their own."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn"]
    chosen = [name for name in [*names, "Type"] if name in fields]
    signed = "".join(f"{name}\n{fields[name]}\n" for name in chosen)
    digest = SHA1() if fields.get("SignatureVersion") == "1" else SHA256()
    return b64encode(key.sign(signed.encode("utf-8", "surrogatepass"), PKCS1v15(), digest)).decode()


def sns_request(
    fields: dict[str, Any], key: rsa.RSAPrivateKey = AMAZON
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a request with these fields, signed unless they are already."""
    headers = {
        "X-Amz-Sns-Message-Type": str(fields.get("Type")),
        "X-Amz-Sns-Message-Id": str(fields.get("MessageId")),
        "X-Amz-Sns-Topic-Arn": str(fields.get("TopicArn")),
    }
    signed = {"Signature": amazon_signature(fields, key), **fields}
    return headers, json.dumps(signed).encode()


def ses_bounce(
    kind: str = "Permanent",
    sub: str = "General",
    diagnostic: str | None = "smtp; 550 5.1.1 user unknown",
    status: str | None = "5.1.1",
    type_key: str = "eventType",
) -> dict[str, Any]:
    """A bounce of Carol's, in the format of event publishing unless told otherwise."""
    person = {"emailAddress": "carol@oldtown.example", "action": "failed"}
    person |= {"status": status} if status else {}
    person |= {"diagnosticCode": diagnostic} if diagnostic else {}
    return {
        type_key: "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": sub,
            "bouncedRecipients": [person],
            "timestamp": "2026-12-08T09:59:57.000Z",
            "feedbackId": "0100017",
        },
        "mail": ses_mail(),
    }


def ses_mail() -> dict[str, Any]:
    """What SES says about the message itself."""
    return {
        "timestamp": "2026-12-08T09:59:50.000Z",
        "messageId": "0100018c-1111",
        "destination": ["carol@oldtown.example"],
        "headersTruncated": False,
        "headers": [
            {"name": "Message-ID", "value": "<token@coopcouncils.example>"},
            {"name": "Subject", "value": "News for members"},
            {"name": "Feedback-ID", "value": "12:members:newsletter:circular"},
            {"name": "X-Circular-Delivery", "value": "4711"},
        ],
    }


def sendgrid_request(
    events: Any, at: datetime = NOW, key: ec.EllipticCurvePrivateKey = SENDGRID
) -> tuple[dict[str, str], bytes]:
    """A batch as SendGrid sends it; octets go as they are."""
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    moment = str(int(at.timestamp()))
    signature = key.sign(moment.encode() + body, ec.ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": moment,
    }, body


def mailgun_request(
    event: Any, at: datetime = NOW, key: str = MAILGUN_KEY, token: str = "a" * 50
) -> bytes:
    """The body of a request of Mailgun's."""
    moment = str(int(at.timestamp()))
    signature = new_hmac(key.encode(), f"{moment}{token}".encode(), sha256).hexdigest()
    proof = {"token": token, "timestamp": moment, "signature": signature}
    return json.dumps({"signature": proof, "event-data": event}).encode()


def basic(secret: str) -> dict[str, str]:
    """The header of basic authentication."""
    return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
