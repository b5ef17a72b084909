"""What people told us to stop is applied once, as of when they said it, and before any mail."""

import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from contacts.actors import Actor, ActorKind
from contacts.database import AWAY, Database
from contacts.models import (
    Consent,
    ConsentAct,
    Contact,
    Subscription,
    SubscriptionStatus,
    Suppression,
)
from contacts.permission.subscriptions import subscribe
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind
from mailer.receipts.withdrawals import applying, folder, withdrawals
from mailer.receipts.withdrawals.folder import Withdrawal
from mailer.receipts.withdrawals.withdrawals import Withdrawals
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_mailer, a_newsletter, many
from tests.fakes.smtp_server import FaultServer
from tests.outages import away
from tests.running import a_worker, launched, wait_for_end

ASKED = NOW + timedelta(hours=1)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def mailer(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailer:
    monkeypatch.setattr(withdrawals, "_PATIENCE", 0.1)
    return replace(a_mailer(database, tmp_path), clock=lambda: LATER)


def sent(mailer: Mailer, people: int = 1) -> list[int]:
    """The deliveries of an issue to so many people, in order."""
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, people)
        issue = a_campaign(session, newsletter.id).id
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue, clock=lambda: NOW)
    with mailer.database.reading() as session:
        return list(session.scalars(select(Delivery.id).order_by(Delivery.contact_id)))


def asked(delivery_id: int, *, everything: bool = False, at: datetime = ASKED) -> Withdrawal:
    return Withdrawal(delivery_id, everything, ActorKind.ONE_CLICK, at)


def keep(mailer: Mailer, *every: Withdrawal) -> None:
    for each in every:
        folder.put(mailer.settings.withdrawals_dir, each)


def waiting(mailer: Mailer) -> int:
    return folder.count(mailer.settings.withdrawals_dir)


def set_aside(mailer: Mailer) -> int:
    return folder.count_aside(mailer.settings.withdrawals_dir)


def standings(mailer: Mailer) -> list[SubscriptionStatus]:
    with mailer.database.reading() as session:
        return [
            each.status
            for each in session.scalars(select(Subscription).order_by(Subscription.contact_id))
        ]


def withdrawn(mailer: Mailer) -> list[Consent]:
    with mailer.database.reading() as session:
        return list(session.scalars(select(Consent).where(Consent.act == ConsentAct.WITHDRAWN)))


def say_yes_again(mailer: Mailer, delivery_id: int, *, at: datetime) -> None:
    with mailer.database.writing() as session:
        contact = session.get_one(Contact, session.get_one(Delivery, delivery_id).contact_id)
        newsletter_id = session.scalars(select(Subscription.newsletter_id)).first()
        assert newsletter_id
        held = session.get_one(Subscription, (contact.id, newsletter_id))
        held.status = SubscriptionStatus.UNSUBSCRIBED
        source = Actor(ActorKind.CONFIRMATION)
        subscribe(session, contact, newsletter_id, source=source, words="Yes", now=at)


def test_it_is_done_at_once_where_the_database_answers(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)

    newsletter = Withdrawals(mailer).take(asked(delivery_id))

    assert newsletter
    assert waiting(mailer) == 0
    assert standings(mailer) == [SubscriptionStatus.UNSUBSCRIBED]


def test_it_is_kept_while_the_database_is_away_and_applied_as_of_when_it_was_asked(
    mailer: Mailer,
) -> None:
    [delivery_id] = sent(mailer)
    here = Withdrawals(mailer)
    with away(mailer.database):
        began = time.monotonic()
        answer = here.take(asked(delivery_id))
        took = time.monotonic() - began
        if not mailer.database.is_sqlite:  # with SQLite it would wait for its turn
            with pytest.raises(AWAY):
                here.all_applied()
    before = waiting(mailer), standings(mailer)

    applied = here.all_applied()

    assert answer is None
    assert took < 3
    assert before == (1, [SubscriptionStatus.SUBSCRIBED])
    assert applied
    assert waiting(mailer) == 0
    assert standings(mailer) == [SubscriptionStatus.UNSUBSCRIBED]
    [consent] = withdrawn(mailer)
    assert (consent.at, consent.source.kind) == (ASKED, ActorKind.ONE_CLICK)
    with mailer.database.reading() as session:
        [receipt] = session.scalars(select(Receipt)).all()
    assert (receipt.kind, receipt.at) == (ReceiptKind.UNSUBSCRIBED, ASKED)


