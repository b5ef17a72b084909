"""How late an approval still sends by itself: some working hours after the planned time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.models import Campaign, Schedule
from mailer.network import days_off
from mailer.network.details import zone

USUAL_HOURS: Final = 4  # of an issue that no schedule has made


def within_the_window(session: Session, campaign: Campaign, *, now: datetime) -> bool:
    """Whether the planned time has passed, and at most so many working hours ago as its schedule
    says."""
    planned = campaign.goes_out_at
    if planned is None or planned > now:
        return False
    hours = session.scalar(select(Schedule.late_hours).where(Schedule.id == campaign.schedule_id))
    window = timedelta(hours=USUAL_HOURS if hours is None else hours)
    calendar = days_off.calendar(session)
    return calendar.working_hours_between(planned, now, zone(session)) <= window
