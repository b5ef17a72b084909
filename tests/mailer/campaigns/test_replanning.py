"""Planning timelines again: whatever is done to an issue, its steps are those it needs now."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.timeline.moments import StepKey, moments_of, working_hours_before
from mailer.clock import UK, instant_of, wall_of
from mailer.models import Campaign, CampaignStatus, Schedule, StepKind
from mailer.network.working_days import WorkingDays

_CALENDAR = WorkingDays()
_DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
_TIMES = st.sampled_from(["00:30", "09:00", "10:00", "16:45", "23:59"])
_ZONES = st.sampled_from([UK, "UTC", "America/New_York", "Africa/Cairo"])
_LEADS = st.tuples(*(st.integers(0, 20) for _ in range(3)), st.integers(0, 6), st.integers(0, 3))


def _schedule(leads: tuple[int, ...]) -> Schedule:
    draft, ask, stories, submit, approve = leads
    return Schedule(
        draft_days_before=draft,
        ask_days_before=ask,
        stories_days_before=stories,
        submit_days_before=submit,
        approve_days_before=approve,
        approve_time="12:00",
    )


def _issue(status: CampaignStatus, day: date, time: str, zone: str) -> Campaign:
    return Campaign(status=status, send_wall=f"{day.isoformat()}T{time}", send_zone=zone)


def _moments(campaign: Campaign, schedule: Schedule, **more: datetime) -> dict[StepKey, datetime]:
    held_at = more.get("held_at")
    return moments_of(campaign, schedule, held_at=held_at, zone=UK, calendar=_CALENDAR)


@given(_DAYS, _TIMES, _ZONES, _LEADS)
def test_every_step_before_a_send_is_before_it_and_its_key_fits(
    day: date, time: str, zone: str, leads: tuple[int, ...]
) -> None:
    issue = _issue(CampaignStatus.DRAFT, day, time, zone)
    found = _moments(issue, _schedule(leads))

    at = issue.goes_out_at
    assert at is not None
    assert all(len(key.occurrence) <= 40 for key in found)
    assert at - found[StepKey(StepKind.SOON, issue.send_wall or "")] == timedelta(minutes=15)
    nudges = [due for key, due in found.items() if key.kind is StepKind.NUDGE]
    assert len(set(nudges)) == 2
    assert nudges == sorted(nudges)
    assert nudges[-1] < at


@given(_DAYS, _DAYS, _TIMES, _LEADS)
def test_steps_for_one_day_are_never_those_for_another(
    one: date, other: date, time: str, leads: tuple[int, ...]
) -> None:
    first, second = (
        _moments(_issue(CampaignStatus.SCHEDULED, day, time, UK), _schedule(leads))
        for day in (one, other)
    )

    assert (first.keys() == second.keys()) is (one == other)
    assert one == other or not first.keys() & second.keys()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.integers(0, 16))  # noqa: DTZ001
def test_so_many_working_hours_are_left(wall: datetime, hours: int) -> None:
    moment = wall.replace(tzinfo=UTC)
    begins = working_hours_before(moment, hours, UK, _CALENDAR)

    assert begins <= moment
    left = _CALENDAR.working_hours_between(begins, moment, UK)
    assert left == timedelta(hours=hours)
    assert hours == 0 or _CALENDAR.is_working_day(wall_of(begins, UK).date())


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_reminders_of_what_is_held_end_after_days(wall: datetime) -> None:
    held_at = wall.replace(tzinfo=UTC)
    issue = _issue(CampaignStatus.HELD, wall.date(), "10:00", UK)
    found = _moments(issue, _schedule((21, 18, 9, 4, 1)), held_at=held_at)

    mornings = [due for key, due in found.items() if " day " in key.occurrence]
    assert len(found) == 8
    assert all(wall_of(each, UK).hour == 9 for each in mornings)
    assert all(a < b for a, b in pairwise(mornings))
    assert min(mornings) > held_at
    assert instant_of(f"{wall_of(mornings[0], UK):%Y-%m-%dT09:00}", UK) == mornings[0]
