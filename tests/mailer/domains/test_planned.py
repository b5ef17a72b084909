"""Planned issues: the sender is checked shortly before, and what may not go is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import approval, due, editing, sender_gate, timing
from mailer.clock import UK
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.models import CampaignStatus, StepKind
from mailer.settings.environment import Gate
from mailer.worker.sweep import Sweep
from tests.factories import TESTER, a_campaign, a_cast, a_mailer
from tests.fakes.smtp_server import FaultServer
from tests.mailer.domains.gating import NOW, Dns
from tests.mailer.domains.zones import RELAY
from tests.running import a_worker, wait_for_end


class HeldJobs:
    """Jobs that wait until the test does them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def send(self, name: str, *ids: int) -> None:
        self.sent += [(name, each) for each in ids[:1]]

    def waiting(self, name: str) -> int:
        return self.count(name)

    def count(self, name: str) -> int:
        return sum(each == name for each, _ in self.sent)


@pytest.fixture
def planned(mailer: Mailer, issue: int) -> int:
    """The issue, approved and planned for an hour from now."""
    with mailer.database.writing() as session:
        approval.approve(session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW)
        timing.plan(
            session, issue, wall="2026-12-08T11:00", zone=UK, actor=TESTER, gate=Gate.OPEN, now=NOW
        )
    return issue


def status(mailer: Mailer, issue: int) -> tuple[CampaignStatus, str | None]:
    with mailer.database.reading() as session:
        found = editing.find(session, issue)
        return found.status, found.trouble


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 12, 8, hour, minute, second, tzinfo=UTC)


def test_a_planned_issue_has_its_sender_checked_in_advance_and_goes_out_on_time(
    mailer: Mailer, planned: int, dns: Dns
) -> None:
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one", held=HeldClaims())
    sweep.tick(at(10, 40))
    early = jobs.count("vet")
    sweep.tick(at(10, 50))
    asked = jobs.count("vet")
    sender_gate.vet_before_launch(replace(mailer, clock=lambda: at(10, 50, 5)), planned)
    sweep.tick(at(10, 51))
    sweep.tick(at(11, 0))

    assert (early, asked, jobs.count("vet"), dns.checks) == (0, 1, 1, 1)
    assert status(mailer, planned) == (CampaignStatus.SENDING, None)


def test_a_planned_issue_waits_two_minutes_at_most_for_its_senders_check(
    mailer: Mailer, planned: int
) -> None:
    """The server was away in the quarter of an hour before."""
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one", held=HeldClaims())
    sweep.tick(at(11, 5))
    waiting = status(mailer, planned)
    sender_gate.vet_before_launch(replace(mailer, clock=lambda: at(11, 5, 9)), planned)
    sweep.tick(at(11, 5, 10))

    assert jobs.count("vet") == 1
    assert waiting == (CampaignStatus.SCHEDULED, None)
    assert status(mailer, planned)[0] is CampaignStatus.SENDING


def test_a_check_that_never_comes_holds_the_issue_with_the_reason(
    mailer: Mailer, planned: int
) -> None:
    sweep = Sweep(mailer, HeldJobs(), name="one", held=HeldClaims())
    for second in range(0, 130, 10):
        sweep.tick(at(11, 0) + timedelta(seconds=second))

    held, why = status(mailer, planned)
    assert held is CampaignStatus.HELD
    assert why
    assert "was never checked" in why


def test_a_planned_issue_of_an_unproven_domain_is_held(
    mailer: Mailer, planned: int, dns: Dns
) -> None:
    dns.zone = {}
    sweep = Sweep(mailer, HeldJobs(), name="one", held=HeldClaims())
    sender_gate.vet_before_launch(replace(mailer, clock=lambda: at(10, 59, 30)), planned)
    sweep.tick(at(11, 0))

    held, why = status(mailer, planned)
    assert held is CampaignStatus.HELD
    assert why
    assert "neither DKIM nor SPF" in why
    assert "Senders and domains" in why


def test_a_planned_issue_is_not_checked_where_mail_is_caught(
    database: Database, tmp_path: Path, dns: Dns
) -> None:
    mailer = replace(a_mailer(database, tmp_path), clock=lambda: NOW, lookups=dns)
    with database.writing() as session:
        issue = a_campaign(session, a_cast(session).newsletter).id
        approval.approve(session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW)
        timing.plan(
            session, issue, wall="2026-12-08T11:00", zone=UK, actor=TESTER, gate=Gate.OPEN, now=NOW
        )
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one", held=HeldClaims())
    sweep.tick(at(10, 50))
    sweep.tick(at(11, 0))

    assert (jobs.count("vet"), dns.checks) == (0, 0)
    assert status(mailer, issue)[0] is CampaignStatus.SENDING


def test_a_worker_checks_the_sender_of_what_is_due_and_sends_it(
    database: Database, tmp_path: Path, dns: Dns
) -> None:
    mailer = replace(a_mailer(database, tmp_path, smtp_url=f"smtp://{RELAY}"), lookups=dns)
    with database.writing() as session:
        issue = a_campaign(session, a_cast(session).newsletter).id
        approval.approve(
            session, issue, version=1, actor=TESTER, gate=Gate.OPEN, now=mailer.clock()
        )
        due.put(session, StepKind.LAUNCH, issue, due_at=mailer.clock())

    with FaultServer() as server, a_worker(mailer, port=server.port):
        found = wait_for_end(mailer, issue)

    assert found.status == CampaignStatus.SENT
    assert (len(server.kept), dns.checks) == (1, 1)
