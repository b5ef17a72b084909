"""Finding and adding: people, organisations, categories, newsletters, segments."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.addresses import parse
from contacts.errors import BadName, UnknownRecord
from contacts.models import Category, Contact, Newsletter, Organisation, Role, Segment, Tag

_HONORIFICS = frozenset(
    {"cllr", "councillor", "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir"}
    | {"dame", "lord", "lady", "rev", "revd", "the", "hon"}
)

CATEGORIES = (
    ("full", "Full", "Councils: a vote, Policy Lab funding and the consultancy framework."),
    ("associate", "Associate", "Smaller councils, opposition groups and governments elsewhere."),
    ("affiliate", "Affiliate", "Non-governmental organisations and companies."),
    ("supporter", "Supporter", "People and organisations who wish to show support."),
)


def folded(text: str) -> str:
    """A name as compared: one space between words, no case, one spelling of each character."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def slugged(text: str) -> str:
    """A name as part of a URL: lower-case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:72]


def split_name(name: str) -> tuple[str, str]:
    """First and last name of a full one: titles are passed over, "Kaur, Amrit" is turned round."""
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first} {last}"
    words = name.split()
    while len(words) > 1 and words[0].casefold().rstrip(".") in _HONORIFICS:
        words = words[1:]
    if not words:
        return "", ""
    return words[0], " ".join(words[1:])


def ensure_categories(session: Session) -> dict[str, Category]:
    """The four categories that ship, by slug, and whatever others there are."""
    known = {category.slug: category for category in session.scalars(select(Category))}
    for position, (slug, name, description) in enumerate(CATEGORIES):
        if slug not in known:
            known[slug] = Category(slug=slug, name=name, description=description, position=position)
            session.add(known[slug])
    session.flush()
    return known


def add_newsletter(
    session: Session,
    *,
    slug: str,
    name: str,
    from_name: str,
    from_address: str,
    now: datetime,
    description: str = "",
    frequency: str = "",
    postal_address: str = "",
    reply_to: str | None = None,
) -> Newsletter:
    """A new publication; BadName when its slug cannot be used."""
    if slug != slugged(slug) or not slug:
        raise BadName("A slug is lower-case letters, digits and hyphens, like members-update.")
    if session.scalar(select(Newsletter.id).where(Newsletter.slug == slug)):
        raise BadName(f"There is a newsletter called {slug} already.")
    made = Newsletter(
        slug=slug,
        name=" ".join(name.split()) or slug,
        description=description,
        frequency=frequency,
        from_name=" ".join(from_name.split()),
        from_address=parse(from_address).wire,
        reply_to=parse(reply_to).wire if reply_to else None,
        postal_address=postal_address,
        position=0,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def newsletter_of(session: Session, slug: str) -> Newsletter:
    """The newsletter with this slug; UnknownRecord names those there are."""
    found = session.scalar(select(Newsletter).where(Newsletter.slug == slug))
    if found is None:
        known = ", ".join(session.scalars(select(Newsletter.slug).order_by(Newsletter.slug)))
        raise UnknownRecord(f"There is no newsletter called {slug!r}. There is: {known or 'none'}.")
    return found


def segment_of(session: Session, slug: str) -> Segment:
    """The segment with this slug."""
    found = session.scalar(select(Segment).where(Segment.slug == slug))
    if found is None:
        raise UnknownRecord(f"There is no segment called {slug!r}.")
    return found


def add_organisation(
    session: Session, name: str, *, category: Category | None, now: datetime
) -> Organisation:
    """An organisation, or the one that is called the same."""
    key = folded(name)
    found = session.scalar(select(Organisation).where(Organisation.name_key == key))
    if found is not None:
        return found
    made = Organisation(
        slug=free_slug(session, slugged(name) or "organisation"),
        name=" ".join(name.split()),
        name_key=key,
        category_id=category.id if category else None,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def add_contact(
    session: Session,
    *,
    name: str,
    email: str | None,
    now: datetime,
    organisation: Organisation | None = None,
    category: Category | None = None,
    roles: list[Role] | None = None,
    tags: list[Tag] | None = None,
) -> Contact:
    """A person. ``category`` is their own and counts only without an organisation."""
    address = parse(email) if email else None
    first, last = split_name(name)
    made = Contact(
        email=address.wire if address else None,
        address_key=address.key if address else None,
        name=" ".join(name.split()),
        first_name=first,
        last_name=last,
        organisation_id=organisation.id if organisation else None,
        own_category_id=category.id if category and not organisation else None,
        counted=False,
        created_at=now,
        updated_at=now,
        roles=roles or [],
        tags=tags or [],
    )
    session.add(made)
    session.flush()
    return made


def role_called(session: Session, name: str) -> Role:
    """The role of this name, made when it is new."""
    slug = slugged(name) or "role"
    found = session.scalar(select(Role).where(Role.slug == slug))
    if found is None:
        found = Role(slug=slug, name=" ".join(name.split()))
        session.add(found)
        session.flush()
    return found


def tag_called(session: Session, name: str) -> Tag:
    """The tag of this name, made when it is new."""
    slug = slugged(name) or "tag"
    found = session.scalar(select(Tag).where(Tag.slug == slug))
    if found is None:
        found = Tag(slug=slug, name=" ".join(name.split()))
        session.add(found)
        session.flush()
    return found


def free_slug(session: Session, wanted: str) -> str:
    """A slug for an organisation that no other has."""
    taken = set(
        session.scalars(
            select(Organisation.slug).where(Organisation.slug.startswith(wanted, autoescape=True))
        )
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
