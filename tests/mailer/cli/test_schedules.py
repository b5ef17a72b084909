"""``flask schedules`` and ``flask days``: dates as JSON, refusals as one sentence."""

import pytest
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Newsletter
from mailer.campaigns import schedules
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.clock import UK
from tests.factories import NOW, a_cast
from tests.mailer.cli.test_network import Run, answer, run

__all__ = ["run"]


def _dates(run: Run, *arguments: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = answer(run("schedules", "dates", *arguments))["dates"]
    return found


def test_dates_of_a_rule_are_what_clocks_show_and_the_moment(run: Run) -> None:
    found = _dates(
        run,
        *("FREQ=MONTHLY;BYDAY=2TU", "--time", "10:00", "--zone", "Europe/London"),
        *("--from", "2026-11-01", "--count", "24"),
    )

    assert len(found) == 24
    assert found[0] == {"wall": "2026-11-10T10:00", "utc": "2026-11-10T10:00:00Z"}
    assert found[5] == {"wall": "2027-04-13T10:00", "utc": "2027-04-13T09:00:00Z"}


def test_the_first_day_counts_and_weeks_are_counted_from_it(run: Run) -> None:
    found = _dates(run, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "--from", "2026-11-10", "--count", "2")

    assert [each["wall"] for each in found] == ["2026-11-10T10:00", "2026-11-24T10:00"]


def test_a_time_that_clocks_skip_is_moved_and_one_they_repeat_is_there_once(run: Run) -> None:
    sundays = ("FREQ=WEEKLY;BYDAY=SU", "--time", "01:30", "--count", "3")

    spring = _dates(run, *sundays, "--from", "2027-03-21")
    autumn = _dates(run, *sundays, "--from", "2027-10-24")

    assert spring[1] == {
        "wall": "2027-03-28T02:30",
        "utc": "2027-03-28T01:30:00Z",
        "planned": "2027-03-28T01:30",
    }
    assert [each["utc"] for each in autumn] == [
        "2027-10-24T00:30:00Z",
        "2027-10-31T00:30:00Z",
        "2027-11-07T01:30:00Z",
    ]


def test_days_off_are_minded_where_it_is_asked_for(run: Run) -> None:
    rule = ("FREQ=MONTHLY;BYDAY=1MO", "--from", "2027-05-01", "--count", "1")
    answer(run("days", "add", "2027-05-04", "2027-05-05", "Away days", "--json"))

    plain, moved = _dates(run, *rule), _dates(run, *rule, "--shift", "next")

    assert plain[0]["wall"] == "2027-05-03T10:00"
    assert (moved[0]["wall"], moved[0]["planned"]) == ("2027-05-06T10:00", "2027-05-03T10:00")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("FREQ=DAILY",), "FREQ=MONTHLY or FREQ=WEEKLY"),
        (("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",), "BYMONTH can't be in the rule"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--zone", "Europe"), "no time zone called 'Europe'"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--zone", "x" * 400), "no time zone called"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--zone", "Mars/Olympus"), "no time zone called"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--time", "25:00"), "hours and minutes"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--from", "soon"), "is no day"),
        (("FREQ=MONTHLY;BYDAY=2TU", "--from", "9999-12-31"), "is no day"),
        (("FREQ=MONTHLY;INTERVAL=12;BYDAY=2TU", "--from", "8899-12-31", "--count", "1000"), "only"),
    ],
)
def test_what_cannot_come_round_is_one_sentence_on_standard_error(
    run: Run, arguments: tuple[str, ...], part: str
) -> None:
    done = run("schedules", "dates", *arguments)

    assert (done.exit_code, done.stdout) == (1, "")
    assert part in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_schedules_are_listed_with_their_rule_and_next_date(run: Run, database: Database) -> None:
    empty = run("schedules", "list").output
    with database.writing() as session:
        _a_schedule(session)

    (found,) = answer(run("schedules", "list", "--json"))["schedules"]
    said = run("schedules", "list").output

    assert empty == "There are no schedules.\n"
    assert found["rule"] == "FREQ=MONTHLY;BYDAY=2TU"
    assert found["next"]["wall"].endswith("T10:00")
    assert "members-update  the second Tuesday of every month at 10:00 (Europe/London)" in said


def test_days_off_are_listed_added_and_removed_and_holidays_worked(run: Run) -> None:
    shown = answer(run("network", "set", "--nation", "scotland", "--json"))
    worked = answer(run("days", "work", "2026-11-30", "--json"))
    added = run("days", "add", "2026-12-24", "2027-01-02", "Office closed", "--yearly").output
    listed = answer(run("days", "list", "--year", "2026", "--json"))
    said = run("days", "list", "--year", "2026").output
    removed = run("days", "remove", str(worked["id"])).output

    assert shown["nation"] == "scotland"
    assert added == "added 2: 2026-12-24 to 2027-01-02, every year, Office closed\n"
    assert {"day": "2026-11-30", "words": "St Andrew’s Day", "works": True} in listed[
        "bank_holidays"
    ]
    assert [each["yearly"] for each in listed["own"]] == [False, True]
    assert "Mon 2026-11-30  St Andrew’s Day, worked" in said
    assert removed.startswith("removed 1: 2026-11-30")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("add", "24 December", "2027-01-02", "Closed"), "year, month and day"),
        (("work", "2026-12-24"), "no bank holiday in England and Wales"),
        (("work", "soon"), "year, month and day"),
        (("remove", "7"), "no such days"),
    ],
)
def test_days_that_cannot_be_changed_are_one_sentence(
    run: Run, arguments: tuple[str, ...], part: str
) -> None:
    done = run("days", *arguments)

    assert done.exit_code == 1
    assert part in done.stderr


def _a_schedule(session: Session) -> None:
    cast = a_cast(session)
    comes = Recurrence(NthWeekday(2, 1), "10:00", UK, NOW.date())
    plan = Plan(comes, segment_id=None, draft_days_before=21, subject="News")
    newsletter = session.get_one(Newsletter, cast.newsletter)
    schedules.make(session, newsletter, plan, now=NOW)
