"""The audience: one function counts it everywhere, and the freeze agrees with it row by row."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from contacts.models import (
    Contact,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from contacts.permission.suppressions import suppress
from mailer.audience import counting
from mailer.audience.counting import count
from mailer.audience.selecting import Audience, classified
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, freezing, sending
from mailer.delivery.claims import fairness
from mailer.demo.network import load
from mailer.models import Delivery, DeliveryStatus, Exclusion
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_contact, a_mailer, a_newsletter


def a_crowd(database: Database, seed: int) -> int:
    """A newsletter with people in every state, several of them sharing mailboxes."""
    chance = Random(seed)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for number in range(60):
            mailbox = chance.choice(
                [f"p{chance.randrange(25)}@a.example", None, f"q{number}@b.example"]
            )
            contact = a_contact(session, f"Person {number}", mailbox)
            if chance.random() < 0.9:
                session.add(
                    Subscription(
                        contact_id=contact.id,
                        newsletter_id=newsletter.id,
                        status=chance.choice(list(SubscriptionStatus)),
                        paused_until=chance.choice([None, None, (NOW + timedelta(days=3)).date()]),
                        changed_at=NOW,
                    )
                )
            if mailbox and chance.random() < 0.2:
                reason = chance.choice(list(SuppressionReason))
                suppress(session, mailbox, reason, source=TESTER, now=NOW)
        return newsletter.id


@pytest.mark.parametrize("seed", range(6))
def test_what_is_counted_is_what_is_frozen(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsletter_id = a_crowd(database, seed)
    monkeypatch.setattr(freezing, "CHUNK", 7)  # many steps, as for a million people

    with database.reading() as session:
        counted = count(session, Audience(newsletter_id), now=NOW)
        verdicts = {
            row.contact_id: row.reason
            for row in session.execute(classified(Audience(newsletter_id), now=NOW))
        }
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freezing.freeze(database, campaign_id, clock=lambda: NOW)

    with database.reading() as session:
        rows = session.scalars(select(Delivery)).all()
    assert {row.contact_id: row.reason for row in rows} == verdicts
    assert counted.total == len(rows) == len(verdicts)
    assert counted.will == sum(row.status is DeliveryStatus.PENDING for row in rows)
    written_to = [row.address for row in rows if row.status is DeliveryStatus.PENDING]
    assert len(written_to) == len({address.lower() for address in written_to if address})


def test_an_interrupted_freeze_goes_on_where_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsletter_id = a_crowd(database, 1)
    monkeypatch.setattr(freezing, "CHUNK", 7)
    with database.writing() as session:
        campaign_id = a_campaign(session, newsletter_id).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    for _ in range(3):
        with database.writing() as session:
            campaign = editing.find(session, campaign_id, lock=True)
            freezing.freeze_some(session, campaign, Audience(campaign.newsletter_id), now=NOW)

    freezing.freeze(database, campaign_id, clock=lambda: NOW)
    freezing.freeze(database, campaign_id, clock=lambda: NOW)

    with database.reading() as session:
        people = session.scalars(select(Delivery.contact_id)).all()
        expected = count(session, Audience(newsletter_id), now=NOW).total
    assert len(people) == len(set(people)) == expected


def test_the_first_reason_of_the_order_is_the_one_that_counts(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        contact = a_contact(session, "A", "a@a.example", newsletter)
        standing = session.get_one(Subscription, (contact.id, newsletter.id))
        standing.status = SubscriptionStatus.UNSUBSCRIBED
        suppress(session, "a@a.example", SuppressionReason.COMPLAINED, source=TESTER, now=NOW)
        newsletter_id = newsletter.id

    with database.reading() as session:
        counted = count(session, Audience(newsletter_id), now=NOW)

    assert counted.excluded == {Exclusion.DO_NOT_EMAIL: 1}


@pytest.mark.parametrize(
    "address", ["p@old.invalid", "p@a.test", "p@pc.localhost", "p@pc.local", "test@test"]
)
def test_an_address_of_before_that_no_mail_reaches_is_left_out(
    database: Database, address: str
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        someone = a_contact(session, "Person", "p@test.example", newsletter)
        a_contact(session, "Other", "latest@test.example", newsletter)
        someone.email = someone.address_key = address

    with database.reading() as session:
        counted = count(session, Audience(newsletter.id), now=NOW)
    assert (counted.will, counted.excluded) == (1, {Exclusion.NO_EMAIL: 1})


def test_the_demo_network_adds_up_as_it_says(database: Database, tmp_path: Path) -> None:
    mailer: Mailer = a_mailer(database, tmp_path)

    load(mailer)
    again = load(mailer)

    with database.reading() as session:
        counted = count(session, Audience(1), now=mailer.clock())
        people = session.query(Contact).count()
        suppressed = session.query(Suppression).count()
    assert (counted.total, counted.will, counted.wont) == (1310, 1204, 106)
    assert counted.excluded == {
        Exclusion.NO_EMAIL: 12,
        Exclusion.DO_NOT_EMAIL: 1,
        Exclusion.BOUNCED: 19,
        Exclusion.UNSUBSCRIBED: 61,
        Exclusion.NOT_CONFIRMED: 4,
        Exclusion.SAME_ADDRESS: 9,
    }
    assert counted.categories == {
        "full": 612,
        "associate": 214,
        "affiliate": 233,
        "supporter": 145,
    }
    assert (people, suppressed, again["loaded"]) == (1842, 20, False)


def test_a_large_audience_is_counted_as_a_small_one_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve people at three mailboxes, one of which has bounced: two copies, six told so."""
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for number in range(12):
            category = ("full", "supporter", None)[number % 3]
            address = f"office{number % 3}@a.example"
            a_contact(session, f"Person {number}", address, newsletter, category=category)
        suppress(session, "office1@a.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)
        newsletter_id = newsletter.id
    with database.reading() as session:
        small = count(session, Audience(newsletter_id), now=NOW)
        monkeypatch.setattr(counting, "_FEW", 0)
        large = count(session, Audience(newsletter_id), now=NOW)

    assert large == small
    assert small.excluded == {Exclusion.SAME_ADDRESS: 6, Exclusion.BOUNCED: 4}
    assert small.categories == {"full": 1, "": 1}


@pytest.mark.parametrize("seed", range(3))
def test_asking_about_one_person_says_what_the_send_would(database: Database, seed: int) -> None:
    newsletter_id = a_crowd(database, seed)
    with database.reading() as session:
        verdicts = {
            row.contact_id: row.reason
            for row in session.execute(classified(Audience(newsletter_id), now=NOW))
        }
        for contact in session.scalars(select(Contact)).all():
            answer = counting.ask(session, contact, Audience(newsletter_id), now=NOW)
            on_it = contact.id in verdicts
            assert answer.receives == (on_it and verdicts[contact.id] is None)
            assert answer.reason == (verdicts[contact.id] if on_it else None)


def test_a_mailbox_has_one_copy_though_the_first_left_while_the_rest_was_frozen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "CHUNK", 2)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for name, mailbox in [
            ("Ann", "shared@a.example"),
            ("Bob", "bob@a.example"),
            ("Cay", "Shared@a.example"),
        ]:
            contact = a_contact(session, name, mailbox)
            session.add(
                Subscription(
                    contact_id=contact.id,
                    newsletter_id=newsletter.id,
                    status=SubscriptionStatus.SUBSCRIBED,
                    changed_at=NOW,
                )
            )
        campaign = a_campaign(session, newsletter.id)
        sending.launch(session, campaign.id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        freezing.freeze_some(session, campaign, Audience(campaign.newsletter_id), now=NOW)
        session.execute(update(Delivery).values(status=DeliveryStatus.ACCEPTED))
        half_frozen = fairness.waiting_campaigns(session, now=NOW)
    freezing.freeze(database, campaign.id, clock=lambda: NOW)

    with database.reading() as session:
        rows = {row.address: (row.status, row.reason) for row in session.scalars(select(Delivery))}
    assert half_frozen == []
    assert rows["Shared@a.example"] == (DeliveryStatus.EXCLUDED, Exclusion.SAME_ADDRESS)
