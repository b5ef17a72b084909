"""Dates as people type them, in British order, and what is said where they are unclear."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.text.typed_dates import read_span, read_typed, shown, wrong_with

TODAY = date(2026, 11, 27)  # a Friday


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9 Dec 10am", "2026-12-09T10:00"),
        ("Wed 9 December 2026, 10:00", "2026-12-09T10:00"),
        ("9/12/26 14.30", "2026-12-09T14:30"),
        ("09/12/2026", "2026-12-09"),
        ("9.12.2026 2.30 p.m.", "2026-12-09T14:30"),
        ("9th of December at 7pm", "2026-12-09T19:00"),
        ("December 9", "2026-12-09"),
        ("Dec 9 10am", "2026-12-09T10:00"),
        ("tomorrow 3pm", "2026-11-28T15:00"),
        ("today noon", "2026-11-27T12:00"),
        ("Tuesday 10am", "2026-12-01T10:00"),
        ("9 Rhagfyr 2026", "2026-12-09"),
        ("Dydd Mawrth 1 Rhagfyr", "2026-12-01"),
        ("3 Mawrth", "2027-03-03"),
        ("yfory 9.30", "2026-11-28T09:30"),
        ("2026-12-09", "2026-12-09"),
        ("2026-12-09T10:00", "2026-12-09T10:00"),
        ("2026-12-09 10:00", "2026-12-09T10:00"),
        ("5 Jan", "2027-01-05"),
        ("29 Feb", "2028-02-29"),
        ("12am 9 Dec", "2026-12-09T00:00"),
        ("12pm 9 Dec", "2026-12-09T12:00"),
        ("9 Dec '27", "2027-12-09"),
        ("27 Nov", "2026-11-27"),
        ("26 Nov", "2027-11-26"),
        ("9 Dec, 10am UK time", "2026-12-09T10:00"),
    ],
)
def test_what_is_typed_is_kept_as_one_date(typed: str, kept: str) -> None:
    assert read_typed(typed, today=TODAY) == kept
    assert wrong_with(typed, today=TODAY) == ""


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("9–11 Dec", "2026-12-09", "2026-12-11"),
        ("9 to 11 December 2026", "2026-12-09", "2026-12-11"),
        ("30 Nov – 2 Dec", "2026-11-30", "2026-12-02"),
        ("30 Dec – 2 Jan 2027", "2026-12-30", "2027-01-02"),
        ("9 Dec 10am–12pm", "2026-12-09T10:00", "2026-12-09T12:00"),
        ("9 Dec 10-11.30am", "2026-12-09T10:00", "2026-12-09T11:30"),
        ("9 Dec 10–1pm", "2026-12-09T10:00", "2026-12-09T13:00"),
        ("9 Dec 10:00-11:30", "2026-12-09T10:00", "2026-12-09T11:30"),
    ],
)
def test_from_when_to_when(typed: str, start: str, end: str) -> None:
    assert read_span(typed, today=TODAY) == (start, end)
    assert read_typed(typed, today=TODAY) is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write a date like"),
        ("soon", "Write a date like"),
        ("31/4/26", "There is no day 31/4"),
        ("12/25/26", "write the day first"),
        ("Tue 9 December 2026", "9 December 2026 is a Wednesday: check the day or the date."),
        ("10am", "Add the day"),
        ("9 Dec 10", "Write the time like 10:00 or 10am"),
        ("9.12", "Add the day"),
        ("9 Dec 25:00", "Write the time like"),
        ("9 Dec 14pm", "Write the time like"),
        ("9 Dec midnight", "it could be either day"),
        ("9 Dec 12pm–10am", "Let it end after it starts."),
        ("1 Dec 2 Dec 3 Dec", "Write one date"),
        ("9 Dec " + "x" * 200, "Write a date like"),
    ],
)
def test_what_is_unclear_has_a_sentence(typed: str, sentence: str) -> None:
    assert read_typed(typed, today=TODAY) is None
    assert sentence in wrong_with(typed, today=TODAY)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.times(), st.booleans())
def test_what_a_form_shows_reads_as_what_is_kept(day: date, at: time, timed: bool) -> None:
    kept = f"{day.isoformat()}T{at:%H:%M}" if timed else day.isoformat()

    assert read_typed(shown(kept), today=TODAY) == kept


@given(st.text(max_size=40), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_any_text_is_a_date_or_has_a_sentence(typed: str, today: date) -> None:
    span = read_span(typed, today=today)

    assert (span is None) == bool(wrong_with(typed, today=today))


@given(st.integers(0, 400))
def test_a_date_without_a_year_is_the_next_one(ahead: int) -> None:
    day = TODAY + timedelta(ahead)

    found = read_typed(f"{day:%d %B}", today=TODAY)

    assert found is not None
    assert TODAY <= date.fromisoformat(found) <= day