def test_everything_is_stopped_for_the_address(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    keep(mailer, asked(delivery_id, everything=True))

    Withdrawals(mailer).apply_all()

    with mailer.database.reading() as session:
        [held] = session.scalars(select(Suppression)).all()
    assert (held.reason, held.at) == ("unsubscribed", ASKED)
    assert standings(mailer) == [SubscriptionStatus.UNSUBSCRIBED]


def test_applied_twice_it_changes_nothing_more(mailer: Mailer) -> None:
    """As after a kill between the commit and the removal of the file."""
    [delivery_id] = sent(mailer)
    for everything in (False, True, False, True):
        keep(mailer, asked(delivery_id, everything=everything))
        Withdrawals(mailer).apply_all()

    assert len(withdrawn(mailer)) == 1
    with mailer.database.reading() as session:
        assert len(session.scalars(select(Suppression)).all()) == 1


def test_two_workers_share_one_folder(mailer: Mailer) -> None:
    ids = sent(mailer, 30)
    keep(mailer, *(asked(each) for each in ids))
    workers = [threading.Thread(target=Withdrawals(mailer).apply_all) for _ in range(3)]

    for each in workers:
        each.start()
    for each in workers:
        each.join(30)

    assert (waiting(mailer), set_aside(mailer)) == (0, 0)
    assert set(standings(mailer)) == {SubscriptionStatus.UNSUBSCRIBED}
    assert len(withdrawn(mailer)) == len(ids)


@pytest.mark.parametrize("everything", [False, True])
def test_a_later_yes_of_the_same_person_stays(mailer: Mailer, everything: bool) -> None:
    [delivery_id] = sent(mailer)
    say_yes_again(mailer, delivery_id, at=ASKED + timedelta(minutes=5))
    keep(mailer, asked(delivery_id, everything=everything))

    Withdrawals(mailer).apply_all()

    assert standings(mailer) == [SubscriptionStatus.SUBSCRIBED]
    assert waiting(mailer) == 0
    with mailer.database.reading() as session:
        assert session.scalars(select(Suppression)).all() == []


def test_an_earlier_yes_does_not(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    say_yes_again(mailer, delivery_id, at=ASKED - timedelta(minutes=5))
    keep(mailer, asked(delivery_id))

    Withdrawals(mailer).apply_all()

    assert standings(mailer) == [SubscriptionStatus.UNSUBSCRIBED]


def test_a_clock_that_was_ahead_withdraws_nothing_in_the_future(mailer: Mailer) -> None:
    [delivery_id] = sent(mailer)
    keep(mailer, asked(delivery_id, at=LATER + timedelta(days=2)))

    Withdrawals(mailer).apply_all()

    assert [each.at for each in withdrawn(mailer)] == [LATER]


def test_a_file_that_makes_no_sense_is_set_aside_and_the_others_go_on(mailer: Mailer) -> None:
    one, other = sent(mailer, 2)
    keep(mailer, asked(one), asked(other), asked(10**9))
    place = mailer.settings.withdrawals_dir
    (place / "0-newsletter.withdrawal").write_bytes(b"{torn")

    clear = Withdrawals(mailer).all_applied()

    assert clear
    assert (waiting(mailer), set_aside(mailer)) == (0, 2)
    assert set(standings(mailer)) == {SubscriptionStatus.UNSUBSCRIBED}


@pytest.mark.parametrize("fault", [ValueError(), OSError(5, "broken"), FileNotFoundError()])
def test_a_fault_of_ours_about_one_keeps_no_other_back(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    one, other = sent(mailer, 2)
    keep(mailer, asked(one), asked(other))
    apply = applying.apply

    def fail(session: object, withdrawal: Withdrawal, *, now: datetime) -> object:
        if withdrawal.delivery_id == one:
            raise fault
        return apply(session, withdrawal, now=now)  # type: ignore[arg-type]

    monkeypatch.setattr(withdrawals, "apply", fail)

    assert Withdrawals(mailer).apply_all() == 1
    assert standings(mailer).count(SubscriptionStatus.UNSUBSCRIBED) == 1
    assert (waiting(mailer), set_aside(mailer)) == (0, 1)


def test_a_database_that_fails_has_nothing_set_aside(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    [delivery_id] = sent(mailer)
    keep(mailer, asked(delivery_id))

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(withdrawals, "apply", fail)
    here = Withdrawals(mailer)

    with pytest.raises(OperationalError):
        here.all_applied()

    assert (waiting(mailer), set_aside(mailer)) == (1, 0)


def test_nothing_is_sent_while_one_cannot_be_applied(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(mailer, 1)
    monkeypatch.setattr(folder, "names", lambda _: (_ for _ in ()).throw(PermissionError()))

    assert not Withdrawals(mailer).all_applied()


def test_who_withdrew_while_the_database_was_away_gets_no_copy(
    database: Database, tmp_path: Path
) -> None:
    """The couriers start with the file on the disk: nobody but they could have applied it."""
    mailer = a_mailer(database, tmp_path)
    issue = launched(mailer, 40)
    with mailer.database.reading() as session:
        ids = session.scalars(select(Delivery.id)).all()
        gone = set(session.scalars(select(Delivery.address).where(Delivery.id.in_(ids[::4]))))
    keep(mailer, *(asked(each, at=mailer.clock()) for each in ids[::4]))

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        account = wait_for_end(mailer, issue)

    assert account.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert not gone & set(relay.recipients)
    assert waiting(mailer) == 0
