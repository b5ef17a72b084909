"""What falls due for an issue, and when, by its state, its time and its schedule.

Steps until it goes out are known by the day or the time that they are for: an issue that is given
another time is told of again, and one that gets its old time back is not.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from mailer.campaigns.planning.day_by_day import line_of
from mailer.clock import instant_of, wall_of, zone_of
from mailer.models import EDITABLE, Campaign, CampaignStatus, Schedule, StepKind
from mailer.network.working_days import CLOSES, OPENS, WorkingDays

NUDGE_DAYS: Final = (6, 5)  # before it goes out; the backup is told too on the second
REMINDER_OF_STORIES: Final = 7  # days after they were asked for
CHECK_BEFORE: Final = timedelta(hours=2)
RECHECK_BEFORE: Final = CHECK_BEFORE + timedelta(minutes=10)
SOON_BEFORE: Final = timedelta(minutes=15)
HELD_FOR: Final = (timedelta(hours=1), timedelta(hours=4))
HELD_DAYS: Final = 5  # more working days on which people are reminded, after the first
SUMMARIES: Final = (("10 min", timedelta(minutes=10)), ("24 h", timedelta(hours=24)))
SETTLED_AFTER: Final = timedelta(days=7)

_OPENS: Final = f"{OPENS:%H:%M}"
_GONE: Final = frozenset({CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED})


class StepKey(NamedTuple):
    """What a step of an issue is known by."""

    kind: StepKind
    occurrence: str


def moments_of(
    campaign: Campaign,
    schedule: Schedule | None,
    *,
    held_at: datetime | None,
    zone: str,
    calendar: WorkingDays,
) -> dict[StepKey, datetime]:
    """Every step of the timeline of an issue as it is now, done or not."""
    if campaign.status is CampaignStatus.HELD:
        return dict(_held(held_at, zone, calendar)) if held_at else {}
    if campaign.status in EDITABLE and campaign.send_wall:
        return dict(_to_come(campaign, schedule, calendar))
    if campaign.status in _GONE and campaign.started_at and campaign.finished_at:
        return dict(_gone(campaign.started_at, campaign.finished_at))
    return {}


def _to_come(
    campaign: Campaign, schedule: Schedule | None, calendar: WorkingDays
) -> Iterator[tuple[StepKey, datetime]]:
    wall, zone, at = campaign.send_wall or "", campaign.send_zone or "", campaign.goes_out_at
    assert at is not None
    if schedule is not None:
        yield from _of_the_month(schedule, wall, zone, calendar)
    yield StepKey(StepKind.RECHECK, wall), at - RECHECK_BEFORE
    yield StepKey(StepKind.CHECK, wall), at - CHECK_BEFORE
    yield StepKey(StepKind.SOON, wall), at - SOON_BEFORE


def _of_the_month(
    schedule: Schedule, wall: str, zone: str, calendar: WorkingDays
) -> Iterator[tuple[StepKey, datetime]]:
    day = wall[:10]
    out = date.fromisoformat(day)

    def opening(on: date) -> datetime:
        return instant_of(f"{on.isoformat()}T{_OPENS}", zone)

    def at_work(on: date) -> date:
        return on if calendar.is_working_day(on) else calendar.previous_working_day(on)

    line = {
        each.name: each for each in line_of(schedule, goes_out=wall, zone=zone, calendar=calendar)
    }
    yield StepKey(StepKind.ASK, day), line["ask"].at
    if reminded := reminder_of_stories(line["ask"].day, line["stories"].day, calendar):
        yield StepKey(StepKind.REMIND, day), opening(reminded)
    yield StepKey(StepKind.STORIES, day), line["stories"].at
    first, second = (at_work(out - timedelta(days=days)) for days in NUDGE_DAYS)
    if first == second:  # both days before a weekend's end: one after the other
        first = calendar.previous_working_day(second)
    yield StepKey(StepKind.NUDGE, f"{day} first"), opening(first)
    yield StepKey(StepKind.NUDGE, f"{day} second"), opening(second)
    yield StepKey(StepKind.SUBMIT_BY, day), opening(line["submit"].day)
    by = line["approve"].at
    day_before = calendar.previous_working_day(line["approve"].day)
    yield (
        StepKey(StepKind.APPROVE_BY, f"{day} 24 h"),
        instant_of(f"{day_before.isoformat()}T{schedule.approve_time}", zone),
    )
    yield StepKey(StepKind.APPROVE_BY, f"{day} 4 h"), working_hours_before(by, 4, zone, calendar)


def reminder_of_stories(asked: date, due: date, calendar: WorkingDays) -> date | None:
    """The working day on which people are reminded of stories, a week after they were asked and
    before the day by which they are wanted; None where there is none between."""
    day = asked + timedelta(days=REMINDER_OF_STORIES)
    if not calendar.is_working_day(day):
        day = calendar.previous_working_day(day)
    day = min(day, calendar.previous_working_day(due))
    return day if day > asked else None


def _held(since: datetime, zone: str, calendar: WorkingDays) -> Iterator[tuple[StepKey, datetime]]:
    known = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M}"
    for after in HELD_FOR:
        hours = after // timedelta(hours=1)
        yield StepKey(StepKind.REMIND_HELD, f"{known} {hours} h"), since + after
    day = wall_of(since, zone).date()
    for number in range(HELD_DAYS + 1):
        day = calendar.next_working_day(day)
        at = instant_of(f"{day.isoformat()}T{_OPENS}", zone)
        yield StepKey(StepKind.REMIND_HELD, f"{known} day {number + 1}"), at


def _gone(began: datetime, ended: datetime) -> Iterator[tuple[StepKey, datetime]]:
    for name, after in SUMMARIES:
        yield StepKey(StepKind.SUMMARY, name), max(began + after, ended)
    yield StepKey(StepKind.SUMMARY, "7 days"), ended + SETTLED_AFTER


def working_hours_before(
    moment: datetime, hours: int, zone: str, calendar: WorkingDays
) -> datetime:
    """The moment from which so many working hours are left until ``moment``."""
    left, day = timedelta(hours=hours), wall_of(moment, zone).date()
    if not calendar.is_working_day(day):
        day = calendar.previous_working_day(day)
    while True:
        opens, closes = (
            datetime.combine(day, at, zone_of(zone)).astimezone(UTC) for at in (OPENS, CLOSES)
        )
        until = min(closes, moment)
        if until - opens >= left:
            return until - left
        left -= max(timedelta(0), until - opens)
        day = calendar.previous_working_day(day)
