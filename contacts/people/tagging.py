"""One tag for many people at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.bulk import among, insert_new
from contacts.errors import BadName
from contacts.models import Contact, contact_tags
from contacts.people.adding import tag_called
from contacts.people.editing import LONGEST_TAG, MOST_TAGS


@dataclass(frozen=True, slots=True)
class Tagged:
    """What came of tagging people: who has the tag now that had it not, and who has too many."""

    tag: str
    added: int
    had: int
    full: int


def tag_people(
    session: Session, ids: Collection[int], name: str, *, actor: Actor, now: datetime
) -> Tagged:
    """Put a tag on these people; BadName says why it can be none."""
    tag = tag_called(session, _checked(name))
    held = contact_tags.c
    these = among(session, Contact.id, ids)
    number = select(func.count()).where(held.contact_id == Contact.id).correlate(Contact)
    has_room = number.scalar_subquery() < MOST_TAGS
    rows = select(Contact.id, literal(tag.id)).where(these, has_room)
    added = insert_new(session, contact_tags, ("contact_id", "tag_id"), rows, "contact_id")
    tagged = select(held.contact_id).where(held.tag_id == tag.id)
    having = _count(session, these, Contact.id.in_(tagged))
    without = _count(session, these, Contact.id.not_in(tagged))
    session.execute(
        update(Contact)
        .where(among(session, Contact.id, added))
        .values(updated_at=now)
        .execution_options(synchronize_session=False)
    )
    for each in added:
        audit.write(session, "changed", "contact", each, actor=actor, now=now, changed=["tags"])
    session.flush()
    return Tagged(tag.name, len(added), having - len(added), without)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BadName("Write the tag that the chosen people get.")
    if "," in name:
        raise BadName("Write one tag at a time, without a comma.")
    if len(name) > LONGEST_TAG:
        raise BadName(f"Shorten the tag: it has at most {LONGEST_TAG} characters.")
    return name


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(Contact).where(*conditions)
    return session.scalar(counted) or 0
