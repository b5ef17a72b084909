"""The command line's way to what DNS says of senders' domains."""

import textwrap

import click
from flask.cli import AppGroup

from mailer.campaigns import sender_gate
from mailer.cli.output import as_json, ready, say, sentences
from mailer.domains.findings import Finding, Level

domains = AppGroup("domains", help="The domains that mail comes from.")
_MARKS = {
    Level.OK: "in order",
    Level.LOOK: "could be better",
    Level.FIX: "TO FIX",
    Level.UNCHECKED: "not checked",
}


@domains.command("check")
@click.argument("domain")
@as_json
@sentences
def check(domain: str, as_json: bool) -> None:
    """Ask DNS about a sender's domain; status 0 only if nothing is to be fixed."""
    found = sender_gate.vet(ready(), domain.strip().rstrip(".").lower())
    document = {
        "domain": found.domain,
        "aligned": found.aligned,
        "to_fix": found.to_fix,
        "findings": [finding.to_json() for finding in found.findings],
    }
    say(as_json, document, "\n".join(map(_finding_text, found.findings)))
    if found.to_fix:
        raise SystemExit(1)


def _finding_text(finding: Finding) -> str:
    lines = [f"{finding.about}: {_MARKS[finding.level]}", _wrapped(finding.what)]
    if finding.change:
        lines.append(_wrapped(finding.change))
    if record := finding.record:
        lines.append(f"    {record.kind}  {record.name}\n    {record.value}")
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 90, initial_indent="  ", subsequent_indent="  ")
