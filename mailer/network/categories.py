"""Removing a category: none that is held, and none that a segment or an issue speaks of."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.errors import InUse
from contacts.membership import categories
from contacts.models import Segment
from mailer.models import WRITABLE, Campaign


def remove(session: Session, slug: str, *, actor: Actor, now: datetime) -> str:
    """Remove a category that is used nowhere; its name. InUse says where it is used."""
    category = categories.find(session, slug)
    if places := used_in(session, slug):
        raise InUse(f"{category.name} is used in {places[0]}: take it out there first.")
    return categories.remove(session, slug, actor=actor, now=now)


def used_in(session: Session, slug: str) -> list[str]:
    """Segments, drafts and templates that speak of the category, as people know them."""
    segments = [
        f"the segment {each.name}"
        for each in session.scalars(select(Segment).order_by(Segment.name))
        if _is_ruled_by(each.rules, slug)
    ]
    drafts = select(Campaign).where(Campaign.status.in_(WRITABLE)).order_by(Campaign.id)
    issues = [
        f"the {'template' if each.is_template else 'issue'} {each.name}"
        for each in session.scalars(drafts)
        if _is_shown_to(each.document, slug)
    ]
    return segments + issues


def _is_ruled_by(rules: dict[str, Any], slug: str) -> bool:
    return any(
        _is_ruled_by(each, slug)
        if "rules" in each
        else each.get("field") == "category" and slug in each.get("values", ())
        for each in rules.get("rules", ())
    )


def _is_shown_to(part: Any, slug: str) -> bool:
    if isinstance(part, list):
        return any(_is_shown_to(each, slug) for each in part)
    if not isinstance(part, dict):
        return False
    if slug in (part.get("visible_to") or ()):
        return True
    return any(_is_shown_to(each, slug) for each in part.values())
