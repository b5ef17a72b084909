"""A pasted list of events becomes rows of a form, and no line of it is lost."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.listed_events import MOST_LINES, from_lines

TODAY = date(2026, 11, 27)
_WHOLE = {
    "start": "2026-12-09T10:00",
    "title": "CWB webinar",
    "place": "online",
    "link": "https://x.example/cwb",
}


@pytest.mark.parametrize(
    "line",
    [
        "9 Dec 10am – CWB webinar – online – https://x.example/cwb",
        "• Wed 9 December 2026, 10:00, CWB webinar, online, https://x.example/cwb.",
        "9/12/2026\t10:00\tCWB webinar\tonline\thttps://x.example/cwb",
        "CWB webinar\t9 Dec\t10am\tonline\thttps://x.example/cwb",
        "CWB webinar | online | 9 Dec 10am | https://x.example/cwb",
        "online - CWB webinar - 9 Dec at 10am (https://x.example/cwb)",
        "9 Dec 10am CWB webinar, online https://x.example/cwb",
        "9 Dec 10am: CWB webinar – online https://x.example/cwb",
    ],
)
def test_a_line_is_an_event_in_any_order(line: str) -> None:
    listed = from_lines(line, today=TODAY)

    assert listed.events == (_WHOLE,)
    assert listed.left == ()


def test_an_event_may_have_an_end_and_a_host() -> None:
    listed = from_lines(
        "9 Dec 10am - 12pm - Housing lab - with Aldmor - Town Hall, Millbridge\n"
        "9–11 Dec | Winter school | www.x.example/school",
        today=TODAY,
    )

    assert listed.events == (
        {
            "start": "2026-12-09T10:00",
            "end": "2026-12-09T12:00",
            "title": "Housing lab",
            "organiser": "Aldmor",
            "place": "Town Hall, Millbridge",
        },
        {
            "start": "2026-12-09",
            "end": "2026-12-11",
            "title": "Winter school",
            "link": "https://www.x.example/school",
        },
    )


def test_what_is_not_understood_is_kept() -> None:
    listed = from_lines("Date\tTitle\n\n9 Dec\tSoup\nsometime: cake\n9 Dec", today=TODAY)

    assert [event["title"] for event in listed.events] == ["Soup"]
    assert listed.left == ("Date\tTitle", "sometime: cake", "9 Dec")


@given(st.text(max_size=200))
def test_no_line_is_dropped(text: str) -> None:
    listed = from_lines(text, today=TODAY)

    lines = [line for line in text.splitlines() if line.strip()]
    assert len(listed.events) + len(listed.left) == len(lines)
    assert all(event["title"] and event["start"] for event in listed.events)


def test_a_list_too_long_is_kept_as_lines() -> None:
    listed = from_lines("9 Dec – Soup\n" * (MOST_LINES + 1), today=TODAY)

    assert len(listed.events) == MOST_LINES
    assert listed.left == ("9 Dec – Soup",)
