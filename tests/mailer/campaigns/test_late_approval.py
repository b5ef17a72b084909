"""How long an approval that comes late still sends, and which times are offered instead."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts.database import Database
from mailer.campaigns.deciding import times_for
from mailer.campaigns.editing import find
from mailer.campaigns.planning.late import within_the_window
from mailer.network.working_days import OwnDays, WorkingDays
from tests.factories import a_campaign, a_newsletter

LONDON = "Europe/London"
TUESDAY = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 12, 11, 16, tzinfo=UTC)
CHRISTMAS_EVE = datetime(2026, 12, 24, 16, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("planned", "now", "within"),
    [
        (TUESDAY, TUESDAY, True),
        (TUESDAY, TUESDAY + timedelta(hours=4), True),
        (TUESDAY, TUESDAY + timedelta(hours=4, minutes=1), False),
        (TUESDAY, TUESDAY - timedelta(minutes=1), False),  # its time is to come
        # Friday at 16:00: one hour that day, none at the weekend, three on Monday
        (FRIDAY, FRIDAY + timedelta(days=2, hours=4), True),
        (FRIDAY, datetime(2026, 12, 14, 12, tzinfo=UTC), True),
        (FRIDAY, datetime(2026, 12, 14, 12, 1, tzinfo=UTC), False),
        # one hour on Christmas Eve, and no more before Tuesday, after a holiday that is made up for
        (CHRISTMAS_EVE, datetime(2026, 12, 29, 12, tzinfo=UTC), True),
        (CHRISTMAS_EVE, datetime(2026, 12, 29, 12, 1, tzinfo=UTC), False),
    ],
)
def test_four_working_hours_are_the_late_window(
    database: Database, planned: datetime, now: datetime, within: bool
) -> None:
    with database.writing() as session:
        issue = find(session, a_campaign(session, a_newsletter(session).id).id)
        issue.send_wall, issue.send_zone = f"{planned:%Y-%m-%dT%H:%M}", "UTC"

        assert within_the_window(session, issue, now=now) is within


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (TUESDAY, ["2026-12-08T14:00", "2026-12-09T10:00", "2026-12-15T10:00"]),
        (TUESDAY + timedelta(hours=5), ["2026-12-09T10:00", "2026-12-15T10:00"]),
        (TUESDAY - timedelta(days=1), ["2026-12-07T14:00", "2026-12-08T10:00"]),
        (TUESDAY + timedelta(days=3), ["2026-12-11T14:00", "2026-12-15T10:00"]),  # Friday
        (CHRISTMAS_EVE - timedelta(hours=4), ["2026-12-24T14:00", "2026-12-29T10:00"]),
    ],
)
def test_times_to_come_on_working_days_are_offered(now: datetime, offered: list[str]) -> None:
    found = times_for(now, zone=LONDON, calendar=WorkingDays())

    assert [each.wall for each in found] == offered


def test_no_time_is_offered_on_a_day_off_of_the_network() -> None:
    quiet = OwnDays(date(2026, 12, 9), date(2026, 12, 9), "Moving house")

    found = times_for(TUESDAY, zone=LONDON, calendar=WorkingDays(own=(quiet,)))

    assert [each.wall for each in found] == ["2026-12-08T14:00", "2026-12-15T10:00"]
