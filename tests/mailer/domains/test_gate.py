"""The gate: an issue goes out only from a domain that receivers can tell, and says why not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contacts.database import Database
from mailer.bootstrap import Mailer
from mailer.campaigns import editing, sender_gate, sending
from mailer.domains import signing_keys, standing
from mailer.domains.checking import Check
from mailer.domains.routes import Route, gate_of, routes
from mailer.errors import NotAllowed, NotFound
from mailer.models import CampaignStatus, DomainCheck
from mailer.security.vault import Vault
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_cast, a_mailer
from tests.mailer.domains.gating import DAY, HOUR, NOW, Dns, a_relay, add_checks
from tests.mailer.domains.zones import DOMAIN, RELAY, in_order


def launched(mailer: Mailer, issue: int, gate: Gate = Gate.ENFORCE) -> CampaignStatus:
    with mailer.database.writing() as session:
        return sending.launch(session, issue, actor=TESTER, gate=gate, now=NOW).status


def refusal(mailer: Mailer, issue: int) -> str:
    with pytest.raises(NotAllowed) as caught:
        launched(mailer, issue)
    return str(caught.value)


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
    add_checks(mailer, *checks)

    assert launched(mailer, issue) is CampaignStatus.SENDING


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ([], "was never checked"),
        ([(False, HOUR)], "neither DKIM nor SPF speaks for it"),
        ([(True, 2 * HOUR), (False, HOUR)], "neither DKIM nor SPF"),
        ([(True, 2 * DAY), (False, DAY), (None, HOUR)], "neither DKIM nor SPF"),
        ([(None, HOUR)], "DNS does not answer"),
        ([(True, 8 * DAY), (None, HOUR)], "DNS does not answer"),
    ],
)
def test_an_issue_of_an_unproven_domain_is_refused_with_the_reason(
    mailer: Mailer, issue: int, checks: list[tuple[bool | None, timedelta]], sentence: str
) -> None:
    add_checks(mailer, *checks)

    assert sentence in refusal(mailer, issue)
    assert DOMAIN in refusal(mailer, issue)
    with mailer.database.reading() as session:
        assert editing.find(session, issue).status is CampaignStatus.DRAFT


@pytest.mark.parametrize("gate", [Gate.WARN, Gate.OPEN])
def test_without_enforcement_the_issue_goes_out(mailer: Mailer, issue: int, gate: Gate) -> None:
    add_checks(mailer, (False, HOUR))

    assert launched(mailer, issue, gate) is CampaignStatus.SENDING


def test_a_check_of_another_domain_does_not_count(mailer: Mailer, issue: int) -> None:
    with mailer.database.writing() as session:
        standing.keep(session, Check("other.example", True, ()), now=NOW)

    assert "never checked" in refusal(mailer, issue)


def test_before_a_launch_dns_is_asked_once_a_day(mailer: Mailer, issue: int, dns: Dns) -> None:
    sender_gate.vet_before_launch(mailer, issue)
    sender_gate.vet_before_launch(mailer, issue)
    within = replace(mailer, clock=lambda: NOW + 23 * HOUR)
    sender_gate.vet_before_launch(within, issue)
    once = dns.checks
    later = replace(mailer, clock=lambda: NOW + 25 * HOUR)
    sender_gate.vet_before_launch(later, issue)

    assert (once, dns.checks) == (1, 2)
    assert launched(mailer, issue) is CampaignStatus.SENDING


def test_an_unproven_domain_is_checked_again_after_a_minute(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    dns.zone = {}
    sender_gate.vet_before_launch(mailer, issue)
    sender_gate.vet_before_launch(mailer, issue)
    refused = refusal(mailer, issue)
    dns.zone = in_order()
    sender_gate.vet_before_launch(replace(mailer, clock=lambda: NOW + timedelta(minutes=2)), issue)

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

    sender_gate.vet_before_launch(mailer, issue)

    assert dns.checks == 0
    with database.reading() as session:
        gate = gate_of(session, mailer.settings)
    assert launched(mailer, issue, gate) is CampaignStatus.SENDING


def test_mail_is_caught_only_as_long_as_there_is_no_relay_but_the_catcher(
    database: Database, tmp_path: Path
) -> None:
    settings = a_mailer(database, tmp_path).settings
    with database.writing() as session:
        caught = gate_of(session, settings)
        session.add(a_relay("off.example", enabled=False))
        session.flush()
        still_caught = gate_of(session, settings)
        session.add(a_relay("relay.example", return_domain="b.network.example"))
        session.flush()
        ways = routes(session, settings)

        assert (caught, still_caught) == (Gate.OPEN, Gate.OPEN)
        assert gate_of(session, settings) is Gate.ENFORCE
    assert ways == (Route("relay.example", "b.network.example"),)


def test_every_relay_in_use_is_looked_at_with_its_return_paths(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    with mailer.database.writing() as session:
        session.add(a_relay("192.0.2.50", return_domain="bounces.network.example"))
    dns.zone = in_order(**{"bounces.network.example": {"TXT": ["v=spf1 ip4:192.0.2.51 -all"]}})

    found = sender_gate.vet(mailer, DOMAIN)

    findings = " ".join(finding.what for finding in found.findings)
    assert f"lets {RELAY} send" in findings
    assert "bounces.network.example does not let 192.0.2.50 send" in findings
    assert "No mail reaches bounces.network.example" in findings
    assert "192.0.2.50 has no name" in findings
    # The second relay carries what the first cannot, and there is no signature that helps.
    assert found.aligned is False


def test_only_a_senders_domain_is_checked(mailer: Mailer, issue: int, dns: Dns) -> None:
    with pytest.raises(NotFound, match=r"No newsletter comes from elsewhere\.example"):
        sender_gate.vet(mailer, "elsewhere.example")

    assert dns.checks == 0


def test_a_change_of_signing_drops_the_checks_of_a_domain(mailer: Mailer, issue: int) -> None:
    with mailer.database.writing() as session:
        signing_keys.make_keys(session, DOMAIN, vault=Vault(mailer.settings.secret), now=NOW)
    add_checks(mailer, (True, HOUR))
    with mailer.database.writing() as session:
        signing_keys.set_signing(session, DOMAIN, signs=True, now=NOW)

    assert "never checked" in refusal(mailer, issue)


def test_our_own_published_keys_are_what_the_check_looks_for(
    mailer: Mailer, issue: int, dns: Dns
) -> None:
    with mailer.database.writing() as session:
        signing_keys.make_keys(session, DOMAIN, vault=Vault(mailer.settings.secret), now=NOW)
        session.flush()
        signing_keys.set_signing(session, DOMAIN, signs=True, now=NOW)
        (domain,) = signing_keys.domains(session, Vault(mailer.settings.secret))
    dns.zone = {DOMAIN: {"TXT": []}}
    before = sender_gate.vet(mailer, DOMAIN)
    dns.zone |= {record.name: {"TXT": [record.value]} for record in domain.records}
    after = sender_gate.vet(mailer, DOMAIN)

    assert (before.aligned, after.aligned) == (False, True)


def test_checks_older_than_a_month_go(mailer: Mailer) -> None:
    add_checks(mailer, (True, 40 * DAY), (True, 31 * DAY), (True, 29 * DAY), (True, HOUR))
    with mailer.database.writing() as session:
        standing.keep(session, Check("other.example", True, ()), now=NOW - 60 * DAY)
        standing.keep(session, Check(DOMAIN, True, ()), now=NOW)

    with mailer.database.reading() as session:
        counted = select(DomainCheck.domain, func.count()).group_by(DomainCheck.domain)
        assert dict(session.execute(counted).all()) == {DOMAIN: 3, "other.example": 1}
