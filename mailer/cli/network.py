"""``flask network``: who the network is that this installation serves."""

from dataclasses import replace

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.cli.output import as_json, ready, say, sentences
from mailer.network import details as use_cases
from mailer.network.details import NetworkDetails
from mailer.network.privacy_notice import set_privacy_notice

network = AppGroup("network", help="Who the network is.")


@network.command("set")
@click.option("--name", help="As members know it.")
@click.option("--postal-address", help="At the foot of every email.")
@click.option("--time-zone", help="Such as Europe/London.")
@click.option("--language", "languages", multiple=True, help="Such as en-GB or cy; its own first.")
@click.option("--privacy-notice", help='The address of a web page; "" for none.')
@as_json
@sentences
def set_network(
    languages: tuple[str, ...], privacy_notice: str | None, as_json: bool, **given: str | None
) -> None:
    """Set what is given, and show how it stands."""
    here = ready()
    now = here.clock()
    wanted = {name: text for name, text in given.items() if text is not None}
    with here.database.writing() as session:
        kept = use_cases.find(session)
        details = NetworkDetails.of(kept)
        if wanted or languages:
            details = replace(details, languages=languages or details.languages, **wanted)
            kept = use_cases.save(session, details, actor=COMMAND, now=now)
        if privacy_notice is not None:
            kept = set_privacy_notice(session, privacy_notice, actor=COMMAND, now=now)
        document = {
            "name": details.name,
            "postal_address": details.postal_address,
            "time_zone": details.time_zone,
            "languages": list(details.languages),
            "privacy_notice": kept.privacy_notice_url if kept else "",
        }
    lines = [
        f"{details.name or 'The network has no name yet.'}",
        *details.postal_address.splitlines(),
        f"{details.time_zone}, {', '.join(details.languages)}",
        f"privacy notice: {document['privacy_notice'] or 'none'}",
    ]
    say(as_json, document, "\n".join(lines))
