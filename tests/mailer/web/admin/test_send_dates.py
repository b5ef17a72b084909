"""The calendar: sends and deadlines of issues and schedules, and a feed that can be revoked."""

import re

from icalendar import Calendar

from contacts.models import Newsletter
from mailer.bootstrap import Mailer
from mailer.campaigns import schedules
from tests.factories import Cast
from tests.mailer.campaigns.test_schedules import _plan as a_plan
from tests.mailer.web.browser import Browser, visible_text


def _feed(browser: Browser) -> str:
    found = re.search(r"/calendar/[\w-]+\.ics", browser.get("/calendar").text)
    assert found
    return found[0]


def _schedule(mailer: Mailer, cast: Cast) -> None:
    with mailer.database.writing() as session:
        newsletter = session.get_one(Newsletter, cast.newsletter)
        schedules.make(session, newsletter, a_plan(), now=mailer.clock())


def test_what_goes_out_and_the_days_to_keep_are_listed(
    mailer: Mailer, viewer: Browser, cast: Cast
) -> None:
    assert "Nothing is planned." in visible_text(viewer.get("/calendar"))
    _schedule(mailer, cast)

    page = visible_text(viewer.get("/calendar"))

    assert page.count("Goes out:") == 6
    assert "Approve by: Members' Update" in page


def test_a_feed_has_the_dates_and_no_address_and_ends_when_it_is_revoked(
    mailer: Mailer, viewer: Browser, visitor: Browser, cast: Cast
) -> None:
    _schedule(mailer, cast)
    viewer.submit("/calendar", {}, to="/calendar/feed")
    first = _feed(viewer)
    answer = visitor.get(first)

    events = Calendar.from_ical(answer.data).walk("VEVENT")
    said = [str(each["SUMMARY"]) for each in events]
    assert said.count("Goes out: Members' Update") == 6
    assert len({str(each["UID"]) for each in events}) == len(events)
    assert "network.example" not in re.sub(r"UID:.*", "", answer.text)

    viewer.submit("/calendar", {}, to="/calendar/feed")
    second = _feed(viewer)
    assert second != first
    assert visitor.get(first).status_code == 404
    viewer.submit("/calendar", {}, to="/calendar/feed/revoke")
    assert visitor.get(second).status_code == 404
