"""Who owns an issue, who stands in for them, and how it comes to somebody else."""

from datetime import datetime
from typing import Final

from sqlalchemy import String, cast, exists, select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind, Subject
from contacts.models import AuditEntry
from mailer.accounts import operators, roles
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Campaign, Operator, Power, Presence, Schedule

_OWNS: Final = ("issue submitted", "issue made")


def owner_of(session: Session, campaign: Campaign) -> Operator | None:
    """Who was made its owner, else its schedule's, else who asked for its approval or made it."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    for number in (campaign.owner_id, schedule.owner_id if schedule else None):
        if found := _active(session, number):
            return found
    for act in _OWNS:
        entry = session.scalar(
            select(AuditEntry)
            .where(AuditEntry.subject == Subject("campaign", campaign.id), AuditEntry.act == act)
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        if entry and entry.actor.kind is ActorKind.OPERATOR:
            return _active(session, entry.actor.id)
    return None


def backup_of(session: Session, campaign: Campaign) -> Operator | None:
    """Who stands in for its owner, by its schedule."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    found = _active(session, schedule.backup_id) if schedule else None
    return None if found is None or found == owner_of(session, campaign) else found


def is_untouched(session: Session, campaign: Campaign) -> bool:
    """Whether no person has opened it in the composer, or done anything else to it."""
    opened = exists().where(Presence.campaign_id == campaign.id)
    done = exists().where(
        AuditEntry.subject == Subject("campaign", campaign.id),
        cast(AuditEntry.actor, String).like(f"{ActorKind.OPERATOR.value} %"),
    )
    by = campaign.edited_by
    return not (
        (by is not None and by.kind is ActorKind.OPERATOR)
        or session.scalar(select(opened))
        or session.scalar(select(done))
    )


def hand_over(
    session: Session, campaign_id: int, operator_id: int, *, actor: Actor, now: datetime
) -> Operator:
    """Make somebody the owner of this issue alone. NotAllowed for who may not write in it."""
    campaign = find(session, campaign_id, lock=True)
    Verb.PLAN.check(campaign.status)
    other = operators.get(session, operator_id)
    if not roles.allows(operators.power_of(session, operator_id), Power.EDITOR):
        raise NotAllowed(f"{other.name} can’t own an issue: {other.name} is no editor.")
    campaign.owner_id = operator_id
    note(session, campaign, "given to", actor=actor, now=now, to=operator_id, name=other.name)
    return other


def _active(session: Session, number: int | None) -> Operator | None:
    found = session.get(Operator, number) if number else None
    return found if found is not None and found.active else None
