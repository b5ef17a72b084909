"""Reports in JSON that come by mail: Amazon SES through a topic of SNS."""

import json

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import RETURN_PATH, TOKEN, WANTED, prose


def by_mail(
    told: object, *, behind: str = "\n--\nTo stop these mails, follow the link.\n"
) -> bytes:
    return (
        prose(
            "",
            sender="AWS Notifications <no-reply@sns.provider.example>",
            subject="AWS Notification Message",
            path="<0100@provider.example>",
            to="circular@news.example",
        )
        + (json.dumps(told) + behind).encode()
    )


def bounced(kind: str = "Permanent", subtype: str = "General", **person: str) -> dict[str, object]:
    return {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [{"emailAddress": WANTED, **person}],
        },
        "mail": {
            "source": RETURN_PATH,
            "headers": [{"name": "Message-ID", "value": f"<m.{TOKEN}@news.example>"}],
        },
    }


@pytest.mark.parametrize(
    ("told", "kind", "reason"),
    [
        (
            bounced(status="5.1.1", diagnosticCode="smtp; 550 5.1.1 no such user"),
            BounceKind.HARD,
            "userunknown",
        ),
        (
            bounced("Transient", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 no such user"),
            BounceKind.SOFT,
            "userunknown",
        ),
        (bounced("Transient", "MailboxFull"), BounceKind.SOFT, "mailboxfull"),
        (
            bounced(subtype="OnAccountSuppressionList", status="5.1.1"),
            BounceKind.SOFT,
            "onhold",
        ),
        ({"Message": json.dumps(bounced(status="5.1.1"))}, BounceKind.HARD, "userunknown"),
        (
            {
                "eventType": "DeliveryDelay",
                "deliveryDelay": {"delayedRecipients": [{"emailAddress": WANTED}]},
            },
            BounceKind.SOFT,
            "expired",
        ),
    ],
)
def test_a_notification_is_a_report_on_the_person_whom_it_names(
    told: object, kind: BounceKind, reason: str
) -> None:
    (report,) = read(by_mail(told))

    assert (report.kind, report.reason, report.recipient) == (kind, reason, WANTED)


def test_the_header_that_it_repeats_names_the_delivery() -> None:
    (report,) = read(by_mail(bounced(status="5.1.1")))

    assert report.traces.return_paths == (f"b+{TOKEN}",)
    assert report.traces.message_ids == (f"m.{TOKEN}@news.example",)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        {"notificationType": ["Bounce"]},
        {"notificationType": "Bounce"},
        {"notificationType": "Bounce", "bounce": {"bouncedRecipients": [7, {}, None]}},
        {"notificationType": "Complaint", "complaint": {"complainedRecipients": "x"}},
        {"Message": "{" * 5000},
        {"Message": 7},
    ],
)
def test_what_holds_no_notification_is_no_report_on_anybody(told: object) -> None:
    assert {report.recipient for report in read(by_mail(told))} == {""}


def test_a_broken_notification_is_no_report() -> None:
    (report,) = read(by_mail(bounced(), behind="}{").replace(b'"bounceType"', b"bounceType"))

    assert report.kind is BounceKind.NONE
