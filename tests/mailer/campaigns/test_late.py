"""How long an approval that comes late still sends, and which times are offered instead."""

from datetime import UTC, datetime, timedelta

import pytest

from mailer.campaigns.deciding import times_for
from mailer.campaigns.late import within_the_window

LONDON = "Europe/London"
TUESDAY = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("planned", "now", "within"),
    [
        (TUESDAY, TUESDAY, True),
        (TUESDAY, TUESDAY + timedelta(hours=4), True),
        (TUESDAY, TUESDAY + timedelta(hours=4, minutes=1), False),
        (TUESDAY, TUESDAY - timedelta(minutes=1), False),  # its time is to come
        # Friday at 16:00: one hour that day, none at the weekend, three on Monday
        (datetime(2026, 12, 11, 16, tzinfo=UTC), datetime(2026, 12, 13, 20, tzinfo=UTC), True),
        (datetime(2026, 12, 11, 16, tzinfo=UTC), datetime(2026, 12, 14, 12, tzinfo=UTC), True),
        (datetime(2026, 12, 11, 16, tzinfo=UTC), datetime(2026, 12, 14, 12, 1, tzinfo=UTC), False),
        (datetime(2020, 1, 1, tzinfo=UTC), TUESDAY, False),
    ],
)
def test_four_working_hours_are_the_late_window(
    planned: datetime, now: datetime, within: bool
) -> None:
    assert within_the_window(planned, now=now, zone=LONDON) is within


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (TUESDAY, ["2026-12-08T14:00", "2026-12-09T10:00", "2026-12-15T10:00"]),
        (TUESDAY + timedelta(hours=5), ["2026-12-09T10:00", "2026-12-15T10:00"]),
        (TUESDAY - timedelta(days=1), ["2026-12-07T14:00", "2026-12-08T10:00"]),
        (TUESDAY + timedelta(days=3), ["2026-12-11T14:00", "2026-12-15T10:00"]),  # Friday
    ],
)
def test_times_to_come_on_working_days_are_offered(now: datetime, offered: list[str]) -> None:
    assert [each.wall for each in times_for(now, zone=LONDON)] == offered
