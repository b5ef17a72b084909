"""The library of segments: kept, counted, looked into, and asked about one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from contacts.errors import BadName, UnknownRecord
from contacts.models import Category, Contact, Newsletter, Organisation, Role, Segment, Tag
from contacts.names import fold, slugify
from contacts.segments.compiling import matching
from contacts.segments.rules import Group, Rule

_Kind = type[Category] | type[Role] | type[Tag] | type[Organisation] | type[Newsletter]
_KINDS: Final[Mapping[str, _Kind]] = {
    "category": Category,
    "role": Role,
    "tag": Tag,
    "organisation": Organisation,
    "newsletter": Newsletter,
}
_LISTED: Final = ("category", "role", "tag", "newsletter")  # few enough to tick


@dataclass(frozen=True, slots=True)
class SegmentVerdict:
    """Whether a person belongs; ``failing`` are the numbers of the rules they fail, from 1."""

    belongs: bool
    failing: tuple[int, ...]


def save(
    session: Session, *, name: str, group: Group, segment: Segment | None, now: datetime
) -> Segment:
    """Keep rules under a name, as a new segment or in place of another's. Its URL stays."""
    name = " ".join(name.split())
    if not name or len(name) > 200:
        raise BadName("Give the segment a name of at most 200 characters.")
    namesake = session.scalar(
        select(Segment).where(func.lower(Segment.name) == name.lower()).limit(1)
    )
    if namesake is not None and (segment is None or namesake.id != segment.id):
        raise BadName(f"There is a segment called {namesake.name} already.")
    if segment is None:
        slug = _free_slug(session, slugify(name) or "segment")
        segment = Segment(slug=slug, created_at=now)
        session.add(segment)
    segment.name, segment.rules, segment.updated_at = name, group.to_json(), now
    session.flush()
    return segment


def count(session: Session, group: Group) -> int:
    """How many people match, now and exactly."""
    return session.scalar(select(func.count()).select_from(Contact).where(matching(group))) or 0


def sample(session: Session, group: Group, number: int = 5) -> Sequence[Contact]:
    """Some of those who match, to see whether they are who was meant."""
    return session.scalars(
        select(Contact)
        .where(matching(group))
        .options(joinedload(Contact.organisation))
        .order_by(Contact.id)
        .limit(number)
    ).all()


def check_person(session: Session, group: Group, contact_id: int) -> SegmentVerdict:
    """Whether one person matches, and which rules say no."""
    failing = tuple(
        number
        for number, rule in enumerate(group.rules, 1)
        if not _is_among(session, Group("all", (rule,)), contact_id)
    )
    return SegmentVerdict(_is_among(session, group, contact_id), failing)


def empty_rules(session: Session, group: Group) -> tuple[int, ...]:
    """The numbers of the rules that nobody at all meets."""
    return tuple(
        number
        for number, rule in enumerate(group.rules, 1)
        if not session.scalar(select(exists().where(matching(Group("all", (rule,))))))
    )


def names(session: Session, group: Group) -> dict[tuple[str, str], str]:
    """The names behind the slugs of these rules, for their sentence."""
    found: dict[tuple[str, str], str] = {}
    for field, slugs in _slugs(group).items():
        kind = _KINDS[field]
        rows = session.execute(select(kind.slug, kind.name).where(kind.slug.in_(slugs)))
        found |= {(field, slug): name for slug, name in rows}
    return found


def choices(session: Session) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Slug and name of everything a rule can be about, but for organisations: they are many."""
    return {
        field: [
            (slug, name)
            for slug, name in session.execute(
                select(_KINDS[field].slug, _KINDS[field].name).order_by(_KINDS[field].name)
            )
        ]
        for field in _LISTED
    }


def organisations_called(session: Session, wanted: Sequence[str]) -> dict[str, str]:
    """The slug of each of these names that an organisation has."""
    keys = {fold(name): name for name in wanted}
    rows = session.execute(
        select(Organisation.name_key, Organisation.slug).where(Organisation.name_key.in_(keys))
    )
    return {keys[key]: slug for key, slug in rows}


def _is_among(session: Session, group: Group, contact_id: int) -> bool:
    found = session.scalar(select(Contact.id).where(Contact.id == contact_id, matching(group)))
    return found is not None


def _slugs(group: Group) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for rule in group.rules:
        if isinstance(rule, Rule):
            found.setdefault(rule.field, set()).update(rule.values)
        else:
            for field, slugs in _slugs(rule).items():
                found.setdefault(field, set()).update(slugs)
    return found


def _free_slug(session: Session, wanted: str) -> str:
    taken = set(
        session.scalars(
            select(Segment.slug).where(Segment.slug.startswith(wanted, autoescape=True))
        )
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def segment_of(session: Session, slug: str) -> Segment:
    """The segment with this slug."""
    found = session.scalar(select(Segment).where(Segment.slug == slug))
    if found is None:
        raise UnknownRecord(f"There is no segment called {slug!r}.")
    return found
