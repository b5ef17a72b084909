"""Who owns an issue, who approves it and by when: a line of Home and of the hub."""

from dataclasses import dataclass
from datetime import datetime

from mailer.accounts import operators, roles
from mailer.campaigns.approved import approver_of
from mailer.campaigns.timeline.owning import owner_of
from mailer.campaigns.timeline.replanning import approve_by
from mailer.models import Campaign, Operator, Power
from mailer.notices.people import approvers_of
from mailer.web.policy import acting
from mailer.web.transactions import session


@dataclass(frozen=True, slots=True)
class IssuePeople:
    """``owner`` and ``approvers`` as they are named to whoever looks; ``by`` is until when it has
    to be approved. ``might`` are those who can be made its owner."""

    owner: str
    owner_id: int | None
    approvers: str
    by: datetime | None
    might: list[Operator]


def people_of(issue: Campaign, *, may_change: bool) -> IssuePeople:
    """The people of an issue that is to come."""
    owner, me = owner_of(session(), issue), acting().id
    if issue.approved:
        approvers = f"approved by {approver_of(issue)}"
    else:
        named = [_named(each, me) for each in approvers_of(session(), issue)]
        approvers = f"{roles.listed(named)} approve{'' if len(named) > 1 else 's'}" if named else ""
        if named == ["you"]:
            approvers = "you approve"
    return IssuePeople(
        _named(owner, me) if owner else "nobody",
        owner.id if owner else None,
        approvers,
        None if issue.approved else approve_by(session(), issue),
        list(operators.those_who_may(session(), Power.EDITOR)) if may_change else [],
    )


def _named(operator: Operator, me: int | None) -> str:
    return "you" if operator.id == me else operator.name
