"""Templates: skeletons of blocks that issues begin with, written like an issue and never sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor
from contacts.models import Newsletter
from mailer.authoring import document as documents
from mailer.authoring.library.uses import without_sources
from mailer.campaigns import editing
from mailer.campaigns.naming.called import LONGEST_NAME
from mailer.campaigns.starting import frames
from mailer.errors import FormError
from mailer.models import Campaign, CampaignKind, CampaignStatus, Schedule

_ADDRESS: Final = "template"


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """A template, and how many schedules make their drafts from it."""

    template: Campaign
    schedules: int


def make(
    session: Session,
    newsletter: Newsletter,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    like: Campaign | None = None,
) -> Campaign:
    """A new template: the empty frame, or the blocks of an issue or template ``like``. FormError
    where it can't be called so."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise FormError([("name", f"Write a name, in at most {LONGEST_NAME} characters.")])
    if _named(session, newsletter, name) is not None:
        raise FormError([("name", f"{newsletter.name} has a template called {name} already.")])
    return editing.create(
        session,
        newsletter,
        name=name,
        subject=like.subject if like else "",
        preview_text=like.preview_text if like else "",
        document=_fresh(like.document) if like else frames.starter(newsletter),
        kind=CampaignKind.TEMPLATE,
        slug=_ADDRESS,
        actor=actor,
        now=now,
    )


def listing(session: Session) -> Sequence[ListedTemplate]:
    """Every template, by newsletter and name."""
    used = (
        select(func.count())
        .where(Schedule.template_id == Campaign.id)
        .correlate(Campaign)
        .scalar_subquery()
    )
    found = session.execute(
        select(Campaign, used)
        .join(Newsletter, Newsletter.id == Campaign.newsletter_id)
        .where(Campaign.status == CampaignStatus.TEMPLATE)
        .options(joinedload(Campaign.newsletter))
        .order_by(Newsletter.name, Campaign.name, Campaign.id)
    )
    return [ListedTemplate(template, number) for template, number in found]


def of_newsletter(session: Session, newsletter_id: int) -> Sequence[Campaign]:
    """The templates of a newsletter: what its schedule uses first, then the oldest."""
    used = select(Schedule.template_id).where(Schedule.active)
    return session.scalars(
        select(Campaign)
        .where(Campaign.newsletter_id == newsletter_id, Campaign.status == CampaignStatus.TEMPLATE)
        .order_by(Campaign.id.in_(used).desc(), Campaign.id)
    ).all()


def standard_of(
    session: Session, newsletter: Newsletter, *, actor: Actor, now: datetime
) -> Campaign:
    """The template of a newsletter; where it has none, one with the frame of its newest issue."""
    found = of_newsletter(session, newsletter.id)
    if found:
        return found[0]
    made = make(session, newsletter, f"{newsletter.name}: template", actor=actor, now=now)
    made.document = dict(frames.template_of(session, newsletter))
    return made


def begun(template: Mapping[str, Any], date: str) -> dict[str, object]:
    """What an issue says that begins with a template: its masthead says ``date``, and each block
    that has to be written knows what it said at first."""
    document, problems = documents.read(template)
    if problems:
        return frames.dated(dict(template), date)
    blocks = tuple(
        replace(each, began_as=documents.beginning_of(each)) if each.if_unwritten else each
        for each in document.blocks
    )
    return frames.dated(documents.to_json(replace(document, blocks=blocks)), date)


def _fresh(document: Mapping[str, Any]) -> dict[str, Any]:
    found, problems = documents.read(document)
    if problems:
        return dict(document)
    blocks = tuple(replace(without_sources(each), began_as="") for each in found.blocks)
    return documents.to_json(replace(found, blocks=blocks))


def _named(session: Session, newsletter: Newsletter, name: str) -> Campaign | None:
    return session.scalar(
        select(Campaign)
        .where(
            Campaign.newsletter_id == newsletter.id,
            Campaign.status == CampaignStatus.TEMPLATE,
            Campaign.name == name,
        )
        .limit(1)
    )
