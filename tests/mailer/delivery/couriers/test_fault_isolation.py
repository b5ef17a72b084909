"""A fault of one person, one connection or one statement affects no other."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from contacts.database import Database
from contacts.models import Suppression
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.clock import now
from mailer.delivery.claims.process import CourierProcess
from mailer.delivery.couriers.campaign_notes import CampaignNotes
from mailer.delivery.routing.pacing import RelayPace
from mailer.delivery.routing.pool import Relays
from mailer.models import Campaign, CampaignStatus, DeliveryStatus, Relay, SystemMail
from mailer.settings.relay_address import RelayAddress
from mailer.worker.carriers import carriers
from tests.factories import a_mailer, a_notice
from tests.fakes.smtp_script import Do, Script, Step
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.relay_rows import another, the_first
from tests.running import a_worker, account_of, launched, wait_for_end

UNSIGNED = "550 5.7.26 this mail is unauthenticated"


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path, retry_schedule=(1, 1, 1))


def test_a_sender_refused_for_one_person_delays_nobody_else(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 20)
    script = Script(on_rcpt=lambda each: UNSIGNED if each == "person7@a.example" else "250 ok")

    with FaultServer(script) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 19, DeliveryStatus.REFUSED: 1}


def test_a_sender_refused_for_everybody_pauses_the_campaign(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 20)
    with (
        FaultServer(Script(on_rcpt=lambda _: UNSIGNED)) as relay,
        a_worker(mailer, port=relay.port),
    ):
        wait_for_pause(mailer, campaign_id)

    with mailer.database.reading() as session:
        suppressed = session.query(Suppression).count()
        trouble = session.get_one(Campaign, campaign_id).trouble
    deliveries = account_of(mailer, campaign_id).deliveries
    assert set(deliveries) <= {DeliveryStatus.PENDING, DeliveryStatus.DEFERRED}
    assert sum(deliveries.values()) == 20
    assert "unauthenticated" in (trouble or "")
    assert suppressed == 0


def wait_for_pause(mailer: Mailer, campaign_id: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with mailer.database.reading() as session:
            if session.get_one(Campaign, campaign_id).status is CampaignStatus.PAUSED:
                return
        time.sleep(0.05)
    raise AssertionError("not paused")


@pytest.mark.parametrize(
    "step",
    [
        Do("421 4.3.2 shutting down", close=True),
        Do("421 4.7.0 try again later", close=True),
        Do(close=True),
    ],
)
def test_a_relay_that_greets_and_breaks_off_is_left_alone(mailer: Mailer, step: Step) -> None:
    campaign_id = launched(mailer, 40)
    with FaultServer(Script(on_mail=lambda _: step)) as first, FaultServer() as second:
        another(mailer, second.port)
        with a_worker(mailer, port=first.port):
            ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 40}
    assert len(second.recipients) == 40
    assert "breaks off" in (the_first(mailer).trouble or "")
    assert the_first(mailer).failures > 0


def test_a_421_in_place_of_a_reply_delays_a_message_by_seconds(
    database: Database, tmp_path: Path
) -> None:
    mailer = a_mailer(database, tmp_path)  # it would be minutes otherwise
    campaign_id = launched(mailer, 10)
    paths: list[str] = []

    def restarting(path: str) -> Step:
        paths.append(path)
        return Do("421 4.3.2 restarting", close=True) if len(paths) == 3 else "250 2.1.0 ok"

    with FaultServer(Script(on_mail=restarting)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id, seconds=30)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 10}


def test_a_greylist_does_not_slow_the_relay_down(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 10)
    asked: list[str] = []

    def greylist(recipient: str) -> str:
        asked.append(recipient)
        limit = "450 4.2.1 mailbox is receiving mail too quickly: rate limit exceeded"
        return limit if asked.count(recipient) == 1 else "250 2.1.5 ok"

    with FaultServer(Script(on_rcpt=greylist)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 10}
    assert the_first(mailer).slowed_to is None


def test_too_many_connections_lowers_their_number_and_not_the_speed(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 30)
    asked: list[str] = []

    def crowded(path: str) -> Step:
        asked.append(path)
        if len(asked) <= 2:
            return Do("421 4.7.0 Error: too many connections from 192.0.2.1", close=True)
        return "250 2.1.0 ok"

    with FaultServer(Script(on_mail=crowded)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert the_first(mailer).slowed_to is None


def test_a_claimed_system_mail_that_no_thread_holds_is_sent(mailer: Mailer) -> None:
    with FaultServer() as relay, a_worker(mailer, port=relay.port) as carrying:
        with mailer.database.writing() as session:
            notice = a_notice(session, "someone@b.example", now=now())
            notice.status, notice.courier_id = DeliveryStatus.SENDING, carrying.process.name
        assert status_of(mailer, notice.id, seconds=15) is DeliveryStatus.ACCEPTED

    assert relay.recipients == ["someone@b.example"]


def test_an_accepted_system_mail_closes_the_circuit_breaker(mailer: Mailer) -> None:
    """There may be no issue for weeks."""
    with mailer.database.writing() as session:
        failed = update(Relay).values(failures=5, trouble="It was away.", try_again_at=now())
        session.execute(failed)
        notice = a_notice(session, "someone@b.example", now=now())
    with FaultServer() as relay:
        carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{relay.port}"))
        carrying.notices.carry(notice.id)
        carrying.relays.close()

    assert relay.recipients == ["someone@b.example"]
    assert (the_first(mailer).failures, the_first(mailer).trouble) == (0, None)


def test_a_system_mail_that_fails_waits_and_returns_its_slot(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailer.database.writing() as session:
        notice = a_notice(session, "someone@b.example", now=now())
    with FaultServer() as relay:
        carrying = carriers(mailer, relay=RelayAddress.parse(f"smtp://127.0.0.1:{relay.port}"))
        with monkeypatch.context() as patch:
            patch.setattr(Relays, "connection", broken)
            with pytest.raises(RuntimeError):
                carrying.notices.carry(notice.id)
        with mailer.database.reading() as session:
            waits = session.get_one(SystemMail, notice.id)
        with carrying.relays.slot() as slot:
            assert slot
            assert slot.relay
            busy = slot.relay.concurrency.busy
        carrying.relays.close()

    assert (waits.status, waits.courier_id) == (DeliveryStatus.DEFERRED, None)
    assert waits.due_at > now()
    assert busy == 1


def broken(*_: object) -> None:
    raise RuntimeError("not foreseen")


def test_a_slot_whose_charge_fails_is_returned(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=50, connections=1))
    carrying = carriers(mailer, relay=RelayAddress.parse("smtp://127.0.0.1:9"))
    with monkeypatch.context() as patch:
        patch.setattr(RelayPace, "charge", broken)
        with pytest.raises(RuntimeError), carrying.relays.slot(urgent=True):
            pass
    with carrying.relays.slot() as slot:
        assert slot
        assert slot.relay
        assert slot.relay.concurrency.busy == 1


def status_of(mailer: Mailer, notice_id: int, *, seconds: float) -> DeliveryStatus:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with mailer.database.reading() as session:
            status = session.get_one(SystemMail, notice_id).status
        if status is DeliveryStatus.ACCEPTED:
            break
        time.sleep(0.05)
    return status


def test_a_note_on_a_campaign_is_written_again_after_a_while(mailer: Mailer) -> None:
    """Another worker may have taken it back, or somebody resumed the campaign."""
    campaign_id = launched(mailer, 1)
    moment = [100.0]
    process = CourierProcess("one", mailer.database, now, threading.Event())
    notes = CampaignNotes(process, monotonic=lambda: moment[0])

    def written_at(seconds: float) -> str | None:
        moment[0] = 100 + seconds
        notes.write(campaign_id, "The relay is slow.")
        with mailer.database.writing() as session:
            trouble = session.get_one(Campaign, campaign_id).trouble
            sending.note(session, campaign_id, None)
        return trouble

    assert [written_at(seconds) for seconds in (0, 1, 4, 6, 7)] == [
        "The relay is slow.",
        None,
        None,
        "The relay is slow.",
        None,
    ]
