"""Schedules at work: the draft is made once, and goes out only as it was approved, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Newsletter
from mailer.accounts import operators
from mailer.campaigns import approval, editing, schedules, sending, timing
from mailer.campaigns import due as steps
from mailer.campaigns.checks.running import held_back_by
from mailer.campaigns.planning.plans import Plan, problems
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import DayOfMonth, NthWeekday, Rule, Weekly, WorkingDay
from mailer.clock import UK
from mailer.models import (
    ApprovalsNeeded,
    Campaign,
    CampaignKind,
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
from mailer.worker.steps_at_work import take_step
from tests.factories import TESTER, TOKENS, a_campaign, a_cast, a_document

_MADE: Final = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
_DRAFTED: Final = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)  # 21 days before
_DUE: Final = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)


def _at(time: str, rule: Rule) -> Recurrence:
    return Recurrence(rule, time, UK, date(2026, 1, 1))


_TUESDAY: Final = _at("10:00", NthWeekday(2, 1))


def _plan(comes: Recurrence = _TUESDAY, **more: object) -> Plan:
    values = {"segment_id": None, "draft_days_before": 21, "subject": "Update, {month} {year}"}
    return Plan(comes, **{**values, **more})  # type: ignore[arg-type]  # values of a form


def _scheduled(session: Session, plan: Plan | None = None, *, now: datetime = _MADE) -> Schedule:
    """A schedule made on the first of November, when that month's day is still ahead."""
    cast = a_cast(session)
    newsletter = session.get_one(Newsletter, cast.newsletter)
    return schedules.make(session, newsletter, plan or _plan(), now=now)


def _run(database: Database, now: datetime) -> list[str]:
    """What the sweep does at ``now``, until nothing is due: the outcomes."""
    outcomes: list[str] = []
    while True:
        with database.reading() as session:
            due = steps.due(session, now=now)
        if not due:
            return outcomes
        for step_id in due:
            with database.writing() as session:
                outcomes.append(
                    take_step(session, step_id, gate=Gate.OPEN, site="", tokens=TOKENS, now=now)
                    or ""
                )


def _issues(database: Database) -> list[Campaign]:
    with database.reading() as session:
        made = select(Campaign).where(Campaign.kind != CampaignKind.TEMPLATE)
        return list(session.scalars(made.order_by(Campaign.occurrence)))


def _write_and_approve(database: Database, campaign_id: int, now: datetime) -> None:
    with database.writing() as session:
        editing.edit(session, campaign_id, document=a_document(), actor=TESTER, now=now)
        issue = editing.find(session, campaign_id)
        approval.approve(
            session, campaign_id, version=issue.version, actor=TESTER, gate=Gate.OPEN, now=now
        )


def _the_december_draft(database: Database) -> int:
    # Made after November's day, so December's draft is the first.
    with database.writing() as session:
        _scheduled(session, now=datetime(2026, 11, 11, tzinfo=UTC))
    _run(database, _DRAFTED)
    (issue,) = _issues(database)
    return issue.id


def test_a_draft_is_made_once_so_many_days_before_with_its_name_subject_and_time(
    database: Database,
) -> None:
    with database.writing() as session:
        _scheduled(session, now=datetime(2026, 11, 11, tzinfo=UTC))
    early = _run(database, _DRAFTED - timedelta(minutes=1))
    on_time = _run(database, _DRAFTED)
    again = _run(database, _DRAFTED + timedelta(minutes=1))

    (issue,) = _issues(database)
    assert (early, len(on_time), again) == ([], 1, [])
    assert (issue.name, issue.subject) == (
        "Members' Update, December 2026",
        "Update, December 2026",
    )
    assert (issue.send_wall, issue.send_zone, issue.slug) == ("2026-12-08T10:00", UK, "2026-12")
    assert issue.status is CampaignStatus.DRAFT
    masthead = issue.document["blocks"][0]
    assert (masthead["type"], masthead["date"]) == ("masthead", "December 2026")


