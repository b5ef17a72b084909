"""``flask newsletters``: publications people subscribe to."""

import click
from flask.cli import AppGroup

from contacts import addresses
from contacts.permission.newsletters import add_newsletter
from mailer.cli.output import as_json, ready, say, sentences

newsletters = AppGroup("newsletters", help="Publications people subscribe to.")


@newsletters.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="What people know it by.")
@click.option("--from", "sender", required=True, help='"Name <address>" it comes from.')
@click.option("--description", default="")
@click.option("--postal-address", default="", help="Shown at the foot of every issue.")
@as_json
@sentences
def create_newsletter(
    slug: str, name: str, sender: str, description: str, postal_address: str, as_json: bool
) -> None:
    """Make a newsletter."""
    from_name, from_address = addresses.sender_of(sender)
    with ready().database.writing() as session:
        made = add_newsletter(
            session,
            slug=slug,
            name=name,
            from_name=from_name or name,
            from_address=from_address,
            description=description,
            postal_address=postal_address,
            now=ready().clock(),
        )
        document = {"id": made.id, "slug": made.slug}
    say(as_json, document, f"Made the newsletter {name} ({slug}).")
