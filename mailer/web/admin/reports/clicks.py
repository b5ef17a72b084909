"""Clicks as the report and the home page show them: over time, with what there is to find."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from mailer.clock import wall_of
from mailer.reports.clicking import ClickHours, Span
from mailer.web.charts import Chart, columns

_EVERY: Final = 4  # columns between the words below them
SPANS: Final = {Span.DAY: "24 hours", Span.TWO_DAYS: "48 hours", Span.WEEK: "7 days"}


@dataclass(frozen=True, slots=True)
class ClicksByHour:
    """The drawing, the same numbers as rows, and one sentence of what they say.

    ``each`` is how many hours a column is.
    """

    chart: Chart
    rows: Sequence[tuple[str, int]]  # of the columns in which anybody clicked
    finding: str
    later: int
    each: int


def by_hour(found: ClickHours | None, *, width: int, zone: str) -> ClicksByHour | None:
    """The chart, by the clocks of a zone; None where nobody clicked in this time."""
    if found is None or not any(found.people):
        return None
    rows = [(wall_of(at, zone), number) for at, number in found.rows]
    below = "%a %-d" if found.span is Span.WEEK else "%H:%M"
    words = [
        (f"{at:{below}}" if place % _EVERY == 0 else "", number)
        for place, (at, number) in enumerate(rows)
    ]
    total = sum(found.people)
    half = next(place for place, seen in enumerate(accumulate(found.people)) if 2 * seen >= total)
    early = sum(found.people[: half + 1])
    end = wall_of(found.end_of(half), zone)
    by = f"{end:%H:%M}" if found.span is Span.DAY else f"{end:%A %H:%M}"
    finding = (
        f"{early:,} of the {total:,} people who clicked in the first {SPANS[found.span]} "
        f"did so by {by}."
    )
    return ClicksByHour(
        columns(words, width=width, height=190),
        [(f"{at:%a %-d %b %H:%M}", number) for at, number in rows if number],
        finding,
        found.later,
        found.span.each,
    )
