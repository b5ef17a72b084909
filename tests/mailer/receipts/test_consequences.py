"""What comes back is believed when a token proves it, and does what the policy says, once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.models import Subscription, SubscriptionStatus, Suppression, SuppressionReason
from contacts.permission.suppressions import find
from mailer.bootstrap import Mailer
from mailer.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Receipt,
    ReceiptKind,
    Verdict,
)
from mailer.receipts.consequences import apply
from mailer.receipts.matching import match_report
from mailer.security.tokens import Tokens
from tests.factories import NOW, a_campaign, a_mailer, a_newsletter, many
from tests.mailer.receipts.bouncing import bounce, complaint, wish_to_leave


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def sent(mailer: Mailer, *, campaigns: int = 1, people: int = 1, apart: int = 7) -> list[int]:
    """Campaigns that went out, the newest now and each a week after the last; ids of the first
    person's deliveries."""
    first: list[int] = []
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, people)
        for place in range(campaigns):
            campaign = a_campaign(session, newsletter.id)
            campaign.started_at = NOW - timedelta(days=apart * (campaigns - 1 - place))
            campaign.status = CampaignStatus.SENDING
            for person in range(1, people + 1):
                delivery = Delivery(
                    campaign_id=campaign.id,
                    contact_id=person,
                    address=f"person{person}@a.example",
                    status=DeliveryStatus.ACCEPTED,
                    attempts=1,
                    changed_at=campaign.started_at,
                )
                session.add(delivery)
                if person == 1:
                    session.flush()
                    first.append(delivery.id)
    return first


def take_in(mailer: Mailer, message: bytes) -> bool:
    with mailer.database.writing() as session:
        return all(
            apply(session, report, now=NOW)
            for report in match_report(message, tokens=mailer.tokens)
        )


def suppression(mailer: Mailer, address: str = "person1@a.example") -> Suppression | None:
    with mailer.database.reading() as session:
        return find(session, address)


def receipts(mailer: Mailer) -> list[ReceiptKind]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(Receipt.kind).order_by(Receipt.id)))


