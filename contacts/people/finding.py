"""Finding people by the beginnings of words and by what they are, quickly among a million.

Every condition is said twice: as the set of people it is true of, which an index gives at once
when they are few, and as a test of one row, which is quick where many rows pass it. A search is
led by its narrowest condition; where all are broad, the list is walked in the order that is asked
for until the page is full, and the count says "more than" so many. An index gives every order.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from contacts.models import (
    Category,
    Contact,
    Newsletter,
    Organisation,
    Role,
    Subscription,
    SubscriptionStatus,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.names import fold

MOST: Final = 10_000  # people counted where a condition leads to them
WALKED: Final = 500  # people counted where the list has to be walked
_LEADS: Final = 20_000  # the narrowest of several conditions leads up to this size
BY_NAME: Final = (Contact.last_name_key, Contact.first_name_key, Contact.id)
# What no index gives, so that none leads where few are found.
_SORTED: Final = (Contact.last_name_key + "", Contact.first_name_key + "", Contact.id)
_BY_CHANGE: Final = (Contact.updated_at.desc(), Contact.id.desc())
_SORTED_BY_CHANGE: Final = (
    func.coalesce(Contact.updated_at, Contact.created_at).desc(),
    Contact.id.desc(),
)
_BY_PLACE: Final = (Organisation.name_key, *_SORTED)
SORTS: Final = ("name", "organisation", "changed")
_WORDS: Final = 6
# What may be a domain: it takes a look at every address, so it is asked of nothing else.
_DOMAIN: Final = re.compile(r"@[^@\s]+|[^@\s]+\.[^@\s]+")
_TOP: Final = "\U0010ffff"  # sorts after every other character


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty value asks nothing. All but ``text`` and ``sort`` are slugs.

    ``sort`` is one of SORTS; anything else is the order of names.
    """

    text: str = ""
    category: str = ""
    role: str = ""
    tag: str = ""
    newsletter: str = ""
    standing: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people, and how many there are, or how many at least when not ``exact``."""

    people: Sequence[Contact]
    total: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Condition:
    members: Select[Any] | CompoundSelect[Any]
    holds: ColumnElement[bool]


def find(session: Session, wanted: Wanted, *, page: int, per_page: int) -> Found:
    """One page of the people who are wanted, in the order that is."""
    where, most = _plan(session, list(_conditions(session, wanted)))
    start = (page - 1) * per_page
    if wanted.sort == "organisation":
        ids = _by_place(session, where, start, per_page, few=most == MOST)
    else:
        # Few are found and then sorted; many are met in the order of an index.
        names, changes = (_SORTED, _SORTED_BY_CHANGE) if most == MOST else (BY_NAME, _BY_CHANGE)
        order = changes if wanted.sort == "changed" else names
        chosen = select(Contact.id).where(*where).order_by(*order)
        ids = session.scalars(chosen.offset(start).limit(per_page)).all()
    people = people_in(session, ids)
    if not where:
        everybody = session.scalar(select(func.count()).select_from(Contact)) or 0
        return Found(people, everybody, exact=True)
    total = _count_to(session, select(Contact.id).where(*where), most)
    return Found(people, min(total, most), exact=total <= most)


def people_in(session: Session, ids: Sequence[int]) -> Sequence[Contact]:
    """These people in this order, with their organisations, categories and roles."""
    found = session.scalars(
        select(Contact)
        .where(Contact.id.in_(ids))
        .options(
            joinedload(Contact.organisation).joinedload(Organisation.category),
            joinedload(Contact.own_category),
            selectinload(Contact.roles),
        )
    )
    people = {each.id: each for each in found}
    return [people[number] for number in ids if number in people]


def _by_place(
    session: Session, where: Sequence[ColumnElement[bool]], start: int, per_page: int, *, few: bool
) -> Sequence[int]:
    """By the names of organisations, then of people; who is at none comes last."""
    at = Contact.organisation_id == Organisation.id
    # Few are found and then sorted. Else organisations are walked in the order of their index:
    # by an outer join, since SQLite would begin with the people and sort them all.
    placed = select(Contact.id).join(Organisation, at).where(*where)
    if not few:
        everywhere = select(Contact.id).select_from(Organisation)
        placed = everywhere.outerjoin(Contact, and_(at, *where)).where(
            func.coalesce(Contact.id, 0) > 0
        )
    page = placed.order_by(*_BY_PLACE).offset(start).limit(per_page)
    ids = session.scalars(page).all()
    if len(ids) == per_page:
        return ids
    alone = Contact.organisation_id.is_(None)
    passed = 0
    if not ids:
        placed_in_all = select(func.count()).select_from(Contact).where(*where, ~alone)
        passed = max(0, start - (session.scalar(placed_in_all) or 0))
    rest = select(Contact.id).where(*where, alone).order_by(*(_SORTED if few else BY_NAME))
    return [*ids, *session.scalars(rest.offset(passed).limit(per_page - len(ids)))]


def _plan(session: Session, conditions: list[_Condition]) -> tuple[list[ColumnElement[bool]], int]:
    """How to look, and how far to count."""
    sizes = [_count_to(session, each.members, _LEADS) for each in conditions]
    narrowest = min(sizes, default=0)
    leads = narrowest <= MOST or (len(sizes) > 1 and narrowest <= _LEADS)
    where = [
        Contact.id.in_(each.members)
        if size <= MOST or (leads and size == narrowest)
        else each.holds
        for each, size in zip(conditions, sizes, strict=True)
    ]
    return where, MOST if sizes and leads else WALKED


def _count_to(session: Session, query: Select[Any] | CompoundSelect[Any], most: int) -> int:
    some = query.limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _conditions(session: Session, wanted: Wanted) -> Iterator[_Condition]:
    for word in wanted.text.replace(",", " ").split()[:_WORDS]:
        yield _word(word, ranges=session.get_bind().dialect.name == "sqlite")
    if wanted.category:
        yield _category(_id_of(session, Category, wanted.category))
    if wanted.role:
        held = contact_roles.c
        yield _held(held.contact_id, held.role_id, _id_of(session, Role, wanted.role))
    if wanted.tag:
        held = contact_tags.c
        yield _held(held.contact_id, held.tag_id, _id_of(session, Tag, wanted.tag))
    if wanted.newsletter:
        yield _standing(_id_of(session, Newsletter, wanted.newsletter), wanted.standing)


def _id_of(
    session: Session, kind: type[Category] | type[Role] | type[Tag] | type[Newsletter], slug: str
) -> int:
    return session.scalar(select(kind.id).where(kind.slug == slug)) or 0  # nothing has number 0


def _word(word: str, *, ranges: bool) -> _Condition:
    """A name, an address, its domain, or a word of an organisation's name or of a role begins with
    it."""
    columns = (Contact.last_name_key, Contact.first_name_key, Contact.address_key)
    spelt = sorted(_spellings(word))
    key = fold(word)
    places = select(Organisation.id).where(
        or_(
            Organisation.name_key.startswith(key, autoescape=True),
            Organisation.name_key.contains(f" {key}", autoescape=True),
        )
    )
    begins = [_begins(column, each, ranges=ranges) for column in columns for each in spelt]
    at_place = and_(Contact.organisation_id.is_not(None), Contact.organisation_id.in_(places))
    held = contact_roles.c
    roles = held.role_id.in_(_roles_with(spelt))
    domains = []
    if _DOMAIN.fullmatch(word):
        at = f"@{word.removeprefix('@').lower()}"
        domains.append(Contact.address_key.contains(at, autoescape=True))
    members = union_all(
        *(select(Contact.id).where(each) for each in (*begins, *domains, at_place)),
        select(held.contact_id).where(roles),
    )
    tests = [column.startswith(each, autoescape=True) for column in columns for each in spelt]
    has_role = exists().where(held.contact_id == Contact.id, roles)
    return _Condition(members, or_(*tests, *domains, at_place, has_role))


def _roles_with(spelt: Sequence[str]) -> Select[Any]:
    name = func.lower(Role.name)
    return select(Role.id).where(
        or_(
            *(name.startswith(each, autoescape=True) for each in spelt),
            *(name.contains(f" {each}", autoescape=True) for each in spelt),
        )
    )


def _begins(column: InstrumentedAttribute[Any], word: str, *, ranges: bool) -> ColumnElement[bool]:
    # SQLite's LIKE looks at no index; PostgreSQL's does, and only there is a sort order its own.
    if ranges:
        return and_(column >= word, column < word + _TOP)
    return column.startswith(word, autoescape=True)


def _spellings(word: str) -> set[str]:
    # SQLite's lower() leaves letters such as Á as they are.
    return {word.lower(), *(_ascii_lower(each) for each in (word, word.capitalize()))}


def _ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _category(category_id: int) -> _Condition:
    through = select(Organisation.id).where(Organisation.category_id == category_id)
    inherited = and_(Contact.organisation_id.is_not(None), Contact.organisation_id.in_(through))
    own = and_(Contact.organisation_id.is_(None), Contact.own_category_id == category_id)
    members = union_all(*(select(Contact.id).where(each) for each in (inherited, own)))
    # A CASE and no OR: an index of organisations would not give people in the order of names.
    test = case(
        (Contact.organisation_id.is_not(None), Contact.organisation_id.in_(through)),
        else_=Contact.own_category_id == category_id,
    )
    return _Condition(members, test)


def _held(contact_id: Column[Any], thing_id: Column[Any], wanted_id: int) -> _Condition:
    return _Condition(
        select(contact_id).where(thing_id == wanted_id),
        exists().where(contact_id == Contact.id, thing_id == wanted_id),
    )


def _standing(newsletter_id: int, standing: str) -> _Condition:
    on_it = Subscription.newsletter_id == newsletter_id
    if standing in {status.value for status in SubscriptionStatus}:
        on_it = and_(on_it, Subscription.status == SubscriptionStatus(standing))
    return _Condition(
        select(Subscription.contact_id).where(on_it),
        exists().where(Subscription.contact_id == Contact.id, on_it),
    )
