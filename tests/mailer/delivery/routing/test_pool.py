"""Several relays: the next takes over when one fails, and comes back when it works again."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select, update

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.clock import now
from mailer.models import (
    Attempt,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    InDoubt,
    Relay,
    SystemMail,
)
from mailer.security.vault import Vault
from tests.factories import TESTER, a_mailer, a_notice
from tests.fakes.smtp_script import Do, Script
from tests.fakes.smtp_server import FaultServer
from tests.mailer.delivery.relay_rows import another, the_first
from tests.running import a_worker, account_of, launched, wait_for_end


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path, retry_schedule=(1, 1, 1))


def test_the_first_relay_carries_everything_while_it_works(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 60)
    with FaultServer() as first, FaultServer() as second:
        another(mailer, second.port)
        with a_worker(mailer, port=first.port):
            wait_for_end(mailer, campaign_id)

    assert len(first.recipients) == 60
    assert second.recipients == []


@pytest.mark.parametrize("fault", ["away", "refuses the password"])
def test_the_next_relay_takes_over_and_the_page_says_so(mailer: Mailer, fault: str) -> None:
    campaign_id = launched(mailer, 60)
    with FaultServer() as second:
        if fault == "away":
            ended = _through(mailer, campaign_id, 9, second)
        else:
            script = Script(capabilities=("PIPELINING", "AUTH PLAIN"), credentials=("u", "right"))
            with FaultServer(script) as bad:
                vault = Vault(mailer.settings.secret)
                another(
                    mailer,
                    bad.port,
                    name="Bad",
                    position=-1,
                    username="u",
                    sealed_password=vault.seal("wrong"),
                )
                ended = _through(mailer, campaign_id, 9, second)
    trouble, status, relay_ids = ended
    assert status == {DeliveryStatus.ACCEPTED: 60}
    assert len(second.recipients) == 60
    assert trouble.startswith("Second carries this issue, since")
    assert len(relay_ids) == 1


def _through(
    mailer: Mailer, campaign_id: int, port: int, second: FaultServer
) -> tuple[str, dict[DeliveryStatus, int], set[int]]:
    second_id = another(mailer, second.port)
    trouble: set[str] = set()
    with a_worker(mailer, port=port):
        while account_of(mailer, campaign_id).finished_at is None:
            with mailer.database.reading() as session:
                trouble.add(session.get_one(Campaign, campaign_id).trouble or "")
    with mailer.database.reading() as session:
        relay_ids = set(session.scalars(select(Delivery.relay_id).distinct()))
    assert relay_ids == {second_id}
    return (max(trouble), dict(account_of(mailer, campaign_id).deliveries), {second_id})


def test_a_relay_that_works_again_is_used_again(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(
            update(Relay).values(failures=2, refused=False, trouble="away", try_again_at=now())
        )
    campaign_id = launched(mailer, 5)
    with FaultServer() as first, FaultServer() as second:
        another(mailer, second.port)
        with a_worker(mailer, port=first.port):
            wait_for_end(mailer, campaign_id)

    relay = the_first(mailer)
    assert len(first.recipients) == 5
    assert (relay.failures, relay.trouble, relay.try_again_at) == (0, None, None)


def test_when_every_relay_refuses_us_the_campaign_pauses_and_refuses_no_copy(
    mailer: Mailer,
) -> None:
    campaign_id = launched(mailer, 20)
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(enabled=False))
    with a_worker(mailer, port=9):
        status = None
        until = time.monotonic() + 10
        while status is not CampaignStatus.PAUSED and time.monotonic() < until:
            with mailer.database.reading() as session:
                status = session.get_one(Campaign, campaign_id).status

    assert status is CampaignStatus.PAUSED
    assert account_of(mailer, campaign_id).deliveries == {DeliveryStatus.PENDING: 20}


def test_return_paths_are_in_the_relays_own_domain(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(return_domain="bounces.relay.example"))
    campaign_id = launched(mailer, 3)
    paths: list[str] = []

    def keep(path: str) -> str:
        paths.append(path)
        return "250 2.1.0 ok"

    with FaultServer(Script(on_mail=keep)) as relay, a_worker(mailer, port=relay.port):
        wait_for_end(mailer, campaign_id)

    assert len(paths) == 3
    assert all("@bounces.relay.example" in path for path in paths)


def test_every_failed_attempt_is_kept_with_its_reply(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 2)
    tried: list[str] = []

    def twice(recipient: str) -> str:
        tried.append(recipient)
        number = tried.count(recipient)
        return f"451 4.7.1 try number {number}" if number < 3 else "250 2.1.5 ok"

    with FaultServer(Script(on_rcpt=twice)) as relay, a_worker(mailer, port=relay.port):
        wait_for_end(mailer, campaign_id)

    with mailer.database.reading() as session:
        kept = session.execute(
            select(Attempt.number, Attempt.code, Attempt.text).order_by(
                Attempt.delivery_id, Attempt.number
            )
        ).all()
        attempts = set(session.scalars(select(Delivery.attempts)))
    assert [tuple(each) for each in kept] == [
        (1, 451, "4.7.1 try number 1"),
        (2, 451, "4.7.1 try number 2"),
    ] * 2
    assert attempts == {3}


def test_what_a_cap_holds_back_the_next_relay_carries(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_hour=20))
    campaign_id = launched(mailer, 60)
    with FaultServer() as first, FaultServer() as second:
        another(mailer, second.port)
        with a_worker(mailer, port=first.port):
            wait_for_end(mailer, campaign_id)

    assert len(first.recipients) == 20
    assert len(second.recipients) == 40


def test_a_cap_without_another_relay_is_waited_for_and_noted(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_day=20))
    campaign_id = launched(mailer, 60)
    trouble: str | None = None
    until = time.monotonic() + 10
    with FaultServer() as first, a_worker(mailer, port=first.port):
        while not trouble and time.monotonic() < until:
            with mailer.database.reading() as session:
                trouble = session.get_one(Campaign, campaign_id).trouble
        time.sleep(0.5)

    assert trouble
    assert "limit for the hour or the day" in trouble
    assert len(first.recipients) == 20


def test_a_throttling_reply_slows_the_relay_down_and_loses_nothing(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 30)
    asked: list[str] = []

    def throttle(path: str) -> str:
        asked.append(path)
        if len(asked) <= 2:
            return "454 4.7.0 Throttling failure: Maximum sending rate exceeded."
        return "250 2.1.0 ok"

    with FaultServer(Script(on_mail=throttle)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert the_first(mailer).slowed_to is not None


def test_a_pause_works_within_two_seconds_at_a_slow_relay(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 200)

    def slowly(_recipient: str) -> Do:
        return Do(reply="250 2.0.0 kept", delay=0.3)

    with FaultServer(Script(on_content=slowly)) as relay, a_worker(mailer, port=relay.port):
        while not relay.recipients:
            time.sleep(0.05)
        with mailer.database.writing() as session:
            sending.pause(session, campaign_id, actor=TESTER, now=now())
        time.sleep(2)
        after_two = len(relay.recipients)
        time.sleep(1.5)
        in_the_end = len(relay.recipients)

    assert after_two == in_the_end
    assert after_two < 100


def test_uncertain_copies_are_sent_again_where_the_campaign_says_so(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    with mailer.database.writing() as session:
        session.get_one(Campaign, campaign_id).in_doubt = InDoubt.SEND_AGAIN
    lost = [True]

    def vanish(recipient: str) -> Do | str:
        if recipient == "person2@a.example" and lost and lost.pop():
            return Do(close=True)
        return "250 2.0.0 kept"

    with FaultServer(Script(on_content=vanish)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 3}


def test_system_mail_does_not_wait_for_a_newsletter(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=2, connections=1))
    campaign_id = launched(mailer, 100)
    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        while not relay.recipients:
            time.sleep(0.05)
        with mailer.database.writing() as session:
            notice = a_notice(session, "someone@b.example", now=now())
        began, status = time.monotonic(), None
        while status is not DeliveryStatus.ACCEPTED and time.monotonic() - began < 10:
            with mailer.database.reading() as session:
                status = session.get_one(SystemMail, notice.id).status
        took = time.monotonic() - began
        with mailer.database.writing() as session:
            sending.stop(session, campaign_id, actor=TESTER, now=now())
        wait_for_end(mailer, campaign_id)

    assert status is DeliveryStatus.ACCEPTED
    assert took < 5
