"""The gate: an issue goes out only from a domain that receivers can tell, and says why not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import QueuePool, func, select

from app import create_app
from contacts.database import Database
from mailer import campaigns, senders, steps, vetting
from mailer.bootstrap import Mailer
from mailer.domains import standing
from mailer.domains.checking import Check
from mailer.errors import NotAllowed, NotFound
from mailer.models import CampaignStatus, DomainCheck, StepKind
from mailer.schedule import Sweep
from mailer.settings import Gate
from mailer.vault import Vault
from mailer.walltime import UK
from tests.factories import a_campaign, a_cast, a_mailer
from tests.fakes.resolver import FakeResolver, SilentResolver
from tests.fakes.smtp_server import FaultServer
from tests.mailer.domains.zones import DOMAIN, RELAY, in_order, resolver
from tests.running import a_worker, wait_for_end

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Dns:
    """DNS of a test, which may change: how often a check was made, with no transaction open."""

    def __init__(self) -> None:
        self.zone: dict[str, Any] | None = in_order()
        self.checks = 0
        self.database: Database | None = None
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> FakeResolver:
        self.checks += 1
        if self.database is not None:
            pool = self.database.engine.pool
            assert isinstance(pool, QueuePool)
            assert pool.checkedout() == 0, "a transaction is open while DNS is asked"
        self.meanwhile()
        return SilentResolver() if self.zone is None else resolver(self.zone)


@pytest.fixture
def dns() -> Dns:
    return Dns()


@pytest.fixture
def mailer(database: Database, tmp_path: Path, dns: Dns) -> Mailer:
    """A public installation with a relay: its gate is enforced."""
    made = a_mailer(database, tmp_path, smtp_url=f"smtp://{RELAY}")
    dns.database = database
    return replace(made, clock=lambda: NOW, lookups=dns)


@pytest.fixture
def issue(mailer: Mailer) -> int:
    with mailer.database.writing() as session:
        return a_campaign(session, a_cast(session).newsletter).id


def kept(mailer: Mailer, *checks: tuple[bool | None, timedelta]) -> None:
    """Checks of some time ago, with these verdicts."""
    with mailer.database.writing() as session:
        for aligned, ago in checks:
            standing.keep(session, Check(DOMAIN, aligned, ()), now=NOW - ago)


def launched(mailer: Mailer, issue: int, gate: Gate = Gate.ENFORCE) -> CampaignStatus:
    with mailer.database.writing() as session:
        return campaigns.launch(session, issue, by="test", gate=gate, now=NOW).status


def refusal(mailer: Mailer, issue: int) -> str:
    with pytest.raises(NotAllowed) as caught:
        launched(mailer, issue)
    return str(caught.value)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "checks",
    [
        [(True, HOUR)],
        [(True, 6 * DAY)],
        [(False, 2 * HOUR), (True, HOUR)],
        [(True, 3 * DAY), (None, HOUR)],
        [(False, 5 * DAY), (True, 4 * DAY), (None, DAY), (None, HOUR)],
    ],
)
def test_a_domain_in_order_goes_out_and_dns_that_is_away_changes_nothing(
    mailer: Mailer, issue: int, checks: list[tuple[bool | None, timedelta]]
) -> None:
    kept(mailer, *checks)

    assert launched(mailer, issue) is CampaignStatus.SENDING


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([], "was never checked"),
        ([(False, HOUR)], "neither DKIM nor SPF speaks for it"),
        ([(True, 2 * HOUR), (False, HOUR)], "neither DKIM nor SPF"),
        ([(True, 2 * DAY), (False, DAY), (None, HOUR)], "neither DKIM nor SPF"),
        ([(None, HOUR)], "DNS does not answer"),
        ([(True, 8 * DAY), (None, HOUR)], "DNS does not answer"),
    ],
)
def test_any_other_is_refused_with_the_reason(
    mailer: Mailer, issue: int, checks: list[tuple[bool | None, timedelta]], words: str
) -> None:
    kept(mailer, *checks)

    assert words in refusal(mailer, issue)
    assert DOMAIN in refusal(mailer, issue)
    with mailer.database.reading() as session:
        assert campaigns.find(session, issue).status is CampaignStatus.DRAFT


@pytest.mark.parametrize("gate", [Gate.WARN, Gate.OPEN])
def test_without_enforcement_it_goes_out(mailer: Mailer, issue: int, gate: Gate) -> None:
    kept(mailer, (False, HOUR))

    assert launched(mailer, issue, gate) is CampaignStatus.SENDING


def test_another_domains_check_says_nothing(mailer: Mailer, issue: int) -> None:
    with mailer.database.writing() as session:
        standing.keep(session, Check("other.example", True, ()), now=NOW)

    assert "never checked" in refusal(mailer, issue)


def test_before_a_launch_dns_is_asked_once_a_day(mailer: Mailer, issue: int, dns: Dns) -> None:
    vetting.vet_before_launch(mailer, issue)
    vetting.vet_before_launch(mailer, issue)
    within = replace(mailer, clock=lambda: NOW + 23 * HOUR)
    vetting.vet_before_launch(within, issue)
    once = dns.checks
    later = replace(mailer, clock=lambda: NOW + 25 * HOUR)
    vetting.vet_before_launch(later, issue)

    assert (once, dns.checks) == (1, 2)
    assert launched(mailer, issue) is CampaignStatus.SENDING


def test_a_domain_in_disorder_is_asked_about_again_after_a_minute(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    dns.zone = {}
    vetting.vet_before_launch(mailer, issue)
    vetting.vet_before_launch(mailer, issue)
    refused = refusal(mailer, issue)
    dns.zone = in_order()
    vetting.vet_before_launch(replace(mailer, clock=lambda: NOW + timedelta(minutes=2)), issue)

    assert dns.checks == 2
    assert "neither DKIM nor SPF" in refused
    assert launched(mailer, issue) is CampaignStatus.SENDING


@pytest.mark.parametrize(
    "settings", [{"smtp_url": ""}, {"smtp_url": "smtp://10.0.0.1", "sending_gate": "warn"}]
)
def test_dns_is_asked_by_itself_only_where_the_gate_is_enforced(
    database: Database, tmp_path: Path, dns: Dns, settings: dict[str, str]
) -> None:
    mailer = replace(a_mailer(database, tmp_path, **settings), lookups=dns)
    with database.writing() as session:
        issue = a_campaign(session, a_cast(session).newsletter).id

    vetting.vet_before_launch(mailer, issue)

    assert dns.checks == 0
    assert launched(mailer, issue, mailer.settings.gate) is CampaignStatus.SENDING


def test_only_a_senders_domain_is_checked(mailer: Mailer, issue: int, dns: Dns) -> None:
    with pytest.raises(NotFound, match=r"No newsletter comes from elsewhere\.example"):
        vetting.vet(mailer, "elsewhere.example")

    assert dns.checks == 0


def test_beginning_or_ceasing_to_sign_forgets_what_was_found(mailer: Mailer, issue: int) -> None:
    with mailer.database.writing() as session:
        senders.make_keys(session, DOMAIN, vault=Vault(mailer.settings.secret), now=NOW)
    kept(mailer, (True, HOUR))
    with mailer.database.writing() as session:
        senders.sign_from_now(session, DOMAIN, signs=True, now=NOW)

    assert "never checked" in refusal(mailer, issue)


def test_our_own_published_keys_are_what_the_check_looks_for(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    with mailer.database.writing() as session:
        senders.make_keys(session, DOMAIN, vault=Vault(mailer.settings.secret), now=NOW)
        session.flush()
        senders.sign_from_now(session, DOMAIN, signs=True, now=NOW)
        (domain,) = senders.domains(session, Vault(mailer.settings.secret))
    dns.zone = {DOMAIN: {"TXT": []}}
    before = vetting.vet(mailer, DOMAIN)
    dns.zone |= {record.name: {"TXT": [record.value]} for record in domain.records}
    after = vetting.vet(mailer, DOMAIN)

    assert (before.aligned, after.aligned) == (False, True)


def test_checks_older_than_a_month_go(mailer: Mailer) -> None:
    kept(mailer, (True, 40 * DAY), (True, 31 * DAY), (True, 29 * DAY), (True, HOUR))
    with mailer.database.writing() as session:
        standing.keep(session, Check("other.example", True, ()), now=NOW - 60 * DAY)
        standing.keep(session, Check(DOMAIN, True, ()), now=NOW)

    with mailer.database.reading() as session:
        counted = select(DomainCheck.domain, func.count()).group_by(DomainCheck.domain)
        assert dict(session.execute(counted).all()) == {DOMAIN: 3, "other.example": 1}


class HeldJobs:
    """Jobs that wait until the test does them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def send(self, name: str, *ids: int) -> None:
        self.sent += [(name, each) for each in ids[:1]]

    def count(self, name: str) -> int:
        return sum(each == name for each, _ in self.sent)


