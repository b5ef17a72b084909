"""``flask library``: what the network has to tell."""

from typing import Any

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.authoring.checks import where
from mailer.authoring.library import items, listing
from mailer.authoring.library.kinds.catalogue import KINDS
from mailer.authoring.library.listing import ItemStanding, ListedItem, WantedItems
from mailer.campaigns.drafts import taking
from mailer.cli.output import as_json, ready, say, sentences
from mailer.clock import wall_of
from mailer.network import details

library = AppGroup("library", help="What the network has to tell.")
_MOST = 10_000


@library.command("list")
@click.option("--type", "kind", type=click.Choice(list(KINDS)), help="One kind only.")
@click.option("--state", type=click.Choice([each.value for each in ItemStanding]))
@click.option("--find", "text", default="", help="Words that are in it.")
@as_json
@sentences
def list_items(kind: str | None, state: str | None, text: str, as_json: bool) -> None:
    """What there is to tell, where each stands, and the issues that have it."""
    here = ready()
    wanted = WantedItems(
        kind=kind or "", standing=ItemStanding(state) if state else None, text=text
    )
    with here.database.reading() as session:
        network = details.find(session)
        zone = network.time_zone if network else "UTC"
        today = wall_of(here.clock(), zone).date()
        found, _ = listing.search(session, wanted, today=today, page=1, per_page=_MOST)
        document = {"items": [_document(each) for each in found]}
    lines = [
        f"{each['id']}  {each['state']}  {each['type']}  {each['title']}"
        for each in document["items"]
    ]
    say(as_json, document, "\n".join(lines) or "There is nothing of that kind.")


@library.command("ready")
@click.argument("item_id", metavar="ID", type=int)
@as_json
@sentences
def make_ready(item_id: int, as_json: bool) -> None:
    """Say that issues may have it; what is missing is said."""
    here = ready()
    with here.database.writing() as session:
        item = items.make_ready(session, item_id, actor=COMMAND, now=here.clock())
        document = {"id": item.id, "state": item.state.value}
        title = item.title
    say(as_json, document, f"“{title}” is ready.")


@library.command("add")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--to", "campaign_id", type=int, required=True, help="The issue's number.")
@as_json
@sentences
def add_item(item_id: int, campaign_id: int, as_json: bool) -> None:
    """Put it into an issue that is being written."""
    here = ready()
    with here.database.writing() as session:
        block = taking.add(session, campaign_id, item_id, actor=COMMAND, now=here.clock())
        document = {"id": item_id, "campaign": campaign_id, "block": block.id}
        name = where(block, 1)
    say(as_json, document, f"{name} has it now.")


def _document(each: ListedItem) -> dict[str, Any]:
    item = each.item
    return {
        "id": item.id,
        "type": item.kind,
        "title": item.title,
        "state": each.standing.value,
        "organisation": item.organisation.name if item.organisation else None,
        "day": item.on_day.isoformat() if item.on_day else None,
        "used_in": [
            {"campaign": use.issue.id, "name": use.issue.name, "sent": use.is_out}
            for use in each.uses
        ],
    }
