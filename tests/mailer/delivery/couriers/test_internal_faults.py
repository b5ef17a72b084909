"""What goes wrong on our side while mail is sent: the database, the queue, a copy that fails."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.composition.composer import Composer
from mailer.composition.letter import Message, Recipient
from mailer.delivery.claims import claiming
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.delivery.routing.pool import Relays
from mailer.models import Batch, CampaignStatus, Delivery, DeliveryStatus, Relay
from mailer.worker.sweep import Sweep
from tests.factories import a_mailer
from tests.fakes.smtp_script import Script
from tests.fakes.smtp_server import FaultServer
from tests.running import a_worker, account_of, launched, wait_for_end


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path, retry_schedule=(1, 1, 1))


def test_no_outcome_is_lost_when_the_database_is_away_while_a_reply_is_judged(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = launched(mailer, 30)
    asked: list[str] = []

    def throttle(path: str) -> str:
        asked.append(path)
        return "454 4.7.0 Maximum sending rate exceeded." if len(asked) <= 3 else "250 ok"

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(Relays, "slow_down", away)
    with FaultServer(Script(on_mail=throttle)) as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert len(relay.recipients) == 30


def all_thirty_get_one_copy(mailer: Mailer, campaign_id: int) -> None:
    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        ended = wait_for_end(mailer, campaign_id)
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert len(relay.recipients) == 30


def test_outcomes_wait_until_a_connection_of_the_database_is_free(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = launched(mailer, 30)
    holds, lacks = claiming.holds, [TimeoutError("no connection left")] * 3

    def crowded(session: Session, claim: claiming.Claim) -> bool:
        if lacks:
            raise lacks.pop()
        return holds(session, claim)

    monkeypatch.setattr(claiming, "holds", crowded)
    all_thirty_get_one_copy(mailer, campaign_id)
    assert not lacks


def fail_for_one(monkeypatch: pytest.MonkeyPatch, failures: Iterator[Exception]) -> None:
    """The copy for the fifth person cannot be made, as often as there are failures."""
    compose = Composer.compose

    def failing(composer: Composer, recipient: Recipient) -> Message:
        if recipient.address == "person5@a.example" and (failure := next(failures, None)):
            raise failure
        return compose(composer, recipient)

    monkeypatch.setattr(Composer, "compose", failing)


def test_a_copy_that_cannot_be_made_makes_nothing_uncertain(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = launched(mailer, 30)
    failures = iter([RuntimeError("no memory"), RuntimeError("no memory")])
    fail_for_one(monkeypatch, failures)

    all_thirty_get_one_copy(mailer, campaign_id)

    assert not list(failures)


def test_a_copy_that_can_never_be_made_delays_nobody_else(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = launched(mailer, 30)
    fail_for_one(monkeypatch, repeat(RuntimeError("a secret")))

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        until = time.monotonic() + 20
        deliveries = account_of(mailer, campaign_id).deliveries
        while deliveries.get(DeliveryStatus.ACCEPTED, 0) < 29 and time.monotonic() < until:
            time.sleep(0.05)
            deliveries = account_of(mailer, campaign_id).deliveries

    with mailer.database.reading() as session:
        theirs = session.scalars(
            select(Delivery).where(Delivery.address == "person5@a.example")
        ).one()
    assert deliveries[DeliveryStatus.ACCEPTED] == 29
    assert theirs.reason == "notmade"
    assert theirs.text == "The copy could not be made here (RuntimeError)."
    assert len(relay.recipients) == 29


def test_at_a_slow_speed_a_result_is_written_before_the_next_message_may_go(mailer: Mailer) -> None:
    with mailer.database.writing() as session:
        session.execute(update(Relay).values(per_second=0.02))  # one in fifty seconds
    campaign_id = launched(mailer, 3)

    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        until = time.monotonic() + 20
        while not (
            known := account_of(mailer, campaign_id).deliveries.get(DeliveryStatus.ACCEPTED)
        ):
            assert time.monotonic() < until, "it stays in doubt until the next one goes"
            time.sleep(0.05)

    assert known == len(relay.recipients) == 1


def test_a_claimed_batch_that_no_thread_holds_is_carried(mailer: Mailer) -> None:
    """The commit of a claim was not answered: the row names a courier that does not know of it."""
    campaign_id = launched(mailer, 30)
    with FaultServer() as relay, a_worker(mailer, port=relay.port) as carrying:
        with mailer.database.writing() as session:
            session.execute(
                update(Batch)
                .where(Batch.id == select(func.max(Batch.id)).scalar_subquery())
                .values(courier_id=carrying.process.name)
            )
        ended = wait_for_end(mailer, campaign_id, seconds=20)

    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert len(relay.recipients) == 30


class Unsteady:
    """A database that loses the answers of the first commits."""

    def __init__(self, database: Database, losses: int) -> None:
        self.reading = database.reading
        self.losses = losses
        self._writing = database.writing
        self._lock = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._writing() as session:
            yield session
        with self._lock:
            self.losses -= 1
            if self.losses >= 0:
                raise OperationalError("", {}, Exception("away"))


def test_a_claim_whose_commit_is_not_answered_is_released(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = launched(mailer, 30)
    unsteady = Unsteady(mailer.database, losses=2)
    with FaultServer() as relay, a_worker(mailer, port=relay.port) as carrying:
        process = replace(carrying.process, database=cast(Database, unsteady))
        monkeypatch.setattr(carrying.courier._journal, "_process", process)
        ended = wait_for_end(mailer, campaign_id, seconds=30)

    assert unsteady.losses < 0
    assert ended.deliveries == {DeliveryStatus.ACCEPTED: 30}
    assert len(relay.recipients) == 30


def test_a_campaign_ends_while_the_queue_is_away(mailer: Mailer) -> None:
    campaign_id = launched(mailer, 3)
    with mailer.database.writing() as session:
        session.execute(update(Delivery).values(status=DeliveryStatus.ACCEPTED))
        session.execute(update(Batch).values(open=False))
    sweep = Sweep(mailer, NoQueue(), name="one", held=HeldClaims())

    sweep.tick(now())

    assert account_of(mailer, campaign_id).status == CampaignStatus.SENT


class NoQueue:
    """A queue that cannot be reached."""

    def send(self, name: str, *ids: int) -> None:
        raise ConnectionError

    def waiting(self, name: str) -> int:
        raise ConnectionError
