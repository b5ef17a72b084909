"""The courier: whatever fails or is killed, every delivery has one result in the end."""

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from contacts.models import Suppression
from contacts.permission.subscriptions import unsubscribe
from mailer.bootstrap import Mailer
from mailer.campaigns import in_doubt, sending
from mailer.clock import now
from mailer.delivery.claims import claiming, recovery
from mailer.delivery.claims.dispatching import nudge
from mailer.errors import NotAllowed
from mailer.models import (
    Batch,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Exclusion,
    Relay,
)
from mailer.settings.environment import Gate
from mailer.settings.relay_address import RelayAddress
from mailer.worker.carriers import carriers
from tests.factories import TESTER, a_campaign, a_contact, a_mailer, a_newsletter, many
from tests.fakes.distance import Distance
from tests.fakes.smtp_script import Do, Script
from tests.fakes.smtp_server import FaultServer
from tests.running import a_worker, account_of, launched, wait_for_end


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path, retry_schedule=(1, 1, 1))


def batches(mailer: Mailer, campaign_id: int) -> list[tuple[int, int]]:
    with mailer.database.writing() as session:
        return nudge(session, campaign_id, now=now())


def carry_all(mailer: Mailer, campaign_id: int, port: int) -> None:
    carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{port}"))
    for first_id, last_id in batches(mailer, campaign_id):
        carrying.courier.carry(campaign_id, first_id, last_id)
    carrying.relays.close()


def test_everybody_gets_one_copy_and_the_sums_balance(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 60)

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 60}
    assert ended.status == CampaignStatus.SENT
    assert Counter(Counter(relay.recipients).values()) == {1: 60}


def test_connections_to_a_far_relay_share_batches(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=60))
    campaign_id = launched(mailer, 120)

    with (
        FaultServer() as relay,
        Distance(relay.port, round_trip=0.1) as far,
        a_worker(mailer, port=far.port),
    ):
        ended = wait_for_end(mailer, campaign_id)

    with mailer.database.reading() as session:
        batches_in_the_end = session.query(Batch).count()
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 120}
    assert Counter(Counter(relay.recipients).values()) == {1: 120}
    assert far.most == 4  # all of this worker's threads
    assert batches_in_the_end < 20  # and not one for every fourth of them


def test_a_doubled_job_and_a_second_courier_send_no_second_copy(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 60)
    work = batches(mailer, campaign_id) * 3

    with FaultServer() as server:
        address = RelayAddress.parse(f"smtp://127.0.0.1:{server.port}")
        couriers = [carriers(mailer, relay=address).courier for _ in range(3)]
        threads = [
            threading.Thread(target=courier.carry, args=(campaign_id, *each))
            for courier in couriers
            for each in work
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    assert sorted(server.recipients) == sorted(f"person{n}@a.example" for n in range(1, 61))
    assert account_of(mailer, campaign_id).deliveries == {DeliveryStatus.ACCEPTED: 60}


def test_a_campaign_cannot_be_launched_twice(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 2)

    with (
        pytest.raises(NotAllowed, match="never sent twice"),
        mailer.database.writing() as session,
    ):
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())


def test_a_deferred_copy_is_tried_again_and_is_the_same_message(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    seen: Counter[str] = Counter()

    def greylist(recipient: str) -> str:
        seen[recipient] += 1
        return "451 4.7.1 come back later" if seen[recipient] < 3 else "250 2.1.5 ok"

    with (
        FaultServer(Script(on_rcpt=greylist)) as relay,
        a_worker(mailer, port=relay.port),
    ):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 3}
    assert set(seen.values()) == {3}


def test_no_such_user_is_refused_and_suppressed_and_a_policy_is_not(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    replies = {
        "person1@a.example": "550 5.1.1 no such user",
        "person2@a.example": "550 5.7.1 blocked by policy",
    }
    script = Script(on_rcpt=lambda recipient: replies.get(recipient, "250 2.1.5 ok"))

    with FaultServer(script) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    with mailer.database.reading() as session:
        suppressed = [each.address_key for each in session.query(Suppression)]
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 1, DeliveryStatus.REFUSED: 2}
    assert suppressed == ["person1@a.example"]


@pytest.mark.parametrize("address", ["50%off@a.example", "host!user@a.example"])
def test_an_address_that_looks_like_a_route_delays_nobody_else(
    mailer: Mailer, address: str
) -> None:
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        a_contact(session, "Odd", address, newsletter)
        many(session, newsletter, 3)
        campaign_id = a_campaign(session, newsletter.id).id
        sending.launch(session, campaign_id, actor=TESTER, gate=Gate.OPEN, now=now())
    denied = f"554 5.7.1 <{address}>: Relay access denied"
    script = Script(on_rcpt=lambda each: denied if each == address else "250 2.1.5 ok")

    with FaultServer(script) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    with mailer.database.reading() as session:
        assert session.query(Suppression).all() == []
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 3, DeliveryStatus.REFUSED: 1}


