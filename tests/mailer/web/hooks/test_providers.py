"""Providers' reports come in by their own doors: proved, once, and only where one is set up."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app import create_app
from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.models import Delivery, DeliveryStatus, ReceiptKind
from mailer.security.tokens import Purpose
from mailer.web.hooks import providers
from tests.factories import a_mailer
from tests.mailer.receipts.providers.requests import (
    MAILGUN_KEY,
    NOW,
    SENDGRID_KEY,
    TOPIC,
    asking,
    basic,
    certificate,
    mailgun_request,
    sendgrid_request,
    ses_bounce,
    sns,
    sns_request,
)
from tests.mailer.receipts.test_consequences import receipts, sent, suppression
from tests.mailer.web.browser import Browser


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path) -> Mailer:
    made = a_mailer(
        Database(sqlite_url),
        tmp_path,
        ses_topics=TOPIC,
        sendgrid_public_key=SENDGRID_KEY,
        mailgun_signing_keys=MAILGUN_KEY,
        postmark_secrets="hook:northhaven",
        brevo_secrets="hook:aldmor",
    )
    # The requests are signed as of a moment.
    return replace(made, clock=lambda: NOW)


@pytest.fixture(autouse=True)
def _amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon's host stands still: its certificate is at hand."""
    monkeypatch.setattr(providers._certificates, "fetch", lambda _url: certificate())


def message_id(mailer: Mailer, delivery_id: int) -> str:
    return f"{mailer.tokens.seal_for_mail(Purpose.MESSAGE, delivery_id)}@network.example"


def ses_request(mailer: Mailer, delivery_id: int) -> dict[str, Any]:
    bounce = ses_bounce()
    bounce["mail"]["headers"][0]["value"] = f"<{message_id(mailer, delivery_id)}>"
    headers, body = sns_request(sns(bounce))
    return {"headers": headers, "data": body}


def sendgrid_bounce(mailer: Mailer, delivery_id: int) -> dict[str, Any]:
    event = {
        "event": "bounce",
        "email": "person1@a.example",
        "timestamp": int(NOW.timestamp()),
        "smtp-id": f"<{message_id(mailer, delivery_id)}>",
        "sg_event_id": "one",
        "reason": "550 5.1.1 user unknown",
        "status": "5.1.1",
        "type": "bounce",
    }
    headers, body = sendgrid_request([event])
    return {"headers": headers, "data": body}


def mailgun_bounce(mailer: Mailer, delivery_id: int) -> dict[str, Any]:
    event = {
        "event": "failed",
        "severity": "permanent",
        "id": "one",
        "timestamp": NOW.timestamp(),
        "recipient": "person1@a.example",
        "message": {"headers": {"message-id": message_id(mailer, delivery_id)}},
        "delivery-status": {"code": 550, "message": "5.1.1 user unknown"},
    }
    return {"data": mailgun_request(event)}


def test_a_bounce_from_each_provider_suppresses_once(mailer: Mailer) -> None:
    browser = Browser(create_app(mailer))
    [delivery_id] = sent(mailer)
    requests = {
        "ses": ses_request(mailer, delivery_id),
        "sendgrid": sendgrid_bounce(mailer, delivery_id),
        "mailgun": mailgun_bounce(mailer, delivery_id),
    }

    answers = {
        name: [browser.post_bare(f"/hooks/{name}", **request).status_code for _ in range(2)]
        for name, request in requests.items()
    }

    assert answers == {name: [200, 200] for name in requests}
    assert suppression(mailer) is not None
    assert receipts(mailer) == [ReceiptKind.HARD_BOUNCED] * 3


def test_a_captured_signature_of_mailgun_carries_no_second_event(mailer: Mailer) -> None:
    browser = Browser(create_app(mailer))
    first, second = sent(mailer, campaigns=2)
    browser.post_bare("/hooks/mailgun", **mailgun_bounce(mailer, first))

    answer = browser.post_bare("/hooks/mailgun", **mailgun_bounce(mailer, second))

    assert answer.status_code == 200
    assert len(receipts(mailer)) == 1


@pytest.mark.parametrize("name", ["ses", "sendgrid", "mailgun", "postmark", "brevo"])
def test_unproved_requests_are_answered_alike_and_change_nothing(mailer: Mailer, name: str) -> None:
    browser = Browser(create_app(mailer))
    sent(mailer)

    answer = browser.post_bare(f"/hooks/{name}", data=b'{"event": "bounce"}')

    assert (answer.status_code, answer.text) == (403, "Not accepted.\n")
    assert receipts(mailer) == []


def test_requests_of_providers_that_sign_nothing_need_their_secret(mailer: Mailer) -> None:
    browser = Browser(create_app(mailer))

    answers = [
        browser.post_bare("/hooks/postmark", data=b"{}", headers=basic("hook:northhaven")),
        browser.post_bare("/hooks/brevo", data=b"{}", headers=basic("hook:aldmor")),
        browser.post_bare("/hooks/brevo", data=b"{}", headers=basic("hook:northhaven")),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 403]


def test_a_topic_that_asks_to_be_confirmed_is_not_fetched(mailer: Mailer) -> None:
    headers, body = sns_request(asking())

    answer = Browser(create_app(mailer)).post_bare("/hooks/ses", headers=headers, data=body)

    assert answer.status_code == 200


def test_a_report_of_delivery_settles_a_delivery_in_doubt(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    with mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.UNCERTAIN))
    event = {
        "event": "delivered",
        "email": "person1@a.example",
        "timestamp": int(NOW.timestamp()),
        "smtp-id": f"<{message_id(mailer, delivery_id)}>",
        "sg_event_id": "two",
    }
    headers, body = sendgrid_request([event])

    Browser(create_app(mailer)).post_bare("/hooks/sendgrid", headers=headers, data=body)

    with mailer.database.reading() as session:
        assert session.get_one(Delivery, delivery_id).status is DeliveryStatus.ACCEPTED


def test_a_provider_that_is_not_set_up_has_no_route(sqlite_url: str, tmp_path: Path) -> None:
    browser = Browser(create_app(a_mailer(Database(sqlite_url), tmp_path)))
    names = ("ses", "sendgrid", "mailgun", "postmark", "brevo")

    codes = {browser.post_bare(f"/hooks/{name}", data=b"{}").status_code for name in names}

    assert codes == {404}