@pytest.fixture
def planned(mailer: Mailer, issue: int) -> int:
    """The issue, approved and planned for an hour from now."""
    with mailer.database.writing() as session:
        campaigns.approve(session, issue, version=1, by="Vera", now=NOW)
        campaigns.plan(session, issue, wall="2026-12-08T11:00", zone=UK, now=NOW)
    return issue


def status(mailer: Mailer, issue: int) -> tuple[CampaignStatus, str | None]:
    with mailer.database.reading() as session:
        found = campaigns.find(session, issue)
        return found.status, found.trouble


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 12, 8, hour, minute, second, tzinfo=UTC)


def test_a_planned_issue_has_its_sender_checked_in_advance_and_goes_out_on_time(
    mailer: Mailer, planned: int, dns: Dns
) -> None:
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one")
    sweep.tick(at(10, 40))
    early = jobs.count("vet")
    sweep.tick(at(10, 50))
    asked = jobs.count("vet")
    vetting.vet_before_launch(replace(mailer, clock=lambda: at(10, 50, 5)), planned)
    sweep.tick(at(10, 51))
    sweep.tick(at(11, 0))

    assert (early, asked, jobs.count("vet"), dns.checks) == (0, 1, 1, 1)
    assert status(mailer, planned) == (CampaignStatus.SENDING, None)


