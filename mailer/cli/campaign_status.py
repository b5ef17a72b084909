"""``flask campaigns status``: asked for again and again by programs, so it imports little."""

import sys
import time

import click
from flask.cli import with_appcontext

from mailer.cli.output import ROW_NUMBER, as_json, ready, say, sentences
from mailer.errors import NotFound
from mailer.models import Campaign, CampaignStatus
from mailer.reports.accounting import Account, account


@click.command("status")
@with_appcontext
@click.argument("campaign_id", type=ROW_NUMBER)
@as_json
@sentences
def campaign_status(campaign_id: int, as_json: bool) -> None:
    """The accounting of an issue."""
    say_status(campaign_id, as_json)


def _account(campaign_id: int) -> Account:
    with ready().database.reading() as session:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None:
            raise NotFound(f"There is no issue number {campaign_id}.")
        return account(session, campaign)


def say_status(campaign_id: int, as_json: bool) -> None:
    """Print its accounting."""
    found = _account(campaign_id)
    lines = [f"Issue {campaign_id} is {found.status}. Audience {found.audience}:"]
    lines += [f"  left out, {reason.value}: {number}" for reason, number in found.excluded.items()]
    lines += [f"  {status.value}: {number}" for status, number in found.deliveries.items()]
    lines.append("The sums balance." if found.balanced else "THE SUMS DO NOT BALANCE.")
    say(as_json, found.to_json(), "\n".join(lines))


def watch_it(campaign_id: int) -> None:
    """Show how far it is until every delivery has an outcome."""
    from rich.console import Console  # noqa: PLC0415  # only for who watches
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Sending", total=None)
        last_percent = -1
        while True:
            found = _account(campaign_id)
            done = found.carried - found.unresolved
            progress.update(task, total=found.carried, completed=done)
            if not console.is_terminal and found.percent != last_percent:
                last_percent = found.percent
                click.echo(f"{done} of {found.carried} ({last_percent} %)", err=True)
            if found.status not in {CampaignStatus.SENDING, CampaignStatus.STOPPED} or (
                found.finished_at is not None
            ):
                return
            time.sleep(0.5)
