"""Dates as people read them where the network is."""

import pytest

from mailer.authoring.text.dates import read, span_words
from mailer.clock import zone_of


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2026-12-09", "", "Wednesday 9 December 2026"),
        ("2026-12-09T10:00", "", "Wednesday 9 December 2026, 10:00 UK time"),
        (
            "2026-12-09T10:00",
            "2026-12-09T11:30",
            "Wednesday 9 December 2026, 10:00 to 11:30 UK time",
        ),
        ("2027-01-12", "2027-01-13", "Tuesday 12 to Wednesday 13 January 2027"),
        ("2026-12-31", "2027-01-01", "Thursday 31 December 2026 to Friday 1 January 2027"),
        ("2026-07-01T09:00Z", "", "Wednesday 1 July 2026, 10:00 UK time"),
        ("2026-12-09T10:00+01:00", "", "Wednesday 9 December 2026, 09:00 UK time"),
    ],
)
def test_moments_read_as_uk_dates_and_times(start: str, end: str, sentence: str) -> None:
    moment = read(start)

    assert moment is not None
    assert span_words(moment, read(end)) == sentence


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("Europe/London", "Mercredi 1 juillet 2026, 11:00 UK time"),
        ("Europe/Paris", "Mercredi 1 juillet 2026, 12:00 CEST"),
        ("Asia/Dubai", "Mercredi 1 juillet 2026, 14:00 UTC+04"),
        ("UTC", "Mercredi 1 juillet 2026, 10:00 UTC"),
    ],
)
def test_a_moment_is_told_in_the_networks_zone_in_any_language(zone: str, sentence: str) -> None:
    moment = read("2026-07-01T10:00Z", zone_of(zone))

    assert moment is not None
    said = span_words(moment, None, "fr", zone_of(zone))
    assert said == sentence[:1].lower() + sentence[1:]


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-02-30", "09/12/2026", "9999-12-31T23:00-23:00"]
)
def test_a_text_that_is_no_date_is_none(text: str) -> None:
    assert read(text) is None
