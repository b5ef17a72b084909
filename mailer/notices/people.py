"""Who hears of an issue: who may approve it, who is responsible for it, who writes it."""

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.accounts import operators
from mailer.campaigns.approval import refusal
from mailer.campaigns.planning.approvers import named as all_of_them
from mailer.campaigns.timeline.owning import backup_of, owner_of
from mailer.models import Campaign, Operator, Power, Schedule


def approvers_of(session: Session, campaign: Campaign, by: Actor | None = None) -> list[Operator]:
    """Who may approve it, but for who asks: those its schedule names, else approvers by role, else
    admins. Where all have to approve it, those who have not, and who stands in for them."""
    able = [
        each
        for each in operators.those_who_may(session, Power.APPROVER)
        if (by is None or each.id != by.id)
        and not refusal(session, campaign, Actor.operator(each.id))
    ]
    if all_of_them(session, campaign):
        return able
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    named = set(schedule.approvers if schedule else [])
    by_role = set(operators.with_power(session, Power.APPROVER))
    return (
        [each for each in able if each in named]
        or [each for each in able if each in by_role]
        or able
    )


def responsible_for(session: Session, campaign: Campaign) -> list[Operator]:
    """Whoever may approve it, its owner and who stands in for them."""
    people = [
        *operators.those_who_may(session, Power.APPROVER),
        owner_of(session, campaign),
        backup_of(session, campaign),
    ]
    return list(dict.fromkeys(each for each in people if each is not None))


def writers_of(session: Session, campaign: Campaign, by: Actor) -> list[Operator]:
    """Its owner, and who changed it last: not who sends it back."""
    last = campaign.edited_by
    edited_by = last.id if last and last.kind is ActorKind.OPERATOR else None
    author = session.get(Operator, edited_by) if edited_by else None
    found = dict.fromkeys(
        each for each in (owner_of(session, campaign), author) if each and each.active
    )
    return [each for each in found if each.id != by.id]


def approver_of(session: Session, campaign: Campaign) -> Operator | None:
    """Who approved it as it was approved last, where that is one of the operators."""
    by = campaign.approval.by if campaign.approval else None
    found = session.get(Operator, by.id) if by and by.kind is ActorKind.OPERATOR else None
    return found if found and found.active else None
