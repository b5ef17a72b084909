"""The form of schedules: its dates before anything is kept, and times that do not exist."""

import re
from typing import Any, Final

import pytest
from sqlalchemy import select

from contacts.models import Newsletter, Segment
from contacts.permission.newsletters import add_newsletter
from mailer.accounts import operators
from mailer.bootstrap import Mailer
from mailer.campaigns.starting import templates
from mailer.models import Campaign, Operator, Power, Schedule, Step, StepKind
from tests.factories import TESTER, Cast
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.hostile import forms_of

_FORM = {
    "newsletter": "members-update",
    "segment": "",
    "rule": "weekday",
    "nth": "2",
    "weekday": "1",
    "day": "1",
    "time": "10:00",
    "months": "1",
    "starts_on": "",
    "shift": "next",
    "draft_days_before": "21",
    "ask_days_before": "18",
    "stories_days_before": "9",
    "submit_days_before": "4",
    "approve_days_before": "1",
    "approve_time": "12:00",
    "late_hours": "4",
    "approvals_needed": "one",
    "unapproved": "hold",
    "subject": "Members' Update, {month} {year}",
}


_FRIDAYS: Final = ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "the last Friday, every 3 months")


def _send(editor: Browser, to: str = "", **changes: Any) -> Any:
    return editor.submit("/schedules/new", {**_FORM, **changes}, to=to)


def test_the_next_six_dates_are_shown_before_anything_is_kept(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    answer = _send(editor, to="/schedules/dates")

    dates = answer.text.partition('<ol class="dates"')[2].partition("</ol>")[0]
    assert dates.count("<time datetime=") == 6
    assert dates.count("Tue ") == 6
    assert dates.count("10:00 GMT") + dates.count("10:00 BST") == 6
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule)).all() == []


def test_a_schedule_is_made_and_waits_for_its_first_draft(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    seen = visible_text(_send(editor))

    assert "now comes round the second Tuesday of every month at 10:00 UK time." in seen
    assert "Comes round the second Tuesday of every month at 10:00 UK time" in seen
    assert "Goes to everyone on Members' Update" in seen
    with mailer.database.reading() as session:
        schedule = session.scalars(select(Schedule)).one()
        step = session.scalars(select(Step).where(Step.kind == StepKind.DRAFT)).one()
        template = session.get_one(Campaign, schedule.template_id)
    assert step.subject_id == schedule.id
    assert [block["type"] for block in template.document["blocks"]] == ["masthead", "footer"]


def test_a_day_of_the_month_and_a_segment_are_kept(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        now = mailer.clock()
        rules = {"match": "all", "rules": []}
        session.add(
            Segment(slug="all", name="All of them", rules=rules, created_at=now, updated_at=now)
        )

    seen = visible_text(_send(editor, rule="day", day="-1", time="16:30", segment="all"))

    assert "the last day of every month at 16:30" in seen
    assert "Goes to All of them , of those on it" in seen
    again = editor.get("/schedules/1").text
    assert 'value="-1" selected' in again
    assert 'value="all" selected' in again
    assert re.search(r'id="rule-day"\s+name="rule"\s+value="day"\s+checked', again)


def test_what_clocks_do_at_its_time_is_said_before_and_after_it_is_saved(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    often = {"rule": "weekly", "day_of_week": "6", "time": "01:30"}
    shown = visible_text(_send(editor, to="/schedules/dates", **often))
    saved = visible_text(_send(editor, **often))

    for seen in (shown, saved):
        assert "clocks go forward over 01:30 on that day: it goes out at 02:30 BST." in seen
        assert "clocks show 01:30 twice on that day: it goes out once, at the first" in seen
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule.time)).one() == "01:30"


def test_an_invalid_form_is_answered_with_sentences_and_never_with_an_error_page(
    cast: Cast, editor: Browser
) -> None:
    for changes in (
        {"time": "25:99"},
        {"time": ""},
        {"draft_days_before": "many"},
        {"draft_days_before": "400"},
        {"subject": ""},
    ):
        answer = _send(editor, **changes)
        assert answer.status_code == 422, changes
        assert "There is a problem" in visible_text(answer), changes


def test_a_schedule_is_paused_and_resumed(mailer: Mailer, cast: Cast, editor: Browser) -> None:
    _send(editor)
    paused = visible_text(editor.submit("/schedules/", to="/schedules/1/pause"))
    with mailer.database.reading() as session:
        waiting = session.scalars(select(Step)).all()
    resumed = visible_text(editor.submit("/schedules/", to="/schedules/1/resume"))

    assert "Paused" in paused
    assert waiting == []
    assert "Running" in resumed
    assert "Next draft" in resumed


def test_the_page_of_no_schedules_says_how_to_make_one(editor: Browser) -> None:
    assert "Make the first one: monthly, the second Tuesday, 10:00." in visible_text(
        editor.get("/schedules/")
    )


def test_what_is_saved_after_a_look_at_the_dates_is_kept(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    """The page of the dates says where its form goes: not back to the dates."""
    _send(editor)
    with mailer.database.reading() as session:
        number = session.scalars(select(Schedule.id)).one()

    seen = editor.submit(f"/schedules/{number}", _FORM, to=f"/schedules/{number}/dates")
    action = re.search(r'<form method="post" action="([^"]+)"', seen.text.partition("<main")[2])
    assert action
    saved = editor.submit(f"/schedules/{number}", {**_FORM, "subject": "Other"}, to=action[1])

    assert "Saved." in visible_text(saved)
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule.subject)).one() == "Other"


