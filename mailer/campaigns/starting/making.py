"""A new issue: what it is called, and what it starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Newsletter
from mailer.campaigns import editing
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import Called
from mailer.campaigns.naming.called import problems as problems_of_naming
from mailer.campaigns.starting import frames, templates
from mailer.campaigns.starting.copying import CopiedWords, copied_words
from mailer.clock import wall_of
from mailer.errors import FormError
from mailer.models import Campaign, CampaignKind
from mailer.network.details import zone


class From(StrEnum):
    """What a new issue starts from."""

    FRAME = "frame"
    TEMPLATE = "template"
    COPY = "copy"
    ONE_OFF = "one_off"
    YEAR = "year"  # its facts, which ``Start.document`` has

    @property
    def kind(self) -> CampaignKind:
        return CampaignKind.ONE_OFF if self is From.ONE_OFF else CampaignKind.ISSUE


@dataclass(frozen=True, slots=True)
class Start:
    """What a new issue starts from; ``copy_of`` is the id of the issue to copy, ``template`` that
    of the template to begin with, None for the newsletter's first."""

    source: From
    copy_of: int | None = None
    template: int | None = None
    document: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MadeIssue:
    """The draft, and the titles of events of the earlier issue that are over: not in it."""

    campaign: Campaign
    over: tuple[str, ...]


def problems(
    session: Session, newsletter: Newsletter, called: Called, start: Start
) -> list[tuple[str, str]]:
    """What is in the way of making it: field and sentence."""
    found = problems_of_naming(session, newsletter.id, called, kind=start.source.kind)
    if start.source is From.COPY and _copied(session, newsletter, start.copy_of) is None:
        found.append(("copy_of", f"Choose an issue of {newsletter.name} to copy."))
    if start.source is From.TEMPLATE and _template(session, newsletter, start) is None:
        sentence = f"{newsletter.name} has no such template: start from the empty frame."
        found.append(("start", sentence))
    return found


def make(
    session: Session,
    newsletter: Newsletter,
    called: Called,
    start: Start,
    *,
    actor: Actor,
    now: datetime,
) -> MadeIssue:
    """A new draft; FormError where it can't be called so, or there is nothing to start from."""
    if wrong := problems(session, newsletter, called, start):
        raise FormError(wrong)
    earlier = _copied(session, newsletter, start.copy_of) if start.source is From.COPY else None
    template = _template(session, newsletter, start) if start.source is From.TEMPLATE else None
    words = CopiedWords(template.document if template else frames.starter(newsletter))
    if earlier is not None:
        words = copied_words(earlier.document, there=wall_of(now, zone(session)))
    document = dict(start.document) if start.document else None
    campaign = editing.create(
        session,
        newsletter,
        name=called.name,
        subject="",
        document=document or templates.begun(words.document, months.month_words(called.month)),
        kind=start.source.kind,
        month=called.month or None,
        slug=called.address,
        segment_id=earlier.segment_id if earlier else None,
        actor=actor,
        now=now,
    )
    return MadeIssue(campaign, words.over)


def _template(session: Session, newsletter: Newsletter, start: Start) -> Campaign | None:
    found = templates.of_newsletter(session, newsletter.id)
    return next((each for each in found if start.template in (None, each.id)), None)


def _copied(session: Session, newsletter: Newsletter, campaign_id: int | None) -> Campaign | None:
    return session.scalar(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.newsletter_id == newsletter.id)
    )
