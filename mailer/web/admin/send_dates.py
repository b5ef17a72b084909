"""The calendar of sends and deadlines: a page, month by month, and a feed for calendar programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mailer.accounts import calendar_feeds, operators
from mailer.campaigns import editing, schedules
from mailer.campaigns.planning.day_by_day import line_of
from mailer.campaigns.timeline.replanning import month_line
from mailer.errors import NotFound
from mailer.models import EDITABLE, Campaign, Power, Schedule
from mailer.network import days_off
from mailer.web import limits
from mailer.web.admin.newsletters.finding import link
from mailer.web.network import local
from mailer.web.policy import acting, policy, public
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("send_dates", __name__, url_prefix="/calendar")
_AHEAD: Final = 6  # issues of a schedule that are not made yet
_BACK: Final = timedelta(days=31)
_DEADLINES: Final = frozenset({"stories", "submit", "approve"})
_LASTS: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class SendDate:
    """A send or a deadline. ``key`` is what it is known by in calendars, whatever its time."""

    key: str
    at: datetime
    words: str
    about: str
    url: str = ""
    timed: bool = True

    @property
    def day(self) -> str:
        there = local(self.at)
        return f"{there:%a} {there.day} {there:%b}"

    @property
    def clock(self) -> str:
        return f"{local(self.at):%H:%M}" if self.timed else ""


@blueprint.get("")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """From the last month on, month by month."""
    months = groupby(_dates(), key=lambda each: f"{local(each.at):%B %Y}")
    me = operators.get(session(), current_user.id)
    token = calendar_feeds.token_of(me, this_mailer().tokens)
    feed = url_for("send_dates.feed", token=token) if token else ""
    return render_template(
        "admin/send_dates.html",
        months=[(month, list(dates)) for month, dates in months],
        now=this_mailer().clock(),
        feed=f"{this_mailer().settings.site}{feed}" if feed else "",
    )


@blueprint.post("/feed")
@policy(Power.VIEWER)
def make_feed() -> ResponseReturnValue:
    """A feed at a new address, for whoever asks."""
    now = this_mailer().clock()
    calendar_feeds.make(session(), current_user.id, actor=acting(), now=now)
    flash("Your feed has a new address. Give it to your calendar program.", "success")
    return redirect(url_for("send_dates.show_all") + "#feed")


@blueprint.post("/feed/revoke")
@policy(Power.VIEWER)
def revoke_feed() -> ResponseReturnValue:
    """End one's own feed."""
    now = this_mailer().clock()
    calendar_feeds.revoke(session(), current_user.id, actor=acting(), now=now)
    flash("The address of your feed works no more.", "success")
    return redirect(url_for("send_dates.show_all") + "#feed")


@blueprint.get("/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """The dates for a calendar program: nobody's address is in it."""
    if calendar_feeds.reader_of(session(), token, this_mailer().tokens) is None:
        limits.guessed("link of a mail")
        raise NotFound("This calendar is not here any more. Make a new address under Calendar.")
    answer = Response(_file(), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _file() -> bytes:
    calendar, now = Calendar(), this_mailer().clock()
    host = this_mailer().settings.site.partition("//")[2] or "circular"
    calendar.add("prodid", "-//Circular//Send dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Newsletters: sends and deadlines")
    for each in _dates():
        event = Event()
        event.add("uid", f"{each.key}@{host}")
        event.add("dtstamp", now)
        event.add("summary", f"{each.words}: {each.about}")
        if each.timed:
            event.add("dtstart", each.at)
            event.add("dtend", each.at + _LASTS)
        else:
            event.add("dtstart", local(each.at).date())
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _dates() -> list[SendDate]:
    return sorted([*_of_issues(), *_of_schedules()], key=lambda each: (each.at, each.key))


def _of_issues() -> Iterator[SendDate]:
    since = this_mailer().clock() - _BACK
    those = Campaign.status.in_(EDITABLE) | (Campaign.started_at >= since)
    found = session().scalars(
        select(Campaign).where(those).options(*editing.WITH_WHAT_IS_APPROVED).order_by(Campaign.id)
    )
    for issue in found:
        url = link("issues.show", issue)
        if issue.started_at:
            yield SendDate(f"issue-{issue.id}-out", issue.started_at, "Sent", issue.name, url)
        elif at := issue.goes_out_at:
            yield SendDate(f"issue-{issue.id}-out", at, "Goes out", issue.name, url)
            for each in month_line(session(), issue):
                if each.name in _DEADLINES:
                    key = f"issue-{issue.id}-{each.name}"
                    yield SendDate(key, each.at, each.words, issue.name, url, each.timed)


def _of_schedules() -> Iterator[SendDate]:
    """Of issues that are not made yet."""
    now, calendar = this_mailer().clock(), days_off.calendar(session())
    active = select(Schedule).where(Schedule.active).options(joinedload(Schedule.newsletter))
    for schedule in session().scalars(active.order_by(Schedule.id)):
        url, name = url_for("schedules.show_all"), schedule.newsletter.name
        for coming in islice(schedules.ahead(session(), schedule, now=now), _AHEAD):
            zone = schedule.zone
            for each in line_of(schedule, goes_out=coming.wall, zone=zone, calendar=calendar):
                if each.name in _DEADLINES | {"out"} and each.at > now:
                    key = f"schedule-{schedule.id}-{coming.planned}-{each.name}"
                    yield SendDate(key, each.at, each.words, name, url, each.timed)
