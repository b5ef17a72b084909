"""The command line before the gate, and its own check of a domain."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import create_app
from contacts.database import Database
from mailer.bootstrap import Mailer
from tests.factories import a_mailer
from tests.mailer.domains.gating import HOUR, NOW, Dns, add_checks
from tests.mailer.domains.zones import DOMAIN, RELAY, in_order


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
    add_checks(mailer, (False, HOUR))
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
    output = run(mailer, "domains", "check", DOMAIN)
    broken = run(mailer, "domains", "check", DOMAIN, "--json")
    unknown = run(mailer, "domains", "check", "elsewhere.example")

    found = json.loads(fine.stdout)
    assert fine.exit_code == 0
    assert (found["domain"], found["aligned"], found["to_fix"]) == (DOMAIN, True, 0)
    assert (broken.exit_code, json.loads(broken.stdout)["aligned"]) == (1, False)
    assert output.exit_code == 1
    assert "SPF: TO FIX" in output.stdout
    assert f"TXT  _dmarc.{DOMAIN}" in output.stdout
    assert (unknown.exit_code, "No newsletter comes from" in unknown.stderr) == (1, True)