def test_the_draft_of_one_occurrence_is_never_made_twice(database: Database) -> None:
    issue_id = _the_december_draft(database)
    with database.writing() as session:
        issue = session.get_one(Campaign, issue_id)
        assert issue.schedule_id
        assert issue.occurrence
        made = schedules.make_draft(session, issue.schedule_id, issue.occurrence, now=_DRAFTED)

    assert made is None
    assert len(_issues(database)) == 1


def test_the_next_draft_follows_by_itself_month_after_month(database: Database) -> None:
    with database.writing() as session:
        _scheduled(session)
    for days in range(400):
        _run(database, _MADE + timedelta(days=days))

    occurrences = [issue.occurrence or "" for issue in _issues(database)]
    assert occurrences[:3] == ["2026-11-10T10:00", "2026-12-08T10:00", "2027-01-12T10:00"]
    assert len(occurrences) == len({each[:7] for each in occurrences}) == 14


def test_an_issue_nobody_approved_is_held_and_not_sent(database: Database) -> None:
    issue_id = _the_december_draft(database)

    outcome = _run(database, _DUE)

    (issue,) = _issues(database)
    assert outcome == ["held: It wasn't approved by 10:00 GMT."]
    assert (issue.id, issue.status) == (issue_id, CampaignStatus.HELD)
    assert issue.trouble == "It wasn't approved by 10:00 GMT."
    assert issue.started_at is None


def test_the_approved_version_goes_out_on_time(database: Database) -> None:
    issue_id = _the_december_draft(database)
    _write_and_approve(database, issue_id, _DRAFTED + timedelta(days=1))

    before = _run(database, _DUE - timedelta(seconds=1))
    outcome = _run(database, _DUE)

    (issue,) = _issues(database)
    assert (before, outcome) == ([], ["sent on time"])
    assert issue.status is CampaignStatus.SENDING
    assert issue.sent_version == issue.approved_version == issue.version


def test_an_edit_after_the_approval_holds_it(database: Database) -> None:
    issue_id = _the_december_draft(database)
    _write_and_approve(database, issue_id, _DRAFTED + timedelta(days=1))
    with database.writing() as session:
        editing.edit(
            session,
            issue_id,
            subject="One more thing",
            actor=TESTER,
            now=_DUE - timedelta(minutes=5),
        )

    outcome = _run(database, _DUE)

    lapsed = "Approval was for version 1. Version 2 needs approving."
    assert outcome == [f"held: It wasn't approved by 10:00 GMT. {lapsed}"]
    assert _issues(database)[0].status is CampaignStatus.HELD


@pytest.mark.parametrize(
    ("late", "outcome", "status"),
    [
        (timedelta(minutes=23), "sent 23 minutes late: the server was away", "sending"),
        (timedelta(minutes=60), "sent 60 minutes late: the server was away", "sending"),
        (
            timedelta(minutes=61),
            "held: The server was away at 10:00 GMT and came back more than an hour later.",
            "held",
        ),
        (
            timedelta(days=3),
            "held: The server was away at 10:00 GMT and came back more than an hour later.",
            "held",
        ),
    ],
)
def test_after_an_outage_a_planned_issue_is_sent_within_the_hour_and_held_later(
    database: Database, late: timedelta, outcome: str, status: str
) -> None:
    issue_id = _the_december_draft(database)
    _write_and_approve(database, issue_id, _DRAFTED + timedelta(days=1))

    outcomes = _run(database, _DUE + late)
    again = _run(database, _DUE + late + timedelta(minutes=1))

    assert outcomes == [outcome]
    assert again == []
    assert _issues(database)[0].status == status


def test_an_issue_launched_by_hand_is_not_sent_again_at_its_planned_time(
    database: Database,
) -> None:
    issue_id = _the_december_draft(database)
    _write_and_approve(database, issue_id, _DRAFTED)
    with database.writing() as session:
        sending.launch(
            session, issue_id, actor=TESTER, gate=Gate.OPEN, now=_DUE - timedelta(hours=1)
        )

        # A step that was taken just before would come here.
        late = schedules.launch_or_hold(session, issue_id, due_at=_DUE, gate=Gate.OPEN, now=_DUE)

    assert late == "nothing to do: sending"
    assert _run(database, _DUE) == []