def test_a_hard_bounce_suppresses_the_address_and_says_why(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    take_in(mailer, bounce(mailer.tokens, delivery_id))

    found = suppression(mailer)
    assert found is not None
    assert found.reason is SuppressionReason.BOUNCED
    assert found.source == Actor(ActorKind.DELIVERY, delivery_id)
    assert "550 5.1.1 User unknown" in (found.detail or "")
    assert receipts(mailer) == [ReceiptKind.HARD_BOUNCED]


def test_the_same_bounce_reported_twice_counts_once(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    message = bounce(
        mailer.tokens, delivery_id, status="4.2.2", diagnostic="452 4.2.2 mailbox full"
    )

    first, second = take_in(mailer, message), take_in(mailer, message)

    assert (first, second) == (True, False)
    assert receipts(mailer) == [ReceiptKind.SOFT_BOUNCED]


def test_a_forged_bounce_changes_nothing(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    taken = take_in(mailer, bounce(Tokens(b"another secret"), delivery_id))

    assert not taken
    assert suppression(mailer) is None
    assert receipts(mailer) == []


def test_the_address_written_to_is_suppressed_whatever_the_bounce_mentions(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    take_in(mailer, bounce(mailer.tokens, delivery_id, address="forwarded@elsewhere.example"))

    assert suppression(mailer) is not None
    assert suppression(mailer, "forwarded@elsewhere.example") is None


def full(mailer: Mailer, delivery_id: int) -> bytes:
    diagnostic = f"452 4.2.2 mailbox full ({delivery_id})"
    return bounce(mailer.tokens, delivery_id, status="4.2.2", diagnostic=diagnostic)


def test_five_campaigns_in_a_row_over_a_fortnight_suppress(mailer: Mailer) -> None:
    deliveries = sent(mailer, campaigns=5)

    for delivery_id in deliveries[:4]:
        take_in(mailer, full(mailer, delivery_id))
    before = suppression(mailer)
    take_in(mailer, full(mailer, deliveries[4]))

    assert before is None
    assert suppression(mailer) is not None


def test_five_within_a_few_days_are_not_enough(mailer: Mailer) -> None:
    for delivery_id in sent(mailer, campaigns=5, apart=2):
        take_in(mailer, full(mailer, delivery_id))

    assert suppression(mailer) is None


def test_a_mail_that_did_not_bounce_restarts_the_count(mailer: Mailer) -> None:
    deliveries = sent(mailer, campaigns=6)

    for delivery_id in (*deliveries[:2], *deliveries[3:]):
        take_in(mailer, full(mailer, delivery_id))

    assert suppression(mailer) is None


@pytest.mark.parametrize(
    ("status", "diagnostic", "action"),
    [
        ("5.7.1", "550 5.7.1 message rejected as spam", "failed"),
        ("4.2.2", "452 4.2.2 mailbox full", "delayed"),
    ],
)
def test_filters_and_delays_never_count_against_the_person(
    mailer: Mailer, status: str, diagnostic: str, action: str
) -> None:
    for delivery_id in sent(mailer, campaigns=6):
        numbered = f"{diagnostic} {delivery_id}"
        message = bounce(
            mailer.tokens, delivery_id, status=status, diagnostic=numbered, action=action
        )
        take_in(mailer, message)

    assert suppression(mailer) is None
    assert len(receipts(mailer)) == 6


def test_a_complaint_unsubscribes_and_suppresses(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    take_in(mailer, complaint(mailer.tokens, delivery_id))

    found = suppression(mailer)
    assert found is not None
    assert found.reason is SuppressionReason.COMPLAINED
    with mailer.database.reading() as session:
        standing = session.get_one(Subscription, (1, 1))
    assert standing.status is SubscriptionStatus.UNSUBSCRIBED


def test_mail_to_the_unsubscribe_address_unsubscribes_and_no_more(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    take_in(mailer, wish_to_leave(mailer.tokens, delivery_id))

    with mailer.database.reading() as session:
        standing = session.get_one(Subscription, (1, 1))
    assert standing.status is SubscriptionStatus.UNSUBSCRIBED
    assert suppression(mailer) is None
    assert receipts(mailer) == [ReceiptKind.UNSUBSCRIBED]


def test_a_bounce_settles_a_delivery_in_doubt(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    with mailer.database.writing() as session:
        session.get_one(Delivery, delivery_id).status = DeliveryStatus.UNCERTAIN

    take_in(mailer, bounce(mailer.tokens, delivery_id))

    with mailer.database.reading() as session:
        delivery = session.get_one(Delivery, delivery_id)
    assert delivery.status is DeliveryStatus.ACCEPTED
    assert "relay had taken it" in (delivery.text or "")


def complain(mailer: Mailer, number: int) -> Campaign:
    """The campaign after so many of its people complained."""
    with mailer.database.writing() as session:
        ids = session.scalars(select(Delivery.id).order_by(Delivery.id).limit(number)).all()
    for delivery_id in ids:
        take_in(mailer, complaint(mailer.tokens, delivery_id))
    with mailer.database.reading() as session:
        return session.get_one(Campaign, 1)


def test_complaints_warn_at_one_in_a_thousand_and_stop_at_three(mailer: Mailer) -> None:
    sent(mailer, people=1000)

    warned = complain(mailer, 1)
    paused = complain(mailer, 3)

    assert (warned.status, paused.status) == (CampaignStatus.SENDING, CampaignStatus.PAUSED)
    assert "1 of 1000 people marked this as spam" in (warned.trouble or "")
    assert "3 of 1000 people marked this as spam" in (paused.trouble or "")


def test_too_few_copies_never_warn_about_complaints(mailer: Mailer) -> None:
    sent(mailer, people=20)

    assert complain(mailer, 3).status is CampaignStatus.SENDING


def test_a_wave_of_blocks_pauses_the_campaign(mailer: Mailer) -> None:
    sent(mailer, people=30)
    with mailer.database.reading() as session:
        ids = session.scalars(select(Delivery.id)).all()

    for delivery_id in ids[:20]:
        diagnostic = f"550 5.7.1 blocked by our reputation list {delivery_id}"
        take_in(mailer, bounce(mailer.tokens, delivery_id, status="5.7.1", diagnostic=diagnostic))

    with mailer.database.reading() as session:
        campaign = session.get_one(Campaign, 1)
        suppressed = session.scalar(select(func.count()).select_from(Suppression))
    assert campaign.status is CampaignStatus.PAUSED
    assert "object to the sender" in (campaign.trouble or "")
    assert suppressed == 0


def test_vacation_replies_are_ignored(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    message = wish_to_leave(mailer.tokens, delivery_id).replace(b"To: u+", b"To: b+")
    message = message.replace(
        b"Subject: unsubscribe", b"Subject: Out of office\r\nAuto-Submitted: auto-replied"
    )

    assert not take_in(mailer, message)
    assert receipts(mailer) == []


def test_receipts_of_hits_have_no_key_and_may_be_many(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    with mailer.database.writing() as session:
        for _ in range(2):
            session.add(
                Receipt(
                    campaign_id=1,
                    delivery_id=delivery_id,
                    kind=ReceiptKind.OPENED,
                    verdict=Verdict.PERSON,
                    at=NOW,
                )
            )
        session.execute(update(Receipt).values(detail="kept"))

    assert receipts(mailer) == [ReceiptKind.OPENED, ReceiptKind.OPENED]
