"""``flask days``: bank holidays, and days off of the network's own."""

from datetime import date

import click
from flask.cli import AppGroup

from contacts.actors import COMMAND
from mailer.cli.output import ROW_NUMBER, as_json, ready, say, sentences
from mailer.errors import NotAllowed
from mailer.models import DaysOff
from mailer.network import days_off
from mailer.network.days_off import DaysOffDetails

days = AppGroup("days", help="Bank holidays and days off.")
_YEARS = click.IntRange(1990, 2199)


@days.command("list")
@click.option("--year", type=_YEARS, help="This one where it is left out.")
@as_json
@sentences
def list_days(*, year: int | None, as_json: bool) -> None:
    """List the bank holidays of a year, and the network's own days off."""
    here = ready()
    with here.database.reading() as session:
        year = year or days_off.this_year(session, here.clock())
        nation = days_off.nation(session)
        holidays = days_off.holidays(session, year)
        own = [_document(each) for each in days_off.listing(session)]
        lines = [_line(each) for each in days_off.listing(session)]
    document = {
        "nation": nation.value,
        "year": year,
        "bank_holidays": [
            {"day": day.isoformat(), "words": words, "works": works}
            for day, words, works in holidays
        ],
        "own": own,
    }
    said = [
        f"{day:%a %Y-%m-%d}  {words}{', worked' if works else ''}" for day, words, works in holidays
    ]
    say(as_json, document, "\n".join([f"Bank holidays of {nation.words}:", *said, *lines]))


@days.command("add")
@click.argument("first_day")
@click.argument("last_day")
@click.argument("words")
@click.option("--yearly", is_flag=True, help="The same days of every year.")
@as_json
@sentences
def add_days(first_day: str, last_day: str, words: str, *, yearly: bool, as_json: bool) -> None:
    """Add days off: FIRST_DAY and LAST_DAY such as 2026-12-24, and WORDS that say what they are."""
    here = ready()
    details = DaysOffDetails(first_day, last_day, words, yearly=yearly)
    with here.database.writing() as session:
        made = days_off.add(session, details, actor=COMMAND, now=here.clock())
        document, line = _document(made), _line(made)
    say(as_json, document, f"added {line}")


@days.command("remove")
@click.argument("number", type=ROW_NUMBER)
@as_json
@sentences
def remove_days(number: int, *, as_json: bool) -> None:
    """Remove the own days of this NUMBER; a bank holiday that was worked is kept again."""
    here = ready()
    with here.database.writing() as session:
        gone = days_off.remove(session, number, actor=COMMAND, now=here.clock())
        document, line = _document(gone), _line(gone)
    say(as_json, document, f"removed {line}")


@days.command("work")
@click.argument("day")
@as_json
@sentences
def work_on(day: str, *, as_json: bool) -> None:
    """Make the bank holiday on DAY, such as 2027-05-03, a working day."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotAllowed("Write the day as year, month and day: 2027-05-03.") from None
    here = ready()
    with here.database.writing() as session:
        made = days_off.work_on(session, on, actor=COMMAND, now=here.clock())
        document, line = _document(made), _line(made)
    say(as_json, document, f"added {line}")


def _document(row: DaysOff) -> dict[str, object]:
    return {
        "id": row.id,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "words": row.words,
        "yearly": row.yearly,
        "works": row.works,
    }


def _line(row: DaysOff) -> str:
    often = ", every year" if row.yearly else ""
    return (
        f"{row.id}: {row.first_day} to {row.last_day}{often}, "
        f"{row.words}{', worked' if row.works else ''}"
    )
