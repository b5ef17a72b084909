"""Calendar files as RFC 5545 wants them."""

from datetime import UTC, date, datetime

import pytest

from mailer.authoring.blocks.events import Event
from mailer.authoring.text.calendar import CalendarEvent, write
from mailer.clock import UK, zone_of

SENT = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
LONDON = zone_of(UK)


def fields(event: CalendarEvent) -> dict[str, str]:
    """Names and values of the event, unfolded (3.1)."""
    content = write(event)
    assert content.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    within = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    return dict(line.split(":", 1) for line in within)


def filed(**written: str) -> dict[str, str]:
    event = Event(**{"title": "Retrofit webinar", **written})
    found = event.for_a_calendar("en-GB", said_at=SENT, zone=LONDON)
    assert found is not None
    return fields(found)


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        ("2026-12-09T10:00", "2026-12-09T11:30", "20261209T100000Z", "20261209T113000Z"),
        ("2026-07-09T10:00", "", "20260709T090000Z", ""),
        ("2026-07-09T10:00", "2026-07-10", "20260709T090000Z", "20260710T230000Z"),
        ("2026-12-09T10:00+01:00", "", "20261209T090000Z", ""),
    ],
)
def test_times_are_those_of_the_networks_zone_in_utc(
    start: str, end: str, begins: str, ends: str
) -> None:
    found = filed(start=start, end=end)

    assert (found["DTSTART"], found.get("DTEND", "")) == (begins, ends)


@pytest.mark.parametrize(
    ("end", "ends"), [("", ""), ("2027-01-13", "20270114"), ("2027-01-12T15:00", "20270113")]
)
def test_a_day_is_a_day_and_its_end_is_the_day_after(end: str, ends: str) -> None:
    found = filed(start="2027-01-12", end=end)

    assert found["DTSTART;VALUE=DATE"] == "20270112"
    assert found.get("DTEND;VALUE=DATE", "") == ends


def test_what_an_author_wrote_is_text_and_no_property() -> None:
    title = "Homes; gardens, \\ and more: " + "ünï" * 40
    found = filed(
        title=title,
        start="2026-12-09",
        place="Guildhall, Carrdale",
        organiser="Housing team",
        link="https://www.network.example/book?a=1;b=2",
        link_words="Book",
    )

    assert found["SUMMARY"] == title.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    assert found["LOCATION"] == r"Guildhall\, Carrdale"
    assert found["URL"] == "https://www.network.example/book?a=1;b=2"
    assert found["DESCRIPTION"].startswith(r"With Housing team\nBook: https://")


def test_line_ends_in_a_value_begin_no_line() -> None:
    event = CalendarEvent("1@circular", SENT, "A\r\nATTENDEE:mailto:x@x.example", date(2026, 12, 9))

    assert b"\r\nATTENDEE" not in write(event)


def test_an_address_that_is_no_page_is_left_out() -> None:
    assert "URL" not in filed(start="2026-12-09", link="mailto:team@network.example")


def test_the_same_event_has_the_same_file_in_every_copy_and_issue() -> None:
    one, again = (filed(start="2026-12-09T10:00", place="Online") for _ in range(2))
    other = filed(start="2026-12-09T11:00", place="Online")

    assert one == again
    assert one["UID"] != other["UID"]
    assert one["DTSTAMP"] == "20261208T100000Z"


def test_an_event_without_a_readable_start_has_no_file() -> None:
    assert Event(title="A", start="soon").for_a_calendar("en-GB", said_at=SENT, zone=LONDON) is None
