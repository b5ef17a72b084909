"""What comes back of a confirmation is believed like any bounce, and changes no subscription."""

from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.models import Subscription, SubscriptionStatus, SuppressionReason
from mailer.bootstrap import Mailer
from mailer.models import DeliveryStatus, ReceiptKind, SystemMail, SystemMailReceipt
from mailer.receipts.matching import OurMail, match_event
from mailer.receipts.providers import model
from mailer.security.tokens import Purpose, Tokens
from tests.factories import NOW, a_cast, a_mailer, a_notice
from tests.mailer.receipts.bouncing import bounce, complaint, notice_path
from tests.mailer.receipts.test_consequences import receipts, suppression, take_in

BOB = "bob@bexmoor.example"


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def confirmation(mailer: Mailer) -> int:
    """The confirmation that Bob was sent, and that the relay has taken."""
    with mailer.database.writing() as session:
        a_cast(session)
        notice = a_notice(session, "Bob@bexmoor.example")
        notice.status = DeliveryStatus.ACCEPTED
        return notice.id


def came_back(mailer: Mailer) -> list[ReceiptKind]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(SystemMailReceipt.kind).order_by(SystemMailReceipt.id)))


def test_a_hard_bounce_suppresses_the_address_and_bob_stays_unconfirmed(mailer: Mailer) -> None:
    notice_id = confirmation(mailer)

    take_in(mailer, bounce(mailer.tokens, 0, to=notice_path(mailer.tokens, notice_id)))

    held = suppression(mailer, BOB)
    assert held is not None
    assert held.reason is SuppressionReason.BOUNCED
    assert held.source == Actor(ActorKind.NOTICE, notice_id)
    assert "550 5.1.1 User unknown" in held.detail
    assert receipts(mailer) == []
    with mailer.database.reading() as session:
        notice = session.get_one(SystemMail, notice_id)
        [receipt] = session.scalars(select(SystemMailReceipt))
        standings = session.scalars(select(Subscription.status).order_by(Subscription.contact_id))
        assert standings.all()[1] is SubscriptionStatus.PENDING
    assert notice.status is DeliveryStatus.ACCEPTED
    assert (receipt.notice_id, receipt.kind, receipt.reason) == (
        notice_id,
        "hard_bounced",
        "userunknown",
    )


def test_the_same_bounce_reported_twice_counts_once(mailer: Mailer) -> None:
    message = bounce(mailer.tokens, 0, to=notice_path(mailer.tokens, confirmation(mailer)))

    first, second = take_in(mailer, message), take_in(mailer, message)

    assert (first, second) == (True, False)
    assert came_back(mailer) == [ReceiptKind.HARD_BOUNCED]


def test_a_full_mailbox_or_a_filter_is_noted_and_no_more(mailer: Mailer) -> None:
    path = notice_path(mailer.tokens, confirmation(mailer))

    for status, diagnostic in (("4.2.2", "452 4.2.2 mailbox full"), ("5.7.1", "550 5.7.1 spam")):
        take_in(mailer, bounce(mailer.tokens, 0, status=status, diagnostic=diagnostic, to=path))

    assert suppression(mailer, BOB) is None
    assert came_back(mailer) == [ReceiptKind.SOFT_BOUNCED, ReceiptKind.SOFT_BOUNCED]


def test_a_complaint_about_a_confirmation_suppresses(mailer: Mailer) -> None:
    take_in(mailer, complaint(mailer.tokens, confirmation(mailer), notice=True))

    held = suppression(mailer, BOB)
    assert held is not None
    assert held.reason is SuppressionReason.COMPLAINED


def test_a_forged_bounce_changes_nothing(mailer: Mailer) -> None:
    notice_id = confirmation(mailer)

    taken = take_in(mailer, bounce(mailer.tokens, 0, to=notice_path(Tokens(b"another"), notice_id)))

    assert not taken
    assert came_back(mailer) == []


def test_a_token_of_a_delivery_says_nothing_about_a_system_mail(mailer: Mailer) -> None:
    """Both kinds of Message-ID are sealed for the same purpose: what is beside the id tells."""
    notice_id = confirmation(mailer)
    token = mailer.tokens.seal_for_mail(Purpose.MESSAGE, notice_id, 0)

    take_in(mailer, bounce(mailer.tokens, 0, to=f"n+{token}@network.example"))

    assert came_back(mailer) == []
    assert suppression(mailer, BOB) is None


def test_a_system_mail_that_is_not_there_any_more_changes_nothing(mailer: Mailer) -> None:
    assert not take_in(mailer, bounce(mailer.tokens, 0, to=notice_path(mailer.tokens, 999)))
    assert came_back(mailer) == []


def test_a_provider_may_report_it_too(mailer: Mailer) -> None:
    token = mailer.tokens.seal_for_mail(Purpose.MESSAGE, 7, 1)
    event = model.ProviderEvent(
        kind=model.EventKind.HARD,
        event_id="e1",
        message_id=f"<{token}@network.example>",
        recipient=BOB,
        at=NOW,
        reason="userunknown",
    )

    matched = match_event(event, provider="ses", tokens=mailer.tokens)

    assert matched.about == OurMail(notice_id=7)
