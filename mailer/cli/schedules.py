"""``flask schedules``: what comes round, and on which dates a rule would."""

import json
from datetime import UTC, date, timedelta
from itertools import islice
from typing import Final

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mailer.campaigns import schedules
from mailer.campaigns.planning.plans import is_time, recurrence_of
from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.coming import Occurrence, Recurrence
from mailer.cli.output import as_json, mailer, ready, say, sentences
from mailer.clock import UK, instant_of, wall_of, zone_of
from mailer.errors import NotAllowed
from mailer.models import Schedule, Shift
from mailer.network import days_off

_MOST: Final = 1_000
_FIRST_YEARS: Final = range(1900, 8900)
_MOMENT: Final = timedelta(seconds=1)

schedules_group = AppGroup("schedules", help="Newsletters that come round.")


@schedules_group.command("list")
@as_json
@sentences
def list_schedules(*, as_json: bool) -> None:
    """Every schedule: its rule, and when it goes out next."""
    here = ready()
    with here.database.reading() as session:
        found = []
        parts = joinedload(Schedule.newsletter)
        for each in session.scalars(select(Schedule).options(parts).order_by(Schedule.id)):
            ahead = schedules.ahead(session, each, now=here.clock())
            coming = next(ahead, None) if each.active else None
            found.append(
                {
                    "id": each.id,
                    "newsletter": each.newsletter.slug,
                    "rule": each.rrule,
                    "words": recurrence_of(each).in_words(),
                    "zone": each.zone,
                    "active": each.active,
                    "next": _document(coming) if coming else None,
                }
            )
    lines = [
        f"{each['id']}  {each['newsletter']}  {each['words']} ({each['zone']})"
        f"{'' if each['active'] else ', paused'}"
        for each in found
    ]
    say(as_json, {"schedules": found}, "\n".join(lines) or "There are no schedules.")


@schedules_group.command("dates")
@click.argument("rule")
@click.option("--time", default="10:00", show_default=True, help="By the clocks of the zone.")
@click.option("--zone", default=UK, show_default=True)
@click.option("--from", "first_day", help="A day such as 2026-11-01; today where it is left out.")
@click.option("--count", default=6, show_default=True, type=click.IntRange(1, _MOST))
@click.option(
    "--shift",
    type=click.Choice([each.value for each in Shift]),
    help="Where a day is none to work on.",
)
@click.option("--json", "_as_json", is_flag=True, help="It prints one JSON document anyway.")
@sentences
def show_dates(
    rule: str,
    *,
    time: str,
    zone: str,
    first_day: str | None,
    count: int,
    shift: str | None,
    _as_json: bool,
) -> None:
    """On which dates RULE comes round, such as "FREQ=MONTHLY;BYDAY=2TU"."""
    parsed = rrules.parse(rule)
    zone_of(zone)
    if not is_time(time):
        raise NotAllowed("Write the time with hours and minutes, such as 10:00.")
    since = _day(first_day) if first_day else wall_of(mailer().clock(), zone).date()
    comes = Recurrence(parsed, time, zone, since)
    before = instant_of(f"{since.isoformat()}T00:00", zone) - _MOMENT
    if shift is None:
        plain = islice(comes.after(before), count)
        found = [Occurrence(wall, f"{wall_of(at, zone):%Y-%m-%dT%H:%M}", at) for wall, at in plain]
    else:
        with ready().database.reading() as session:
            calendar = days_off.calendar(session)
        moved = comes.ahead(before, shift=Shift(shift), calendar=calendar)
        found = list(islice(moved, count))
    if len(found) < count:
        raise NotAllowed(f"The rule comes round only {len(found)} times after {since}.")
    click.echo(json.dumps({"dates": [_document(each) for each in found]}))


def _document(each: Occurrence) -> dict[str, str]:
    """What clocks show and the moment; what was planned too, where that is something else."""
    document = {"wall": each.wall, "utc": f"{each.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return document if each.planned == each.wall else {**document, "planned": each.planned}


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in _FIRST_YEARS:
        raise NotAllowed(f"{text!r} is no day: write one such as 2026-11-01.")
    return day