def test_a_planned_issue_waits_a_little_for_its_senders_check(mailer: Mailer, planned: int) -> None:
    """The server was away in the quarter of an hour before."""
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one")
    sweep.tick(at(11, 5))
    waiting = status(mailer, planned)
    vetting.vet_before_launch(replace(mailer, clock=lambda: at(11, 5, 9)), planned)
    sweep.tick(at(11, 5, 10))

    assert jobs.count("vet") == 1
    assert waiting == (CampaignStatus.SCHEDULED, None)
    assert status(mailer, planned)[0] is CampaignStatus.SENDING


def test_a_check_that_never_comes_holds_the_issue_with_the_reason(
    mailer: Mailer, planned: int
) -> None:
    sweep = Sweep(mailer, HeldJobs(), name="one")
    for second in range(0, 130, 10):
        sweep.tick(at(11, 0) + timedelta(seconds=second))

    held, why = status(mailer, planned)
    assert held is CampaignStatus.HELD
    assert why
    assert "was never checked" in why


def test_a_planned_issue_of_a_domain_in_disorder_is_held(
    mailer: Mailer, planned: int, dns: Dns
) -> None:
    dns.zone = {}
    sweep = Sweep(mailer, HeldJobs(), name="one")
    vetting.vet_before_launch(replace(mailer, clock=lambda: at(10, 59, 30)), planned)
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
        campaigns.approve(session, issue, version=1, by="Vera", now=NOW)
        campaigns.plan(session, issue, wall="2026-12-08T11:00", zone=UK, now=NOW)
    jobs = HeldJobs()
    sweep = Sweep(mailer, jobs, name="one")
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
        campaigns.approve(session, issue, version=1, by="Vera", now=mailer.clock())
        steps.put(session, StepKind.LAUNCH, issue, due_at=mailer.clock())

    with FaultServer() as server, a_worker(mailer, port=server.port):
        found = wait_for_end(mailer, issue)

    assert found.status is CampaignStatus.SENT
    assert (len(server.kept), dns.checks) == (1, 1)


def run(mailer: Mailer, *arguments: str) -> Any:
    return create_app(mailer).test_cli_runner().invoke(args=list(arguments))


def test_the_command_checks_first_and_prints_the_reason(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    dns.zone = {}
    refused = run(mailer, "campaigns", "launch", str(issue))
    dns.zone = in_order()
    soon = replace(mailer, clock=lambda: NOW + timedelta(minutes=2))
    sent = run(soon, "campaigns", "launch", str(issue), "--json")

    assert refused.exit_code == 1
    assert "neither DKIM nor SPF" in refused.stderr
    assert sent.exit_code == 0, sent.output
    assert dns.checks == 2


def test_the_command_warns_and_launches_where_the_gate_only_warns(
    database: Database, tmp_path: Path, issue: int, mailer: Mailer
) -> None:
    kept(mailer, (False, HOUR))
    warning = replace(
        a_mailer(database, tmp_path, smtp_url=f"smtp://{RELAY}", sending_gate="warn"),
        clock=lambda: NOW,
    )

    sent = run(warning, "campaigns", "launch", str(issue), "--json")

    assert sent.exit_code == 0
    assert "Warning: Receivers can’t tell" in sent.stderr


def test_a_domain_is_checked_from_the_command_line(mailer: Mailer, issue: int, dns: Dns) -> None:
    fine = run(mailer, "domains", "check", "Network.example.", "--json")
    dns.zone = {}
    words = run(mailer, "domains", "check", DOMAIN)
    broken = run(mailer, "domains", "check", DOMAIN, "--json")
    unknown = run(mailer, "domains", "check", "elsewhere.example")

    found = json.loads(fine.stdout)
    assert fine.exit_code == 0
    assert (found["domain"], found["aligned"], found["to_fix"]) == (DOMAIN, True, 0)
    assert (broken.exit_code, json.loads(broken.stdout)["aligned"]) == (1, False)
    assert words.exit_code == 1
    assert "SPF: TO FIX" in words.stdout
    assert f"TXT  _dmarc.{DOMAIN}" in words.stdout
    assert (unknown.exit_code, "No newsletter comes from" in unknown.stderr) == (1, True)
