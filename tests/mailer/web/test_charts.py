"""Charts as the server draws them: columns as high as their numbers, below a round scale."""

from datetime import UTC, datetime

import pytest

from mailer.reports.clicking import ClickHours, Span
from mailer.web.admin.reports.clicks import by_hour
from mailer.web.charts import columns

BEGAN = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)


def test_columns_stand_on_the_line_and_are_as_high_as_their_numbers() -> None:
    chart = columns([("10:00", 30), ("", 0), ("12:00", 15)], width=410, height=190)

    high, none, half = chart.columns
    assert {round(each.y + each.height, 1) for each in chart.columns} == {chart.base}
    assert half.height == pytest.approx(high.height / 2)
    assert none.height == 0
    assert high.x < none.x < half.x
    assert half.x + half.width <= chart.width


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 3), (3, 3), (4, 6), (41, 60), (150, 150), (1_204, 1_500)]
)
def test_the_scale_is_round_and_reaches_the_highest(highest: int, top: int) -> None:
    lines = columns([("", highest)], width=100, height=100).lines

    assert lines[0][1] == 0
    assert lines[-1][1] == top
    assert all(y >= 0 for y, _ in lines)


def test_the_scale_has_room_for_its_longest_number() -> None:
    few, many = (columns([("", most)], width=400, height=190) for most in (41, 12_000))

    assert few.left == 26
    assert many.lines[-1][1] == 15_000
    assert many.left - 6 >= 7 * len("15,000")
    assert many.columns[0].x >= many.left


def test_the_sentence_of_the_hours_says_when_half_had_clicked() -> None:
    people = [34, 41, 22, *[3] * 21]

    found = by_hour(ClickHours(BEGAN, people, later=9), width=410, zone="Europe/London")

    assert found is not None
    assert (
        found.finding == "97 of the 160 people who clicked in the first 24 hours did so by 13:00."
    )
    assert found.rows[0] == ("Tue 8 Dec 10:00", 34)
    assert sum(number for _, number in found.rows) == 160
    assert [each.words for each in found.chart.columns[:5]] == ["10:00", "", "", "", "14:00"]


def test_hours_without_a_click_are_no_chart() -> None:
    assert by_hour(None, width=410, zone="Europe/London") is None
    assert by_hour(ClickHours(BEGAN, [0] * 24, later=3), width=410, zone="Europe/London") is None


def test_a_week_is_drawn_in_quarters_of_days_by_the_clocks_of_the_network() -> None:
    people = [10, 30, 5, *[0] * 24, 3]

    found = by_hour(
        ClickHours(BEGAN, people, later=0, span=Span.WEEK), width=830, zone="Europe/Berlin"
    )

    assert found is not None
    assert found.finding == (
        "40 of the 48 people who clicked in the first 7 days did so by Tuesday 23:00."
    )
    assert found.rows == [
        ("Tue 8 Dec 11:00", 10),
        ("Tue 8 Dec 17:00", 30),
        ("Tue 8 Dec 23:00", 5),
        ("Tue 15 Dec 05:00", 3),
    ]
    assert [each.words for each in found.chart.columns if each.words][:2] == ["Tue 8", "Wed 9"]
