"""A calendar file becomes rows of a form: UK times, the next of what repeats, bounds."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.authoring.calendar_events import MOST_EVENTS, UnreadableCalendar, from_calendar

NOW = datetime(2026, 11, 27, 12, tzinfo=ZoneInfo("Europe/London"))


def _calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{each.strip()}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def _only(event: str) -> dict[str, str]:
    listed = from_calendar(_calendar(event), now=NOW)
    assert listed.left == ()
    (found,) = listed.events
    return found


def test_an_event_has_its_title_place_host_and_link() -> None:
    found = _only(
        "SUMMARY:CWB webinar\\, part 2\nDTSTART:20261209T100000Z\nDTEND:20261209T113000Z\n"
        "LOCATION:online\nORGANIZER;CN=Aldmor:mailto:ada@aldmor.example\n"
        "DESCRIPTION:Book at https://aldmor.example/cwb."
    )

    assert found == {
        "title": "CWB webinar, part 2",
        "start": "2026-12-09T10:00",
        "end": "2026-12-09T11:30",
        "place": "online",
        "organiser": "Aldmor",
        "link": "https://aldmor.example/cwb",
    }


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ("DTSTART;TZID=Europe/Paris:20261209T100000", "2026-12-09T09:00", None),
        ("DTSTART:20270701T100000Z", "2027-07-01T11:00", None),
        ("DTSTART:20261209T100000", "2026-12-09T10:00", None),
        ("DTSTART:20261209T100000Z\nDURATION:PT90M", "2026-12-09T10:00", "2026-12-09T11:30"),
        ("DTSTART;VALUE=DATE:20261209\nDTEND;VALUE=DATE:20261212", "2026-12-09", "2026-12-11"),
        ("DTSTART;VALUE=DATE:20261209\nDTEND;VALUE=DATE:20261210", "2026-12-09", None),
        ("DTSTART;VALUE=DATE:20261127", "2026-11-27", None),
        (
            "DTSTART:20261127T090000Z\nDTEND:20261127T170000Z",
            "2026-11-27T09:00",
            "2026-11-27T17:00",
        ),
    ],
)
def test_times_are_the_uks_and_days_are_whole(dates: str, start: str, end: str | None) -> None:
    found = _only(f"SUMMARY:Soup\n{dates}")

    assert (found["start"], found.get("end")) == (start, end)


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("FREQ=WEEKLY", "2026-12-02T10:00"),
        ("FREQ=WEEKLY\nEXDATE;TZID=Europe/London:20261202T100000", "2026-12-09T10:00"),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-12-08T10:00"),
        ("FREQ=YEARLY", "2027-01-07T10:00"),
        ("FREQ=DAILY;UNTIL=20261130T100000Z", "2026-11-28T10:00"),
    ],
)
def test_of_what_repeats_there_is_the_next_time(rule: str, start: str) -> None:
    found = _only(f"SUMMARY:Soup\nDTSTART;TZID=Europe/London:20260107T100000\nRRULE:{rule}")

    assert found["start"] == start


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:Soup\nDTSTART:20251209T100000Z", "Soup: it is over."),
        ("SUMMARY:Soup\nDTSTART:20250101T100000Z\nRRULE:FREQ=DAILY;COUNT=3", "Soup: it is over."),
        ("DTSTART:20261209T100000Z", "An event without a title: it has no title."),
        ("SUMMARY:Soup\nDTSTART:nonsense", "Soup: it has no date that can be read."),
        ("SUMMARY:Soup", "Soup: it has no date that can be read."),
        ("SUMMARY:Soup\nDTSTART:20261209T100000Z\nSTATUS:CANCELLED", "Soup: it is cancelled."),
        (
            "SUMMARY:Soup\nDTSTART:20260101T100000Z\nRRULE:FREQ=SECONDLY",
            "Soup: it repeats in a way that can’t be followed here.",
        ),
        (
            "SUMMARY:Soup\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "Soup: it repeats in a way that can’t be followed here.",
        ),
    ],
)
def test_what_is_left_out_is_told(event: str, why: str) -> None:
    listed = from_calendar(_calendar(event), now=NOW)

    assert (listed.events, listed.left) == ((), (why,))


def test_files_are_bounded() -> None:
    many = _calendar(*["SUMMARY:Soup\nDTSTART:20261209T100000Z"] * (MOST_EVENTS + 2))

    listed = from_calendar(many, now=NOW)

    assert (len(listed.events), len(listed.left)) == (MOST_EVENTS, 2)
    with pytest.raises(UnreadableCalendar, match="larger than 1 MB"):
        from_calendar(b" " * 1_000_001, now=NOW)


def test_rules_of_a_whole_file_are_quick() -> None:
    rule = "SUMMARY:Soup\nDTSTART:19900101T100000Z\nRRULE:FREQ=DAILY"
    started = time.monotonic()

    assert len(from_calendar(_calendar(*[rule] * 20), now=NOW).events) == 20
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xfe\x00", b"<html>", b"BEGIN:VEVENT\n" * 9]
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableCalendar, match="no calendar file"):
        from_calendar(content, now=NOW)


_LINES = st.sampled_from(
    "SUMMARY:Soup|DTSTART:20261209T100000Z|DTSTART;TZID=Nowhere/Else:20261209T100000|RRULE:FREQ=WEEKLY"
    "|RRULE:FREQ=|RRULE:FREQ=MONTHLY;BYDAY=9MO|RRULE:FREQ=DAILY;INTERVAL=0|RRULE:FREQ=MONTHLY;BYMONTHDAY=40|RRULE:FREQ=DAILY;BYDAY=-9SU|RRULE:FREQ=DAILY;UNTIL=20200101|RRULE:FREQ=WEEKLY;INTERVAL=999;WKST=XX|DTEND:20251209T100000"
    "|DTEND;VALUE=DATE:20261209|DURATION:-P9999D|EXDATE:20261209T100000Z|DTSTART;VALUE=DATE:00010101"
    "|DTSTART:99991231T235959Z|URL:javascript:x|ORGANIZER:x|SUMMARY:|LOCATION;X=1:there|DTSTART:x".split(
        "|"
    )
)


@settings(max_examples=300)
@given(st.lists(st.lists(_LINES, max_size=7).map("\n".join), max_size=3))
def test_any_event_is_taken_or_told(events: list[str]) -> None:
    listed = from_calendar(_calendar(*events), now=NOW)

    assert len(listed.events) + len(listed.left) == len(events)
    assert all(not event.get("link", "").startswith("javascript") for event in listed.events)
