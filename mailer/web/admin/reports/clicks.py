"""Clicks as the report and the home page show them: hour by hour, with what there is to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from mailer.reports.clicking import ClickHours
from mailer.web.charts import Chart, columns
from mailer.web.network import local

_EVERY: Final = 4  # hours between the words below the columns


@dataclass(frozen=True, slots=True)
class ClicksByHour:
    """The drawing, the same numbers as rows, and one sentence of what they say."""

    chart: Chart
    rows: Sequence[tuple[str, int]]  # of the hours in which anybody clicked
    finding: str
    later: int


def by_hour(found: ClickHours | None, *, width: int) -> ClicksByHour | None:
    """The chart; None where nobody clicked in the first day."""
    if found is None or not any(found.people):
        return None
    rows = [(local(at), number) for at, number in found.rows]
    words = [
        (f"{at:%H:%M}" if place % _EVERY == 0 else "", number)
        for place, (at, number) in enumerate(rows)
    ]
    total = sum(found.people)
    half = next(place for place, seen in enumerate(accumulate(found.people)) if 2 * seen >= total)
    early = sum(found.people[: half + 1])
    end = f"{rows[(half + 1) % len(rows)][0]:%H:%M}"
    finding = f"{early:,} of the {total:,} people who clicked in the first day did so by {end}."
    return ClicksByHour(
        columns(words, width=width, height=190),
        [(f"{at:%a %H:%M}", number) for at, number in rows if number],
        finding,
        found.later,
    )
