"""Changes of a campaign's state: the only way to make one, with its line in the audit."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from mailer.models import Campaign, CampaignStatus

_KIND: Final = "campaign"


def move(
    session: Session,
    campaign: Campaign,
    to: CampaignStatus,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    **detail: Any,
) -> None:
    """Let ``campaign`` become ``to``, where its state allows it, and write down who did it.

    NotAllowed, a sentence, where the state does not.
    """
    campaign.move(to)
    note(session, campaign, act, actor=actor, now=now, **detail)


def note(
    session: Session, campaign: Campaign, act: str, *, actor: Actor, now: datetime, **detail: Any
) -> None:
    """Write down what was done to ``campaign`` where its state stays, or may stay, what it is."""
    campaign.updated_at = now
    audit.write(session, f"issue {act}", _KIND, campaign.id, actor=actor, now=now, **detail)
