"""Schedules at work: the draft is made once, and goes out only as it was approved, once."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Newsletter
from mailer.campaigns import approval, editing, schedules, sending
from mailer.campaigns import due as steps
from mailer.campaigns.checks.running import held_back_by
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday, Rule
from mailer.clock import UK
from mailer.models import (
    Campaign,
    CampaignKind,
    CampaignStatus,
    Schedule,
)
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
