"""``flask campaigns``: issues and their sending."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from contacts import addresses
from contacts.actors import COMMAND
from contacts.permission.newsletters import newsletter_of
from contacts.segments.library import segment_of
from mailer.authoring.document import read, to_json
from mailer.campaigns import approval, deciding, editing, launching, sending, timing
from mailer.campaigns import in_doubt as doubts
from mailer.campaigns.approved import count_of, lapse_of
from mailer.campaigns.checks.finding import (
    CheckFinding,
    FindingLevel,
    FindingState,
    report,
    sendable,
)
from mailer.campaigns.checks.measuring import measure
from mailer.campaigns.checks.running import run, summary
from mailer.campaigns.freezing import freeze
from mailer.campaigns.naming import addresses as slugs
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import Called, propose
from mailer.campaigns.starting import making
from mailer.campaigns.starting.making import From, Start
from mailer.cli.campaign_status import campaign_status, say_status, watch_it
from mailer.cli.output import ROW_NUMBER, as_json, ready, say, sentences
from mailer.clock import wall_of
from mailer.domains.routes import gate_of
from mailer.errors import DocumentError, NotAllowed
from mailer.models import Campaign, InDoubt
from mailer.network.details import zone
from mailer.notices.issue_tests import MOST_ADDRESSES, SeenAs, send_test
from mailer.receipts.relay_logs.settling import accepted_in, settle_by_log

campaigns_group = AppGroup("campaigns", help="Issues and their sending.")
campaigns_group.add_command(campaign_status)


@campaigns_group.command("create")
@click.option("--newsletter", required=True, help="Its slug.")
@click.option("--subject", required=True)
@click.option("--document", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--segment", help="The slug of a segment to narrow the audience to.")
@click.option("--preview-text", default="")
@click.option("--name", help="Seen on pages and in reports; proposed where it is left out.")
@click.option(
    "--month", help="The month it is for, such as 2026-12; this one where it is left out."
)
@click.option("--address", help="Its part of addresses, such as 2026-12.")
@click.option("--one-off", is_flag=True, help="A mail of no month.")
@as_json
@sentences
def create_campaign(
    newsletter: str,
    subject: str,
    document: Path,
    segment: str | None,
    preview_text: str,
    name: str | None,
    month: str | None,
    address: str | None,
    one_off: bool,
    as_json: bool,
) -> None:
    """Make an issue from a document of blocks."""
    data = _read_document(document)
    written, problems = read(data)
    if problems:
        raise DocumentError(problems)
    with ready().database.writing() as session:
        publication = newsletter_of(session, newsletter)
        source = From.ONE_OFF if one_off else From.FRAME
        here = wall_of(ready().clock(), zone(session))
        called = propose(
            session, publication, month="" if one_off else month or months.month_at(here)
        )
        called = Called(
            name or called.name or subject,
            called.month,
            address or called.address or slugs.address_of(session, publication.id, subject),
        )
        made = making.make(
            session, publication, called, Start(source), actor=COMMAND, now=ready().clock()
        ).campaign
        editing.edit(
            session,
            made.id,
            subject=subject,
            preview_text=preview_text,
            document=to_json(written),
            segment_id=segment_of(session, segment).id if segment else None,
            actor=COMMAND,
            now=ready().clock(),
        )
        answer = {"id": made.id, "slug": made.slug, "status": made.status.value}
    say(as_json, answer, f"Made issue {answer['id']}: {subject}")


@campaigns_group.command("launch")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.option("--watch", is_flag=True, help="Stay until every delivery has an outcome.")
@as_json
@sentences
def launch_campaign(campaign_id: int, watch: bool, as_json: bool) -> None:
    """Send an issue now."""
    here = ready()
    launched = launching.launch(here, campaign_id, actor=COMMAND)
    if launched.warning:
        click.echo(f"Warning: {launched.warning}", err=True)
    freeze(here.database, campaign_id, clock=here.clock)
    if watch:
        watch_it(campaign_id)
    say_status(campaign_id, as_json)


@campaigns_group.command("check")
@click.argument("campaign_id", type=ROW_NUMBER)
@as_json
@sentences
def check_campaign(campaign_id: int, as_json: bool) -> None:
    """What there is to fix and to look at; status 1 while it can't be sent."""
    here = ready()
    with here.database.reading() as session:
        campaign, gate = editing.find(session, campaign_id), gate_of(session, here.settings)
        counts = measure(session, campaign, now=here.clock())
        found = run(session, campaign, gate=gate, now=here.clock(), counts=counts)
    lines = [_finding_line(each) for each in found if each.state is not FindingState.FINE]
    say(as_json, report(found), "\n".join([f"{summary(found)}.", *lines]))
    if not sendable(found):
        sys.exit(1)


def _finding_line(finding: CheckFinding) -> str:
    level = {FindingLevel.FIX: "to fix", FindingLevel.LOOK: "to look at"}[finding.level]
    if finding.state is FindingState.UNCHECKED:
        level = "not checked"
    where = f"{finding.where}: " if finding.where not in finding.message else ""
    return f"  {finding.code}, {level}: {where}{finding.message}"


@campaigns_group.command("submit")
@click.argument("campaign_id", type=ROW_NUMBER)
@as_json
@sentences
def submit_campaign(campaign_id: int, as_json: bool) -> None:
    """Ask for approval of an issue as it is now; approvers are told by mail."""
    here = ready()
    with here.database.writing() as session:
        gate = gate_of(session, here.settings)
        made = approval.submit(session, campaign_id, actor=COMMAND, gate=gate, now=here.clock())
        answer = _standing(session, made)
    say(as_json, answer, f"Version {answer['version']} is waiting for approval.")