def test_a_segment_that_is_not_there_is_not_taken_for_everybody(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    answer = _send(editor, segment="gone", subject="Kept words")

    assert answer.status_code == 422
    assert "That segment is no longer there." in visible_text(answer)
    assert 'value="Kept words"' in answer.text
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule)).all() == []


@pytest.mark.parametrize(
    ("chosen", "rrule", "words"),
    [
        ({"rule": "weekday", "nth": "-1", "weekday": "4", "months": "3"}, *_FRIDAYS),
        (
            {"rule": "day", "day": "15"},
            "FREQ=MONTHLY;BYMONTHDAY=15",
            "day 15 of every month",
        ),
        (
            {"rule": "working", "working": "-1"},
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "the last working day of every month",
        ),
        (
            {"rule": "weekly", "day_of_week": "1", "weeks": "2"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "Tuesday, every 2 weeks",
        ),
    ],
)
def test_every_rule_is_kept_and_its_form_says_it_again(
    mailer: Mailer, cast: Cast, editor: Browser, chosen: dict[str, str], rrule: str, words: str
) -> None:
    seen = visible_text(_send(editor, **chosen))
    with mailer.database.reading() as session:
        kept = session.scalars(select(Schedule)).one()
    again = editor.get("/schedules/1").text
    form = next(each for each in forms_of("/schedules/1", again) if "rule" in each.values)
    saved = editor.submit("/schedules/1", {**_FORM, **chosen})

    assert words in seen
    assert kept.rrule == rrule
    assert re.search(rf'id="rule-{chosen["rule"]}"[^>]*\bchecked', again)
    menus = {name: value for name, value in chosen.items() if name != "rule"}
    assert {name: form.values[name] for name in menus} == menus
    assert "Saved." in visible_text(saved)
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule.rrule)).one() == rrule


def test_people_lead_times_and_what_is_pulled_in_are_kept(
    mailer: Mailer, cast: Cast, approver: Browser
) -> None:
    with mailer.database.reading() as session:
        me = session.scalars(select(Operator.id)).first()
    _send(
        approver,
        owner_id=str(me),
        approvers=str(me),
        approvals_needed="all",
        asks="quiet",
        asks_quiet_months="3",
        pulls_in=["events", "posts"],
        shift="ask",
        unapproved="skip",
        submit_days_before="5",
        approve_time="09:30",
        late_hours="2",
    )

    with mailer.database.reading() as session:
        kept = session.scalars(select(Schedule)).one()
        assert (kept.owner_id, [each.id for each in kept.approvers]) == (me, [me])
        assert (kept.asks, kept.asks_quiet_months) == ("quiet", 3)
        assert (kept.approvals_needed, kept.shift, kept.unapproved) == ("all", "ask", "skip")
        assert (kept.submit_days_before, kept.approve_time, kept.late_hours) == (5, "09:30", 2)
        assert kept.pulls_in == ["events", "posts"]


