"""What an import makes and changes, by name: some of each kind, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contacts.models import Contact, Organisation, Role, Tag

_SHOWN: Final = 8
_CALLED: Final = func.coalesce(func.nullif(Contact.name, ""), Contact.email, "somebody nameless")


@dataclass(frozen=True, slots=True)
class SomeNames:
    """A few names, and how many there are in all."""

    some: Sequence[str] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """Who is new and who changes, and what is made for them."""

    people: SomeNames = field(default_factory=SomeNames)
    changed: SomeNames = field(default_factory=SomeNames)
    organisations: SomeNames = field(default_factory=SomeNames)
    roles: SomeNames = field(default_factory=SomeNames)
    tags: SomeNames = field(default_factory=SomeNames)


@dataclass(frozen=True, slots=True)
class Before:
    """The last of each kind there was, and the moment."""

    at: datetime
    people: int
    organisations: int
    roles: int
    tags: int


def before(session: Session, *, now: datetime) -> Before:
    """What there is before an import makes anything."""
    return Before(now, *(_last(session, each.id) for each in (Contact, Organisation, Role, Tag)))


def made_since(session: Session, then: Before, *, now: datetime) -> Made:
    """What there is now that was not there then."""
    changed = (Contact.id <= then.people, Contact.updated_at.between(then.at, now))
    return Made(
        people=_some(session, _CALLED, Contact.id, Contact.id > then.people),
        changed=_some(session, _CALLED, Contact.id, *changed),
        organisations=_some(
            session, Organisation.name, Organisation.id, Organisation.id > then.organisations
        ),
        roles=_some(session, Role.name, Role.id, Role.id > then.roles),
        tags=_some(session, Tag.name, Tag.id, Tag.id > then.tags),
    )


def _last(session: Session, number: InstrumentedAttribute[int]) -> int:
    return session.scalar(select(func.max(number))) or 0


def _some(
    session: Session,
    name: ColumnElement[str] | InstrumentedAttribute[str],
    number: InstrumentedAttribute[int],
    *conditions: ColumnElement[Any],
) -> SomeNames:
    # People come in the order of the file, other things by their names.
    order = number if number.class_ is Contact else name
    some = session.scalars(select(name).where(*conditions).order_by(order).limit(_SHOWN)).all()
    counted = select(func.count(number)).where(*conditions)
    return SomeNames(some, session.scalar(counted) or 0)