@campaigns_group.command("approve")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.option("--version", type=ROW_NUMBER, help="The one you read; the present one by default.")
@as_json
@sentences
def approve_campaign(campaign_id: int, version: int | None, as_json: bool) -> None:
    """Approve an issue as it is now; one held within four working hours is sent by that."""
    here = ready()
    done = deciding.approve(here, campaign_id, version=version, actor=COMMAND)
    if done.warning:
        click.echo(f"Warning: {done.warning}", err=True)
    if done.sent:
        freeze(here.database, campaign_id, clock=here.clock)
    with here.database.reading() as session:
        answer = _standing(session, editing.find(session, campaign_id))
    sent = " It is being sent." if done.sent else ""
    say(as_json, answer, f"Version {answer['version']} is approved.{sent}")


@campaigns_group.command("hold")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.option("--why", default="Somebody held it.", help="Said on its page, and by mail.")
@as_json
@sentences
def hold_campaign(campaign_id: int, why: str, as_json: bool) -> None:
    """Hold an issue: it does not go out until somebody decides."""
    with ready().database.writing() as session:
        held = timing.hold(session, campaign_id, why=why, actor=COMMAND, now=ready().clock())
        answer = _standing(session, held)
    say(as_json, answer, f"Issue {campaign_id} is held. {why}")


def _standing(session: Session, campaign: Campaign) -> dict[str, Any]:
    """Where an issue stands with its approval, and how many it goes to."""
    counted = count_of(session, campaign, now=ready().clock())
    at = campaign.goes_out_at
    return {
        "id": campaign.id,
        "status": campaign.status.value,
        "version": campaign.version,
        "approved": lapse_of(campaign, counted) is None,
        "approved_by": campaign.approved_by,
        "waits": campaign.in_part,
        "goes_out_at": at.isoformat() if at else None,
        "will": counted.will,
    }


def _moving(name: str, move: Callable[..., Any], help_text: str) -> None:
    @campaigns_group.command(name, help=help_text)
    @click.argument("campaign_id", type=ROW_NUMBER)
    @as_json
    @sentences
    def command(campaign_id: int, as_json: bool) -> None:
        with ready().database.writing() as session:
            move(session, campaign_id, actor=COMMAND, now=ready().clock())
        say_status(campaign_id, as_json)


@campaigns_group.command("test")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.option("--to", multiple=True, required=True, help="An address it goes to; up to ten.")
@click.option("--as", "seen_as", multiple=True, help="The slug of a category that sees it.")
@click.option("--person", default="", help="The address of a person whose copy it is.")
@as_json
@sentences
def test_campaign(
    campaign_id: int, to: tuple[str, ...], seen_as: tuple[str, ...], person: str, as_json: bool
) -> None:
    """Send a test of an issue as it is now. Nothing in it counts."""
    here = ready()
    with here.database.writing() as session:
        made = send_test(
            session,
            campaign_id,
            addresses.several("\n".join(to), most=MOST_ADDRESSES),
            SeenAs(seen_as or ("",), person),
            site=here.settings.site,
            actor=COMMAND,
            now=here.clock(),
        )
        answer = {"version": made[0].version, "mails": len(made)}
    said = f"A test of version {answer['version']} waits to be sent, in {answer['mails']} mails."
    say(as_json, answer, said)


_moving("pause", sending.pause, "Send no more until it is resumed.")
_moving("resume", sending.resume, "Go on with a paused issue.")
_moving("stop", sending.stop, "Send no more, for good.")


@campaigns_group.command("send-again")
@click.argument("campaign_id", type=ROW_NUMBER)
@as_json
@sentences
def send_again(campaign_id: int, as_json: bool) -> None:
    """Send another copy to everybody in doubt: some may then have two."""
    with ready().database.writing() as session:
        doubts.send_again(session, campaign_id, actor=COMMAND, now=ready().clock())
    say_status(campaign_id, as_json)


@campaigns_group.command("in-doubt")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.argument("policy", type=click.Choice(["leave", "send-again"]))
@as_json
@sentences
def in_doubt(campaign_id: int, policy: str, as_json: bool) -> None:
    """What happens to copies in doubt once all others have gone."""
    chosen = InDoubt(policy.replace("-", "_"))
    with ready().database.writing() as session:
        doubts.decide(session, campaign_id, chosen, actor=COMMAND, now=ready().clock())
    say_status(campaign_id, as_json)


@campaigns_group.command("evidence")
@click.argument("campaign_id", type=ROW_NUMBER)
@click.argument("log", type=click.File("r", encoding="utf-8", errors="replace"))
@as_json
@sentences
def evidence(campaign_id: int, log: TextIO, as_json: bool) -> None:
    """Settle doubts by the log of the relay (a file, or - for standard input)."""
    here = ready()
    with here.database.reading() as session:
        editing.find(session, campaign_id)
    accepted = accepted_in(log, tokens=here.tokens)
    with here.database.writing() as session:
        settled = settle_by_log(session, campaign_id, accepted, actor=COMMAND, now=here.clock())
    say(as_json, {"settled": settled}, f"{settled:,} are in doubt no more.")


def _read_document(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise NotAllowed(f"{path} is not JSON.") from None
