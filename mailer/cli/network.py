"""``flask network``: who the network is that this installation serves, and its calendar."""

from dataclasses import replace

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.cli.output import as_json, ready, say, sentences
from mailer.models import ElectionPeriod
from mailer.network import days_off, election_periods
from mailer.network import details as use_cases
from mailer.network.details import NetworkDetails
from mailer.network.election_periods import PeriodDetails
from mailer.network.privacy_notice import set_privacy_notice

network = AppGroup("network", help="Who the network is.")


@network.command("set")
@click.option("--name", help="As members know it.")
@click.option("--postal-address", help="At the foot of every email.")
@click.option("--time-zone", help="Such as Europe/London.")
@click.option("--language", "languages", multiple=True, help="Such as en-GB or cy; its own first.")
@click.option("--privacy-notice", help='The address of a web page; "" for none.')
@click.option("--nation", help="Whose bank holidays it keeps, such as scotland.")
@as_json
@sentences
def set_network(
    languages: tuple[str, ...],
    privacy_notice: str | None,
    nation: str | None,
    as_json: bool,
    **given: str | None,
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
        if nation is not None:
            kept = days_off.set_nation(session, nation, actor=COMMAND, now=now)
        whose = days_off.nation(session)
        document = {
            "name": details.name,
            "postal_address": details.postal_address,
            "time_zone": details.time_zone,
            "languages": list(details.languages),
            "privacy_notice": kept.privacy_notice_url if kept else "",
            "nation": whose.value,
        }
    lines = [
        f"{details.name or 'The network has no name yet.'}",
        *details.postal_address.splitlines(),
        f"{details.time_zone}, {', '.join(details.languages)}",
        f"privacy notice: {document['privacy_notice'] or 'none'}",
        f"bank holidays of {whose.words}",
    ]
    say(as_json, document, "\n".join(lines))


@network.command("periods")
@as_json
@sentences
def list_periods(*, as_json: bool) -> None:
    """List the pre-election periods, the earliest first."""
    with ready().database.reading() as session:
        periods = election_periods.listing(session)
        document = {"periods": [_document(each) for each in periods]}
        lines = [_line(each) for each in periods]
    say(as_json, document, "\n".join(lines) or "No pre-election period is kept.")


@network.command("add-period")
@click.argument("first_day")
@click.argument("last_day")
@click.argument("words")
@as_json
@sentences
def add_period(first_day: str, last_day: str, words: str, *, as_json: bool) -> None:
    """Add one: FIRST_DAY and LAST_DAY such as 2027-03-18, and WORDS that say where."""
    here = ready()
    details = PeriodDetails(first_day, last_day, words)
    with here.database.writing() as session:
        made = election_periods.add(session, details, actor=COMMAND, now=here.clock())
        document, line = _document(made), _line(made)
    say(as_json, document, f"added {line}")


@network.command("remove-period")
@click.argument("number", type=int)
@as_json
@sentences
def remove_period(number: int, *, as_json: bool) -> None:
    """Remove the one of this NUMBER."""
    here = ready()
    with here.database.writing() as session:
        gone = election_periods.remove(session, number, actor=COMMAND, now=here.clock())
        document, line = _document(gone), _line(gone)
    say(as_json, document, f"removed {line}")


def _document(period: ElectionPeriod) -> dict[str, object]:
    return {
        "id": period.id,
        "first_day": period.first_day.isoformat(),
        "last_day": period.last_day.isoformat(),
        "words": period.words,
    }


def _line(period: ElectionPeriod) -> str:
    return f"{period.id}: {period.first_day} to {period.last_day}, {period.words}"
