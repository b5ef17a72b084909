"""The month of an issue as a line: what has been, today, what is to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailer.campaigns import timing
from mailer.models import Campaign, CampaignStatus
from mailer.web.network import local

_PAST: Final = "past"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the line; ``kind`` is "past", "today", "bad" or "" for what is to come."""

    words: str
    at: datetime
    kind: str

    @property
    def text(self) -> str:
        """ "Tue 8 Dec, 10:00"."""
        there = local(self.at)
        return f"{there:%a} {there.day} {there:%b, %H:%M}"


def month_of(issue: Campaign, *, now: datetime) -> list[Point]:
    """From the draft to the send. One that was skipped, or is in the bin, has no such line."""
    if issue.status in {CampaignStatus.SKIPPED, CampaignStatus.BINNED}:
        return []
    points = [Point("Draft made", issue.created_at, _PAST)]
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
        points.append(Point("Now", now, "today"))
    return sorted(points, key=lambda point: point.at)
