"""Deciding about an issue that waits or is held, from pages and commands: approved, which may send
it at once, and given another time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.bootstrap import Mailer
from mailer.campaigns import approval, launching
from mailer.campaigns.editing import find
from mailer.campaigns.planning.late import within_the_window
from mailer.clock import exists, instant_of, wall_of
from mailer.domains.routes import gate_of
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignStatus
from mailer.network.working_days import WorkingDays

_TUESDAY: Final = 1


@dataclass(frozen=True, slots=True)
class Approved:
    """The campaign, whether approving it has begun to send it, and a warning of the launch."""

    campaign: Campaign
    sent: bool
    warning: str | None = None


def sends_at_once(
    session: Session, campaign: Campaign, *, now: datetime, actor: Actor | None = None
) -> bool:
    """Whether approving it sends it: it is held, its time was a few working hours ago, and nobody
    else than ``actor`` has to approve it."""
    return (
        campaign.status is CampaignStatus.HELD
        and within_the_window(session, campaign, now=now)
        and (actor is None or approval.completes(session, campaign, actor))
    )


def approve(
    mailer: Mailer,
    campaign_id: int,
    *,
    actor: Actor,
    version: int | None = None,
    revision: int | None = None,
    sends: bool | None = None,
) -> Approved:
    """Approve a campaign, and send it where it was held a few working hours ago.

    It opens transactions of its own. ``version``, ``revision`` and ``sends`` are what the person
    was shown: NotAllowed where that is no longer so. Without them, it is as it is now.
    """
    now = mailer.clock()
    with mailer.database.reading() as session:
        campaign = find(session, campaign_id)
        at_once = sends_at_once(session, campaign, now=now, actor=actor)
        version = campaign.version if version is None else version
        if at_once:
            approval.must_be_what_was_seen(campaign, version, revision)
            revision = campaign.revision if revision is None else revision
    if sends not in (None, at_once):
        raise NotAllowed(
            "This changed while you were reading: approving it sends it at once now."
            if at_once
            else "It is too late to send it by approving it. Approve it, then choose a time."
        )
    if at_once:
        launched = launching.launch(mailer, campaign_id, actor=actor, revision=revision)
        return Approved(launched.campaign, sent=True, warning=launched.warning)
    with mailer.database.writing() as session:
        gate = gate_of(session, mailer.settings)
        campaign = approval.approve(
            session,
            campaign_id,
            version=version,
            revision=revision,
            actor=actor,
            gate=gate,
            now=now,
        )
    return Approved(campaign, sent=False)


@dataclass(frozen=True, slots=True)
class OfferedTime:
    """A time that may suit: "tomorrow, 10:00"."""

    words: str
    wall: str

    @property
    def date(self) -> str:
        return self.wall[:10]

    @property
    def time(self) -> str:
        return self.wall[11:]


def times_for(now: datetime, *, zone: str, calendar: WorkingDays) -> list[OfferedTime]:
    """Times that are offered for what was held: today at 14:00, tomorrow and next Tuesday at
    10:00, as far as they are to come and on working days."""
    return [each for each in _times(now, zone, calendar) if _is_good(each.wall, zone, now)]


def _times(now: datetime, zone: str, calendar: WorkingDays) -> Iterator[OfferedTime]:
    today = wall_of(now, zone).date()
    tuesday = today + timedelta(days=(_TUESDAY - today.weekday() - 1) % 7 + 1)
    days: list[tuple[str, date, str]] = [
        ("Today", today, "14:00"),
        ("Tomorrow", today + timedelta(days=1), "10:00"),
    ]
    if tuesday != today + timedelta(days=1):
        days.append(("Next Tuesday", tuesday, "10:00"))
    for words, day, at in days:
        if calendar.is_working_day(day):
            shown = (
                f"{words}, {at}"
                if words != "Next Tuesday"
                else f"{day:%a} {day.day} {day:%b}, {at}"
            )
            yield OfferedTime(shown, f"{day.isoformat()}T{at}")


def _is_good(wall: str, zone: str, now: datetime) -> bool:
    return exists(wall, zone) and instant_of(wall, zone) > now