def test_two_sweeps_take_a_step_once(database: Database) -> None:
    issue_id = _the_december_draft(database)
    _write_and_approve(database, issue_id, _DRAFTED)
    with database.reading() as session:
        (step_id,) = steps.due(session, now=_DUE)

    with database.writing() as session:
        first = take_step(session, step_id, gate=Gate.OPEN, site="", tokens=TOKENS, now=_DUE)
    with database.writing() as session:
        second = take_step(session, step_id, gate=Gate.OPEN, site="", tokens=TOKENS, now=_DUE)

    assert (first, second) == ("sent on time", None)


def test_months_missed_in_a_long_silence_are_not_made_up_for(database: Database) -> None:
    with database.writing() as session:
        _scheduled(session)

    _run(database, datetime(2027, 5, 20, tzinfo=UTC))

    assert [issue.occurrence for issue in _issues(database)] == ["2027-06-08T10:00"]


def test_a_paused_schedule_makes_nothing_and_goes_on_with_the_next_month(
    database: Database,
) -> None:
    with database.writing() as session:
        schedule = _scheduled(session, now=datetime(2026, 11, 11, tzinfo=UTC))
        schedules.switch(session, schedule, active=False, now=_MADE)
        schedule_id = schedule.id
    _run(database, datetime(2027, 1, 20, tzinfo=UTC))
    paused = _issues(database)
    with database.writing() as session:
        schedule = session.get_one(Schedule, schedule_id)
        schedules.switch(session, schedule, active=True, now=datetime(2027, 1, 20, tzinfo=UTC))
    _run(database, datetime(2027, 1, 20, tzinfo=UTC))

    assert paused == []
    assert [issue.occurrence for issue in _issues(database)] == ["2027-02-09T10:00"]


def test_a_changed_rule_gives_no_month_a_second_issue(database: Database) -> None:
    """December has its draft for the 8th; the third Tuesday would be the 15th."""
    issue_id = _the_december_draft(database)
    with database.writing() as session:
        issue = session.get_one(Campaign, issue_id)
        schedule = session.get_one(Schedule, issue.schedule_id)
        third = _at("14:00", NthWeekday(3, 1))
        schedules.change(session, schedule, _plan(third), now=_DRAFTED)
    for days in range(60):
        _run(database, _DRAFTED + timedelta(days=days))

    assert [issue.occurrence for issue in _issues(database)] == [
        "2026-12-08T10:00",
        "2027-01-19T14:00",
    ]


def test_the_draft_starts_from_the_frame_of_the_newest_issue(database: Database) -> None:
    masthead = {"id": "m", "type": "masthead", "title": "The Update", "date": "October 2026"}
    text = {"id": "t", "type": "text", "text": "Last month's words."}
    with database.writing() as session:
        cast = a_cast(session)
        a_campaign(session, cast.newsletter, a_document(masthead, text))
        newsletter = session.get_one(Newsletter, cast.newsletter)
        schedule = schedules.make(session, newsletter, _plan(), now=_MADE)

        template = session.get_one(Campaign, schedule.template_id)

        assert template.document == {"version": 1, "blocks": [masthead]}


def test_the_frame_of_a_first_issue_can_be_sent_once_something_is_written(
    database: Database,
) -> None:
    issue_id = _the_december_draft(database)
    with database.writing() as session:
        issue = editing.find(session, issue_id)
        blocks = [*issue.document["blocks"], a_document()["blocks"][0]]
        document = {"version": 1, "blocks": blocks}
        editing.edit(session, issue_id, document=document, actor=TESTER, now=_DRAFTED)

        found = held_back_by(session, editing.find(session, issue_id), gate=Gate.OPEN, now=_DRAFTED)
        assert [each.code for each in found if each.code != "AUD1"] == []


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
