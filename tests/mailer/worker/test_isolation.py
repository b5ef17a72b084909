"""One issue never stops another: what is wrong with it sets it aside, once, with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.bootstrap import Mailer
from mailer.campaigns import approval, schedules, sending, timing
from mailer.composition.composer import Composer
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.models import Campaign, CampaignStatus, DeliveryStatus, Step, StepKind
from mailer.settings.environment import Gate
from mailer.worker.sweep import Sweep
from tests.factories import TESTER, a_campaign, a_mailer, a_newsletter, many
from tests.fakes.smtp_server import FaultServer
from tests.running import a_worker, launched, wait_for_end

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)


class NoJobs:
    """A queue that takes jobs and does nothing with them."""

    def send(self, name: str, *ids: int) -> None:
        pass

    def waiting(self, name: str) -> int:
        return 0


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(database, tmp_path)


def set_aside(mailer: Mailer, issue: int) -> str:
    """The reason on the page of an issue that is set aside."""
    with mailer.database.reading() as session:
        campaign = session.get_one(Campaign, issue)
        assert campaign.status is CampaignStatus.PAUSED
        return campaign.trouble or ""


def test_an_issue_that_cannot_be_composed_is_set_aside_and_others_go_out(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = launched(mailer, 3), 0
    with mailer.database.writing() as session:
        newsletter_id = session.get_one(Campaign, broken).newsletter_id
        sound = a_campaign(session, newsletter_id, subject="Sound").id
        sending.launch(session, sound, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())
    made = Composer.__init__

    def fail(self: Composer, letter: object, **more: object) -> None:
        if getattr(letter, "campaign_id", 0) == broken:
            raise RuntimeError("a fault of ours")
        made(self, letter, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Composer, "__init__", fail)
    with FaultServer() as relay, a_worker(mailer, port=relay.port):
        account = wait_for_end(mailer, sound)

    assert account.deliveries == {DeliveryStatus.ACCEPTED: 3}
    assert "something is wrong with it here (RuntimeError)" in set_aside(mailer, broken)
    with mailer.database.reading() as session:
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts.count("issue paused") == 1


def test_an_issue_that_cannot_be_ended_is_set_aside_and_others_end(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = launched(mailer, 2)
    ended: list[int] = []

    def finish(session: object, campaign_id: int, *, now: datetime) -> bool:
        if campaign_id == broken:
            raise ValueError("a fault of ours")
        ended.append(campaign_id)
        return False

    with mailer.database.writing() as session:
        newsletter_id = session.get_one(Campaign, broken).newsletter_id
        other = a_campaign(session, newsletter_id, subject="Other news").id
        sending.launch(session, other, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())
    monkeypatch.setattr(sending, "finish_if_done", finish)
    sweep = Sweep(mailer, NoJobs(), name="sweep", held=HeldClaims())

    sweep.tick(mailer.clock())
    sweep.tick(mailer.clock() + timedelta(seconds=2))

    assert "(ValueError)" in set_aside(mailer, broken)
    assert ended == [other, other]


@pytest.mark.parametrize("status", list(CampaignStatus))
def test_a_launch_that_fails_costs_others_nothing_however_its_issue_stands(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch, status: CampaignStatus
) -> None:
    """An issue that is held already cannot be held; the sweep goes on all the same."""
    mailer = replace(mailer, clock=lambda: NOW)
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 2)
        broken, sound = (a_campaign(session, newsletter.id).id for _ in range(2))
        for issue in (broken, sound):
            approval.approve(session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW)
            wall = "2026-12-08T10:30"
            timing.plan(
                session, issue, wall=wall, zone="UTC", actor=TESTER, gate=Gate.OPEN, now=NOW
            )
        session.get_one(Campaign, broken).status = status
    launch_or_hold = schedules.launch_or_hold

    def fail(session: object, campaign_id: int, **more: object) -> str:
        if campaign_id == broken:
            raise RuntimeError("a fault of ours")
        return launch_or_hold(session, campaign_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(schedules, "launch_or_hold", fail)
    Sweep(mailer, NoJobs(), name="sweep", held=HeldClaims()).tick(NOW + timedelta(minutes=31))

    with mailer.database.reading() as session:
        assert session.get_one(Campaign, sound).status is CampaignStatus.SENDING
        step = session.scalars(
            select(Step).where(Step.kind == StepKind.LAUNCH, Step.subject_id == broken)
        ).one()
    assert step.done_at is not None


def test_a_step_that_fails_is_put_off_and_holds_its_issue(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = replace(mailer, clock=lambda: NOW)
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 2)
        broken, sound = (a_campaign(session, newsletter.id).id for _ in range(2))
        for issue in (broken, sound):
            approval.approve(session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW)
            wall = "2026-12-08T10:30"
            timing.plan(
                session, issue, wall=wall, zone="UTC", actor=TESTER, gate=Gate.OPEN, now=NOW
            )
    launch = sending.launch

    def fail(session: object, campaign_id: int, **more: object) -> object:
        if campaign_id == broken:
            raise RuntimeError("a fault of ours")
        return launch(session, campaign_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "launch", fail)
    Sweep(mailer, NoJobs(), name="sweep", held=HeldClaims()).tick(NOW + timedelta(minutes=31))

    with mailer.database.reading() as session:
        found = {each.id: each.status for each in session.scalars(select(Campaign))}
        step = session.scalars(
            select(Step).where(Step.kind == StepKind.LAUNCH, Step.subject_id == broken)
        ).one()
        trouble = session.get_one(Campaign, broken).trouble
    assert found == {broken: CampaignStatus.HELD, sound: CampaignStatus.SENDING}
    assert step.done_at is not None
    assert "(RuntimeError)" in (trouble or "")