def test_a_template_of_the_newsletter_is_chosen_and_none_of_another(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        own = session.get_one(Newsletter, cast.newsletter)
        other = add_newsletter(
            session,
            slug="events",
            name="Events",
            from_name="N",
            from_address="n@network.example",
            postal_address="1 Commons Row",
            now=mailer.clock(),
        )
        made = [
            templates.make(session, each, name, actor=TESTER, now=mailer.clock()).id
            for each, name in ((own, "Short"), (own, "Long"), (other, "Theirs"))
        ]
    first, second, theirs = made

    refused = _send(editor, template=str(theirs))
    _send(editor, template=str(second))
    kept_on = editor.submit("/schedules/1", _FORM)  # a page that says nothing of it
    with mailer.database.reading() as session:
        kept = session.scalars(select(Schedule.template_id)).one()
    editor.submit("/schedules/1", {**_FORM, "template": str(first)})

    assert "Choose a template of the newsletter." in visible_text(refused)
    assert "Saved." in visible_text(kept_on)
    assert kept == second
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule.template_id)).one() == first
    page = editor.get("/schedules/1").text
    assert "Long" in page
    assert "Theirs" not in page


def test_somebody_who_has_left_cannot_be_chosen_and_is_told_of(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        marc = operators.create(
            session,
            email="marc@network.example",
            name="Marc Bell",
            power=Power.APPROVER,
            actor=TESTER,
            now=mailer.clock(),
        )
    _send(editor, approvers=str(marc.id))
    with mailer.database.writing() as session:
        operators.remove(session, marc.email, actor=TESTER, now=mailer.clock())

    told = "Marc Bell, an approver, has left: choose somebody else."
    assert told in visible_text(editor.get("/schedules/"))
    assert told in visible_text(editor.get("/schedules/1"))
    refused = editor.submit("/schedules/1", {**_FORM, "approvers": str(marc.id)})
    assert refused.status_code == 422
    assert "Choose approvers of the list" in visible_text(refused)


def test_the_month_stands_beside_the_form_with_today_in_it(cast: Cast, editor: Browser) -> None:
    seen = visible_text(_send(editor, to="/schedules/dates")).partition("day by day")[2]

    order = [seen.index(words) for words in ("Draft made", "Submit by", "Approve by", "Goes out")]
    assert order == sorted(order)
    assert "Today" in seen


def test_another_newsletter_within_the_hour_is_warned_of_when_it_is_saved(
    mailer: Mailer, cast: Cast, editor: Browser
) -> None:
    with mailer.database.writing() as session:
        add_newsletter(
            session,
            slug="events",
            name="Events",
            from_name="Network",
            from_address="events@network.example",
            now=mailer.clock(),
        )
    _send(editor)
    saved = visible_text(_send(editor, newsletter="events", time="10:30"))

    assert "Events now comes round" in saved
    assert "Members' Update goes out within the same hour" in saved


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "2026-W50-1"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"owner_id": "999"}, "owner_id"),
        ({"backup_id": "x"}, "backup_id"),
        ({"approvers": "999999999999"}, "approvers"),
        ({"approve_time": "noon"}, "approve_time"),
        ({"ask_days_before": "22"}, "ask_days_before"),
        ({"stories_days_before": "19"}, "stories_days_before"),
        ({"submit_days_before": "0"}, "submit_days_before"),
        ({"late_hours": "-4"}, "late_hours"),
        ({"shift": "sideways"}, "shift"),
        ({"unapproved": "send"}, "unapproved"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    mailer: Mailer, cast: Cast, editor: Browser, changes: dict[str, str], field: str
) -> None:
    answer = _send(editor, **changes)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert _send(editor, to="/schedules/dates", **changes).status_code == 200
    with mailer.database.reading() as session:
        assert session.scalars(select(Schedule)).all() == []
