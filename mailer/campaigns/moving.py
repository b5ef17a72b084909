"""Changes of a campaign's state: the only way to make one, with its line in the audit."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor, ActorKind
from mailer.campaigns.verbs import Verb
from mailer.models import Campaign, CampaignStatus

_KIND: Final = "campaign"
_TOLD: Final = {CampaignStatus.WAITING, CampaignStatus.HELD}  # of these its people are told by mail


def move(
    session: Session,
    campaign: Campaign,
    verb: Verb,
    to: CampaignStatus,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    **detail: Any,
) -> None:
    """Let ``verb`` make ``campaign`` become ``to``, and write down who did it.

    NotAllowed, a sentence, where its state does not allow the verb.
    """
    verb.check(campaign.status)
    campaign.status = to
    if to in _TOLD or (to is CampaignStatus.PAUSED and actor.kind is not ActorKind.OPERATOR):
        campaign.to_tell = str(actor)
    note(session, campaign, act, actor=actor, now=now, **detail)


def tell(campaign: Campaign, by: Actor) -> None:
    """Let its people be told of what ``by`` made of it, after the commit."""
    campaign.to_tell = str(by)


def note(
    session: Session, campaign: Campaign, act: str, *, actor: Actor, now: datetime, **detail: Any
) -> None:
    """Write down what was done to ``campaign`` where its state stays, or may stay, what it is."""
    campaign.updated_at = now
    campaign.replan = True
    audit.write(session, f"issue {act}", _KIND, campaign.id, actor=actor, now=now, **detail)
