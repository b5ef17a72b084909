"""Who of an issue's approvers has still to approve it, where its schedule wants all of them.

Each approves exactly what there is now: the version, the subject, the audience, the sender and the
time. Whoever passes the decision on is stood in for by who got it, who may pass it on in turn.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.actors import ActorKind, Subject
from contacts.models import AuditEntry
from mailer.models import Approval, ApprovalsNeeded, Campaign, Operator, Schedule

PASSED_ON = "passed on"


def named(session: Session, campaign: Campaign) -> Sequence[Operator]:
    """Those who all have to approve it; nobody where one of them is enough."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    if schedule is None or schedule.approvals_needed is not ApprovalsNeeded.ALL:
        return ()
    return [each for each in schedule.approvers if each.active]


def waited_for(session: Session, campaign: Campaign, able: Collection[int]) -> list[set[int]]:
    """Of each approver who has not approved it as it is, who could: they, and who stands in.

    ``able`` are those who may approve it at all: nobody waits for the others.
    """
    people = named(session, campaign)
    if not people:
        return []
    heirs, said = _passed_on(session, campaign), {each.by.id for each in given(session, campaign)}
    found = [_with_heirs(each.id, heirs) & set(able) for each in people]
    return [each for each in found if each and not each & said]


def given(session: Session, campaign: Campaign) -> Sequence[Approval]:
    """The approvals by people that hold for what there is now."""
    at = campaign.goes_out_at
    found = session.scalars(
        select(Approval)
        .where(
            Approval.campaign_id == campaign.id,
            Approval.counts,
            Approval.version == campaign.version,
        )
        .order_by(Approval.id)
    )
    return [
        each
        for each in found
        if each.by.kind is ActorKind.OPERATOR
        and each.subject == campaign.subject
        and each.audience == campaign.audience_digest
        and each.sender == campaign.sender_line
        and (at is None or at <= each.good_until)
    ]


def forget_old(
    session: Session, campaign: Campaign, *, will: int, further: float, now: datetime
) -> None:
    """Let approvals count no more that were given too long ago, or for an audience that has moved
    by more than ``further``, a part of it."""
    for each in given(session, campaign):
        if now > each.good_until or abs(will - each.will) > each.will * further:
            each.counts = False
    session.flush()


def forget(session: Session, campaign: Campaign) -> None:
    """Let none of its approvals count any more."""
    session.execute(
        update(Approval).where(Approval.campaign_id == campaign.id).values(counts=False)
    )
    campaign.part_version = campaign.part_said = None


def _passed_on(session: Session, campaign: Campaign) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for each in session.scalars(
        select(AuditEntry).where(
            AuditEntry.subject == Subject("campaign", campaign.id),
            AuditEntry.act == f"issue {PASSED_ON}",
        )
    ):
        if each.actor.kind is ActorKind.OPERATOR and each.actor.id is not None:
            found.setdefault(each.actor.id, set()).add(int(each.detail["to"]))
    return found


def _with_heirs(number: int, heirs: dict[int, set[int]]) -> set[int]:
    found, more = set[int](), {number}
    while more:
        found |= more
        more = {heir for each in more for heir in heirs.get(each, ())} - found
    return found
