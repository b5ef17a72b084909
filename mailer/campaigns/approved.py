"""Whether an approval still holds, in sentences: what was changed, and how many it goes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contacts.models import Contact, Subscription, Suppression
from mailer.audience import counting, selecting
from mailer.audience.counting import AudienceCount
from mailer.clock import moment_words
from mailer.models import Approval, Campaign, Exclusion, Lapse

TOLD_FROM: Final = 0.02  # of those who were to get it
TOLD_FROM_PEOPLE: Final = 25
AGAIN_FROM: Final = 0.10
_FEW: Final = 20

_MORE: Final = {
    Exclusion.NO_EMAIL: "lost their address",
    Exclusion.DO_NOT_EMAIL: "went on the do-not-email list",
    Exclusion.BOUNCED: "bounced",
    Exclusion.UNSUBSCRIBED: "unsubscribed",
    Exclusion.NOT_CONFIRMED: "have not confirmed",
    Exclusion.PAUSED: "take a break",
    Exclusion.LEFT_OUT: "are left out",
    Exclusion.SAME_ADDRESS: "came to share an address",
}


@dataclass(frozen=True, slots=True)
class MovedAudience:
    """How many would get it now, other than when it was approved, and why."""

    was: int
    will: int
    parts: tuple[str, ...]  # "3 people unsubscribed"

    @property
    def is_told(self) -> bool:
        """Whether the approver has to hear of it: by more than 2 %, or 25 people."""
        by = abs(self.will - self.was)
        return by > TOLD_FROM_PEOPLE or by > self.was * TOLD_FROM

    @property
    def needs_approving(self) -> bool:
        """Whether it is another audience by now: by more than 10 %."""
        return abs(self.will - self.was) > self.was * AGAIN_FROM

    @property
    def sentence(self) -> str:
        *most, last = self.parts
        why = f"{', '.join(most)} and {last}" if most else last
        return f"{why} since this was approved. It will go to {self.will:,}."


def moved(approval: Approval | None, counted: AudienceCount) -> MovedAudience | None:
    """How the audience has moved since the approval; None where as many get it as then."""
    if approval is None or approval.will == counted.will:
        return None
    parts, left = [], 0
    for reason, words in _MORE.items():
        by = counted.excluded.get(reason, 0) - int(approval.excluded.get(reason.value, 0))
        if by > 0:
            left += by
            parts.append(f"{_people(by)} {words}")
    came = counted.will - approval.will + left
    if came > 0:
        parts.append(f"{_people(came)} came in")
    elif came < 0:
        parts.append(f"{_people(-came)} left the audience")
    return MovedAudience(approval.will, counted.will, tuple(parts))


def lapse_of(campaign: Campaign, counted: AudienceCount | None = None) -> str | None:
    """Why nobody's approval holds for what would go out, in a sentence; None where one does.

    Without ``counted`` nothing is said of how many people it is.
    """
    if campaign.lapse is not None and campaign.in_part:
        return campaign.in_part
    return _lapse_of(campaign, counted)


def _lapse_of(campaign: Campaign, counted: AudienceCount | None) -> str | None:
    version = campaign.version
    match campaign.lapse:
        case None:
            how_far = moved(campaign.approval, counted) if counted else None
            if how_far is None or not how_far.needs_approving:
                return None
            return (
                f"{how_far.sentence} It was approved for {how_far.was:,}, which is more than 10 % "
                f"away. Version {version} needs approving again."
            )
        case Lapse.NONE:
            return f"Nobody has approved version {version}."
        case Lapse.VERSION:
            was = campaign.approved_version
            return f"Approval was for version {was}. Version {version} needs approving."
        case Lapse.TIME:
            held, zone = campaign.approval, campaign.send_zone or "UTC"
            until = moment_words(held.good_until, zone) if held else ""
            return (
                f"It was approved to go out until {until}. Version {version} needs approving again."
            )
    what = {Lapse.SUBJECT: "subject", Lapse.AUDIENCE: "audience", Lapse.SENDER: "sender"}
    return (
        f"The {what[campaign.lapse]} was changed after the approval. Version {version} needs "
        "approving again."
    )


def approver_of(issue: Campaign) -> str:
    """Who approved it, with a label where that is who had changed it last."""
    by_author = issue.approval is not None and issue.approval.by_author
    return f"{issue.approved_by}, its author" if by_author else str(issue.approved_by)


def count_of(session: Session, campaign: Campaign, *, now: datetime) -> AudienceCount:
    """The numbers of its audience as it is now: those of every page, and of the freeze."""
    return counting.count(session, selecting.audience_of(session, campaign), now=now)


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    """Somebody of the audience who changed since the approval; ``reason`` is None for who gets
    it."""

    contact_id: int
    name: str
    reason: Exclusion | None


def who_changed(
    session: Session, campaign: Campaign, *, since: datetime, now: datetime
) -> Sequence[ChangedPerson]:
    """The first few people of the audience who left, came or were changed since then."""
    audience = selecting.audience_of(session, campaign)
    recent = or_(
        Subscription.changed_at > since, Suppression.at > since, Contact.updated_at > since
    )
    people = selecting.classified(audience, now=now, among=recent).subquery()
    rows = session.execute(
        select(people.c.contact_id, people.c.name, people.c.address, people.c.reason)
        .order_by(people.c.reason.is_(None), people.c.name, people.c.contact_id)
        .limit(_FEW)
    )
    return [
        ChangedPerson(row.contact_id, row.name or row.address or "", _reason(row.reason))
        for row in rows
    ]


def _reason(value: str | None) -> Exclusion | None:
    return Exclusion(value) if value else None


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"
