"""The month of an issue as a line: what has been, today, what is to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailer.campaigns import timing
from mailer.campaigns.timeline import replanning
from mailer.models import Campaign, CampaignStatus
from mailer.web.network import local
from mailer.web.transactions import session

_PAST: Final = "past"
_SHOWN: Final = frozenset({"stories", "submit", "approve"})  # of the days of its schedule


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the line; ``kind`` is "past", "today", "bad" or "" for what is to come."""

    words: str
    at: datetime
    kind: str
    timed: bool = True

    @property
    def text(self) -> str:
        """ "Tue 8 Dec, 10:00", or the day alone."""
        there = local(self.at)
        day = f"{there:%a} {there.day} {there:%b}"
        return f"{day}, {there:%H:%M}" if self.timed else day


def month_of(issue: Campaign, *, now: datetime) -> list[Point]:
    """From the draft to the send. One that was skipped, or is in the bin, has no such line."""
    if issue.status in {CampaignStatus.SKIPPED, CampaignStatus.BINNED}:
        return []
    points = [Point("Draft made", issue.created_at, _PAST, timed=False)]
    if not issue.started_at:
        points += [
            Point(each.words, each.at, "" if each.at > now else _PAST, each.timed)
            for each in replanning.month_line(session(), issue)
            if each.name in _SHOWN
        ]
    if issue.approved and issue.approved_at:
        points.append(Point("Approved", issue.approved_at, _PAST))
    goes_out_at = timing.goes_out_at(issue)
    if issue.started_at:
        points.append(Point("Began to go out", issue.started_at, _PAST))
    elif goes_out_at and issue.status is CampaignStatus.HELD:
        points.append(Point("Held", goes_out_at, "past bad"))
    elif goes_out_at:
        kind = "" if goes_out_at > now else _PAST
        points.append(Point("Goes out", goes_out_at, kind))
    if issue.finished_at:
        points.append(Point("Finished", issue.finished_at, _PAST))
    elif not issue.started_at:
        points.append(Point("Today", now, "today", timed=False))
    return sorted(points, key=lambda point: point.at)
