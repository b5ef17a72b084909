"""Tests that people have read: who says of a version that its mail looks right."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, Subject
from contacts.models import AuditEntry
from mailer.accounts.naming import name_of
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Campaign

_ACT: Final = "test read"


def say_it_is_right(
    session: Session, campaign_id: int, version: int, *, actor: Actor, now: datetime
) -> Campaign:
    """Note that ``actor`` found nothing wrong in a test of this version. NotAllowed when the issue
    has moved on since, as what was read is not what would go out."""
    campaign = find(session, campaign_id, lock=True)
    Verb.TEST.check(campaign.status)
    if version != campaign.version:
        raise NotAllowed(
            f"This was a test of version {version}, and the issue is at version "
            f"{campaign.version} now: send yourself a test of that one."
        )
    if name_of(session, actor) not in readers_of(session, campaign):
        note(session, campaign, _ACT, actor=actor, now=now, version=version)
    return campaign


def readers_of(session: Session, campaign: Campaign) -> list[str]:
    """Who said so of the version that would go out now, in the order in which they did."""
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.subject == Subject("campaign", campaign.id),
            AuditEntry.act == f"issue {_ACT}",
        )
        .order_by(AuditEntry.id)
    )
    said = [each.actor for each in entries if each.detail.get("version") == campaign.version]
    return [name_of(session, each) for each in dict.fromkeys(said)]
