"""A correction by mail: a one-off to whoever got the issue, which says what was wrong."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.campaigns import editing
from mailer.campaigns.moving import note
from mailer.campaigns.naming.addresses import address_of
from mailer.campaigns.naming.months import month_at, month_words
from mailer.campaigns.starting import frames
from mailer.campaigns.verbs import Verb
from mailer.models import Campaign, CampaignKind, Correction


def make(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """A draft for the people who got the issue, with what its page says was corrected. It goes out
    like any other: once somebody has approved it."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.CORRECT.check(campaign.status)
    notes = session.scalars(
        select(Correction.note).where(Correction.campaign_id == campaign.id).order_by(Correction.id)
    )
    frame = frames.template_of(session, campaign.newsletter)["blocks"]
    assert isinstance(frame, list)
    said = "\n\n".join(notes)
    words = {"id": "correction", "type": "text", "heading": "A correction", "text": said}
    blocks = [each for each in frame if each["type"] == "masthead"]
    blocks += [words, *(each for each in frame if each["type"] == "footer")]
    month = month_words(campaign.month or month_at(now))
    name = f"Correction of {campaign.name}"
    made = editing.create(
        session,
        campaign.newsletter,
        name=name,
        subject=f"Correction: {campaign.subject}",
        document=frames.dated({"version": 1, "blocks": blocks}, month),
        kind=CampaignKind.ONE_OFF,
        slug=address_of(session, campaign.newsletter_id, name),
        segment_id=campaign.segment_id,
        actor=actor,
        now=now,
    )
    made.corrects_id = campaign.id
    note(session, campaign, "correction begun", actor=actor, now=now, by=made.id)
    return made
