"""``flask newsletters``: publications people subscribe to."""

from dataclasses import replace
from typing import Any

import click
from flask.cli import AppGroup

from contacts import addresses
from contacts.actors import COMMAND
from contacts.permission import newsletters as use_cases
from contacts.permission.newsletters import NewsletterDetails
from mailer.cli.output import as_json, ready, say, sentences

newsletters = AppGroup("newsletters", help="Publications people subscribe to.")


@newsletters.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="What people know it by.")
@click.option("--from", "sender", required=True, help='"Name <address>" it comes from.')
@click.option("--description", default="")
@click.option("--frequency", default="", help='In words: "monthly".')
@click.option("--reply-to", default="", help="Where answers go, if not to the sender.")
@click.option("--postal-address", default="", help="At the foot, if not the network's.")
@as_json
@sentences
def create_newsletter(
    slug: str,
    name: str,
    sender: str,
    description: str,
    frequency: str,
    reply_to: str,
    postal_address: str,
    as_json: bool,
) -> None:
    """Make a newsletter."""
    from_name, from_address = addresses.sender_of(sender)
    details = NewsletterDetails(
        name=name,
        description=description,
        frequency=frequency,
        from_name=from_name or name,
        from_address=from_address,
        reply_to=reply_to,
        postal_address=postal_address,
    )
    here = ready()
    with here.database.writing() as session:
        made = use_cases.add(session, details, slug=slug, actor=COMMAND, now=here.clock())
        document = {"id": made.id, "slug": made.slug}
    say(as_json, document, f"Made the newsletter {name} ({slug}).")


@newsletters.command("list")
@as_json
@sentences
def list_newsletters(as_json: bool) -> None:
    """Every newsletter, in the order in which people are offered them."""
    with ready().database.reading() as session:
        found = [
            {
                "id": each.id,
                "slug": each.slug,
                "name": each.name,
                "from": f"{each.from_name} <{each.from_address}>",
                "frequency": each.frequency,
            }
            for each in use_cases.listing(session)
        ]
    lines = [f"{each['slug']}  {each['name']}  from {each['from']}" for each in found]
    say(as_json, {"newsletters": found}, "\n".join(lines) or "There are no newsletters.")


@newsletters.command("edit")
@click.argument("slug")
@click.option("--name")
@click.option("--from", "sender", help='"Name <address>" it comes from.')
@click.option("--description")
@click.option("--frequency")
@click.option("--reply-to", help='"" for the sender.')
@click.option("--postal-address", help='"" for the network\'s.')
@click.option("--test-group", help="Up to ten addresses for tests, parted by commas.")
@click.option("--archive/--no-archive", "archive_on", default=None, help="Past issues on the web.")
@click.option(
    "--archive-segments/--no-archive-segments", default=None, help="Those for a segment too."
)
@click.option(
    "--self-approval/--no-self-approval",
    default=None,
    help="Whether who changed an issue last may approve it.",
)
@as_json
@sentences
def edit_newsletter(slug: str, sender: str | None, as_json: bool, **given: Any) -> None:
    """Change what is given; its slug stays."""
    here = ready()
    with here.database.writing() as session:
        kept = NewsletterDetails.of(use_cases.newsletter_of(session, slug))
        details = replace(kept, **{name: text for name, text in given.items() if text is not None})
        if sender is not None:
            from_name, from_address = addresses.sender_of(sender)
            from_name = from_name or kept.from_name
            details = replace(details, from_name=from_name, from_address=from_address)
        changed = use_cases.change(session, slug, details, actor=COMMAND, now=here.clock())
        document = {"id": changed.id, "slug": changed.slug}
    say(as_json, document, f"{details.name} ({slug}) is as you said.")


@newsletters.command("move")
@click.argument("slug")
@click.argument("way", type=click.Choice(["up", "down"]))
@as_json
@sentences
def move_newsletter(slug: str, way: str, as_json: bool) -> None:
    """One place up or down among those that people are offered."""
    here = ready()
    with here.database.writing() as session:
        use_cases.move(session, slug, up=way == "up", actor=COMMAND, now=here.clock())
        order = [each.slug for each in use_cases.listing(session)]
    say(as_json, {"order": order}, "\n".join(order))