def test_a_refused_sender_pauses_the_campaign_and_suppresses_nobody(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 40)
    script = Script(on_mail=lambda _: "553 5.1.8 sender domain not allowed")

    with FaultServer(script) as relay:
        carry_all(mailer, campaign_id, relay.port)

    with mailer.database.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
        suppressed = session.query(Suppression).count()
    assert campaign.status is CampaignStatus.PAUSED
    assert "sender domain not allowed" in (campaign.trouble or "")
    assert account_of(mailer, campaign_id).deliveries == {DeliveryStatus.PENDING: 40}
    assert suppressed == 0


def test_a_relay_that_is_away_loses_nothing_and_is_noted(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 5)

    carry_all(mailer, campaign_id, 9)

    with mailer.database.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
    assert account_of(mailer, campaign_id).deliveries == {DeliveryStatus.PENDING: 5}
    assert campaign.status is CampaignStatus.SENDING
    assert campaign.trouble


def test_a_lost_final_reply_is_uncertain_and_never_sent_again(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    dropped = {"person2@a.example"}

    def vanish(recipient: str) -> Do | str:
        return Do(close=True, keep=True) if recipient in dropped else "250 2.0.0 kept"

    with (
        FaultServer(Script(on_content=vanish)) as relay,
        a_worker(mailer, port=relay.port),
    ):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 2, DeliveryStatus.UNCERTAIN: 1}
    assert Counter(relay.recipients) == {f"person{n}@a.example": 1 for n in (1, 2, 3)}


def test_uncertain_copies_are_sent_again_when_a_person_says_so(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    lost = [True]

    def vanish(recipient: str) -> Do | str:
        if recipient == "person2@a.example" and lost.pop():
            return Do(close=True)
        return "250 2.0.0 kept"

    with (
        FaultServer(Script(on_content=vanish)) as relay,
        a_worker(mailer, port=relay.port),
    ):
        before = wait_for_end(mailer, campaign_id)
        lost.append(False)
        with mailer.database.writing() as session:
            number = in_doubt.send_again(session, campaign_id, actor=TESTER, now=now())
        after = wait_for_end(mailer, campaign_id)

    assert before.deliveries == {DeliveryStatus.ACCEPTED: 2, DeliveryStatus.UNCERTAIN: 1}
    assert number == 1
    assert after.deliveries == {DeliveryStatus.ACCEPTED: 3}
    assert after.status == CampaignStatus.SENT
    with (
        pytest.raises(NotAllowed, match="Nobody is in doubt"),
        mailer.database.writing() as session,
    ):
        in_doubt.send_again(session, campaign_id, actor=TESTER, now=now())


def test_a_person_who_unsubscribes_after_the_freeze_is_excluded(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    with mailer.database.writing() as session:
        campaign = session.get_one(Campaign, campaign_id)
        unsubscribe(session, 2, campaign.newsletter_id, source=TESTER, now=now())

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.excluded == {Exclusion.UNSUBSCRIBED: 1}
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 2}
    assert "person2@a.example" not in relay.recipients


def test_recovery_makes_begun_rows_uncertain_and_the_rest_wait(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 20)
    first_id, last_id = batches(mailer, campaign_id)[0]
    with mailer.database.writing() as session:
        session.execute(update(Delivery).values(code=451, text="4.3.0 later", reason="onhold"))
        recovery.heartbeat(session, "dead", now=now() - timedelta(minutes=1))
        claim = claiming.claim(
            session, campaign_id, first_id, last_id, courier_id="dead", now=now()
        )
        assert claim
        claiming.begin(session, claim, claim.ids[:5], now=now())

    with mailer.database.writing() as session:
        dead = recovery.dead_couriers(session, now=now())
        recovery.recover(session, "dead", now=now())
        late = claiming.begin(session, claim, claim.ids[5:], now=now())
    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    with mailer.database.reading() as session:
        doubtful = select(Delivery.text).where(Delivery.status == DeliveryStatus.UNCERTAIN)
        texts = set(session.scalars(doubtful))
    assert dead == ["dead"]
    assert late is None
    assert texts == {None}  # and not the reply to an earlier attempt
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 15, DeliveryStatus.UNCERTAIN: 5}
    assert len(relay.recipients) == 15


def test_a_stopped_campaign_counts_what_was_sent_and_what_was_not(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 200)
    kept: list[str] = []

    def stop_after_some(recipient: str) -> str:
        kept.append(recipient)
        if len(kept) == 20:
            with mailer.database.writing() as session:
                sending.stop(session, campaign_id, actor=TESTER, now=now())
        return "250 2.0.0 kept"

    with (
        FaultServer(Script(on_content=stop_after_some)) as relay,
        a_worker(mailer, port=relay.port),
    ):
        ended = wait_for_end(mailer, campaign_id)

    went = ended.deliveries[DeliveryStatus.ACCEPTED]
    assert 20 <= went < 200
    assert went == len(kept)
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: went, DeliveryStatus.STOPPED: 200 - went}
    assert ended.balanced
