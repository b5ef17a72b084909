"""The time that an issue tells of: since the last one went out, until the next one does."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.campaigns.planning.plans import recurrence_of
from mailer.clock import wall_of
from mailer.models import Campaign, CampaignKind, Schedule
from mailer.network import days_off
from mailer.network.details import zone as zone_of_network

_LONG: Final = timedelta(days=300)
_A_MONTH: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class IssueSpan:
    """``since`` is when the last issue of the newsletter went out, or a month before the draft is
    made where none has (``first``). What is coming is from the day after ``goes_out`` to the day
    of ``until``."""

    newsletter_id: int
    since: datetime
    goes_out: datetime
    until: datetime
    zone: str
    first: bool = False

    @property
    def out_there(self) -> datetime:
        """When it goes out, as clocks of the network show it."""
        return wall_of(self.goes_out, self.zone)

    @property
    def since_day(self) -> date:
        return wall_of(self.since, self.zone).date()

    @property
    def first_day(self) -> date:
        """The first day of what is coming."""
        return self.out_there.date() + timedelta(days=1)

    @property
    def last_day(self) -> date:
        return wall_of(self.until, self.zone).date()

    @property
    def since_words(self) -> str:
        """ "since the last issue on 10 Nov"."""
        day = self.day_words(self.since_day)
        return f"since {day}" if self.first else f"since the last issue on {day}"

    def is_near(self, day: date) -> bool:
        """Whether a day is known without its year."""
        return abs(day - self.out_there.date()) < _LONG

    def day_words(self, day: date) -> str:
        """ "9 Dec", and of a day that is long ago "9 Dec 2025"."""
        year = "" if self.is_near(day) else f" {day.year}"
        return f"{day.day} {day:%b}{year}"


def span_of(session: Session, schedule: Schedule, *, planned: str, goes_out: datetime) -> IssueSpan:
    """The span of the issue that a schedule makes for the occurrence ``planned``."""
    last = session.scalar(
        select(func.max(Campaign.started_at)).where(
            Campaign.newsletter_id == schedule.newsletter_id,
            Campaign.kind == CampaignKind.ISSUE,
            Campaign.corrects_id.is_(None),
            Campaign.started_at < goes_out,
        )
    )
    calendar = days_off.calendar(session)
    ahead = recurrence_of(schedule).ahead(goes_out, shift=schedule.shift, calendar=calendar)
    coming = next((each.at for each in ahead if each.planned > planned), None)
    return IssueSpan(
        newsletter_id=schedule.newsletter_id,
        since=last or goes_out - timedelta(days=schedule.draft_days_before) - _A_MONTH,
        goes_out=goes_out,
        until=coming or goes_out + _A_MONTH,
        zone=zone_of_network(session),
        first=last is None,
    )
