"""Plans of schedules: refused in words, moved by days off and clocks, kept with their people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from contacts.database import Database
from mailer.accounts import operators
from mailer.campaigns import schedules, timing
from mailer.campaigns.planning.plans import Plan, problems
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import DayOfMonth, NthWeekday, Weekly, WorkingDay
from mailer.clock import UK
from mailer.models import (
    ApprovalsNeeded,
    Campaign,
    CampaignStatus,
    Power,
    PullIn,
    Schedule,
    Shift,
    Step,
    StepKind,
    Unapproved,
)
from mailer.network import days_off
from mailer.network.days_off import DaysOffDetails
from mailer.settings.environment import Gate
from tests.factories import TESTER
from tests.mailer.campaigns.test_schedules import (
    _DRAFTED,
    _DUE,
    _MADE,
    _TUESDAY,
    _at,
    _issues,
    _plan,
    _run,
    _scheduled,
    _the_december_draft,
)


@pytest.mark.parametrize(
    ("plan", "field", "sentence"),
    [
        (_plan(_at("", DayOfMonth(1))), "time", "hours and minutes"),
        (_plan(_at("1:30", DayOfMonth(1))), "time", "hours and minutes"),
        (_plan(draft_days_before=61), "draft_days_before", "between 0 and 60"),
        (_plan(draft_days_before=-1), "draft_days_before", "between 0 and 60"),
        (_plan(submit_days_before=21), "submit_days_before", "between 0 and 20"),
        (_plan(late_hours=41), "late_hours", "between 0 and 40"),
        (_plan(draft_days_before=17), "ask_days_before", "once the draft is made"),
        (_plan(ask_days_before=8), "stories_days_before", "before they are asked for"),
        (_plan(approve_days_before=5), "submit_days_before", "submitted before it can be"),
        (_plan(approve_days_before=0), "approve_time", "It goes out at 10:00"),
        (_plan(approve_time="noon"), "approve_time", "hours and minutes"),
        (_plan(owner_id=1, backup_id=1), "backup_id", "somebody else"),
        (_plan(subject=" "), "subject", "subject"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_in_words(
    plan: Plan, field: str, sentence: str
) -> None:
    found = problems(plan, now=_MADE)

    assert [name for name, _ in found] == [field]
    assert sentence in found[0][1]


@pytest.mark.parametrize(
    "rule",
    [
        _TUESDAY,
        _at("10:00", DayOfMonth(31)),
        _at("01:30", NthWeekday(-1, 6)),
        _at("10:00", WorkingDay(-1, 3)),
        _at("10:00", Weekly(4, 2)),
        _at("01:30", NthWeekday(1, 6)),
    ],
)
def test_ordinary_plans_are_fine(rule: Recurrence) -> None:
    assert problems(_plan(rule), now=_MADE) == []


def test_one_step_waits_for_the_next_draft_whatever_is_changed(database: Database) -> None:
    with database.writing() as session:
        schedule = _scheduled(session)
        for nth in (1, 2, 3, 4, -1, 2):
            rule = _at("10:00", NthWeekday(nth, 1))
            schedules.change(session, schedule, _plan(rule), now=_MADE)
        waiting = session.scalar(
            select(func.count()).where(Step.kind == StepKind.DRAFT, Step.done_at.is_(None))
        )

    assert waiting == 1


def _made(database: Database, plan: Plan, *, since: datetime, until: datetime) -> list[Campaign]:
    """The issues that a schedule makes, looked at once a day."""
    with database.writing() as session:
        _scheduled(session, plan, now=since)
    for days in range((until - since).days + 1):
        _run(database, since + timedelta(days=days))
    return _issues(database)


def test_a_bank_holiday_moves_the_send_time_and_not_what_the_issue_is_known_by(
    database: Database,
) -> None:
    first_monday = _plan(_at("10:00", NthWeekday(1, 0)))
    since = datetime(2027, 4, 6, tzinfo=UTC)

    (issue,) = _made(database, first_monday, since=since, until=since + timedelta(days=20))

    assert (issue.occurrence, issue.send_wall) == ("2027-05-03T10:00", "2027-05-04T10:00")
    assert (issue.month, issue.slug) == ("2027-05", "2027-05")


def test_one_that_asks_is_made_without_a_time_and_says_why(database: Database) -> None:
    plan = _plan(_at("10:00", NthWeekday(1, 0)), shift=Shift.ASK)
    since = datetime(2027, 4, 6, tzinfo=UTC)

    (issue,) = _made(database, plan, since=since, until=since + timedelta(days=28))

    assert (issue.send_wall, issue.status) == (None, CampaignStatus.DRAFT)
    assert "Mon 3 May is Early May bank holiday." in (issue.trouble or "")
    with database.writing() as session:
        wall = "2027-05-05T10:00"
        now = since + timedelta(days=28)
        timing.plan(session, issue.id, wall=wall, zone=UK, actor=TESTER, gate=Gate.OPEN, now=now)
        assert session.get_one(Campaign, issue.id).trouble is None


def test_a_year_of_working_days_over_holidays_makes_each_issue_once(database: Database) -> None:
    with database.writing() as session:
        closed = DaysOffDetails("2026-12-24", "2027-01-02", "Office closed", yearly=True)
        days_off.add(session, closed, actor=TESTER, now=_MADE)
    plan = _plan(_at("10:00", Weekly(4)), draft_days_before=6, ask_days_before=6)
    plan = replace(plan, stories_days_before=5)

    issues = _made(database, plan, since=_MADE, until=_MADE + timedelta(days=365))

    planned = [issue.occurrence or "" for issue in issues]
    sent_on = [(issue.send_wall or "")[:10] for issue in issues]
    days = [datetime.fromisoformat(each) for each in planned]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}
    assert sent_on == sorted(set(sent_on))
    assert ("2026-12-25T10:00", "2027-01-04") in zip(planned, sent_on, strict=True)
    assert ("2027-01-01T10:00", "2027-01-05") in zip(planned, sent_on, strict=True)


def test_another_zone_or_holiday_makes_no_issue_twice(database: Database) -> None:
    issue_id = _the_december_draft(database)
    with database.writing() as session:
        day = DaysOffDetails("2026-12-08", "", "Away day")
        days_off.add(session, day, actor=TESTER, now=_DRAFTED)
        schedule = session.scalars(select(Schedule)).one()
        paris = replace(_TUESDAY, zone="Europe/Paris", time="09:00")
        schedules.change(session, schedule, _plan(paris), now=_DRAFTED)
    for days in range(40):
        _run(database, _DRAFTED + timedelta(days=days))

    first, second = _issues(database)
    assert (first.id, first.send_wall) == (issue_id, "2026-12-08T10:00")
    assert (second.occurrence, second.send_zone) == ("2027-01-12T09:00", "Europe/Paris")


def test_an_issue_nobody_approved_is_skipped_where_the_schedule_says_so(
    database: Database,
) -> None:
    with database.writing() as session:
        _scheduled(session, _plan(unapproved=Unapproved.SKIP), now=_MADE + timedelta(days=10))
    _run(database, _DRAFTED)

    outcome = _run(database, _DUE)

    (issue,) = _issues(database)
    assert outcome == ["skipped: It wasn't approved by 10:00 GMT."]
    assert (issue.status, issue.started_at) == (CampaignStatus.SKIPPED, None)


def test_a_time_that_clocks_skip_goes_out_by_as_much_later(database: Database) -> None:
    plan = _plan(_at("01:30", NthWeekday(-1, 6)), draft_days_before=18)
    since = datetime(2027, 3, 1, tzinfo=UTC)

    (issue,) = _made(database, plan, since=since, until=datetime(2027, 3, 20, tzinfo=UTC))

    assert (issue.occurrence, issue.send_wall) == ("2027-03-28T01:30", "2027-03-28T02:30")
    assert issue.goes_out_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_people_and_lead_times_are_kept_and_whoever_has_left_is_no_approver(
    database: Database,
) -> None:
    with database.writing() as session:
        schedule = _scheduled(session)
        asha, marc, jo = (
            operators.create(
                session,
                email=f"{name}@network.example",
                name=name.title(),
                power=Power.ADMIN,
                actor=TESTER,
                now=_MADE,
            )
            for name in ("asha", "marc", "jo")
        )
        operators.remove(session, jo.email, actor=TESTER, now=_MADE)
        plan = _plan(
            owner_id=asha.id,
            backup_id=marc.id,
            approver_ids=(marc.id, jo.id),
            approvals_needed=ApprovalsNeeded.ALL,
            late_hours=2,
            pulls_in=(PullIn.EVENTS,),
        )
        schedules.change(session, schedule, plan, now=_MADE)
    with database.reading() as session:
        kept = session.scalars(select(Schedule)).one()

        assert (kept.owner_id, kept.backup_id) == (asha.id, marc.id)
        assert [each.name for each in kept.approvers] == ["Marc"]
        assert kept.approvals_needed is ApprovalsNeeded.ALL
        assert (kept.late_hours, kept.pulls_in) == (2, ["events"])
