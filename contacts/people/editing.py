"""Changing people: what an operator writes in a form, checked and then kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import Address, parse
from contacts.errors import BadAddress, UnknownRecord
from contacts.membership.holders import misfit
from contacts.models import Category, Contact, Organisation, Role, SuppressionReason
from contacts.organisations import adding
from contacts.organisations.editing import LONGEST_NAME, organisation_called
from contacts.people import adding as directory
from contacts.people.adding import tag_called
from contacts.permission.suppressions import find as find_suppression
from contacts.permission.suppressions import suppress

MOST_TAGS: Final = 100  # of a person: each is looked for while the form is being kept
LONGEST_TAG: Final = 80
_KIND: Final = "contact"


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """A person as written in a form. ``category`` and ``roles`` are slugs, ``tags`` are names.

    ``adds_organisation`` says that an organisation of a new name is meant, and no slip.
    """

    name: str
    email: str = ""
    organisation: str = ""
    category: str = ""
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    adds_organisation: bool = False


def person(session: Session, contact_id: int) -> Contact:
    """A person with everything that is said of them."""
    found = session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .options(
            joinedload(Contact.organisation).joinedload(Organisation.category),
            joinedload(Contact.own_category),
            selectinload(Contact.roles),
            selectinload(Contact.tags),
        )
    )
    if found is None:
        raise UnknownRecord("There is nobody here under that number.")
    return found


def problems(session: Session, details: PersonDetails) -> list[tuple[str, str]]:
    """What is in the way of keeping ``details``: field and sentence."""
    found = []
    if not details.name.strip() and not details.email.strip():
        found.append(("name", "Write a name, or an e-mail address, or both."))
    if len(details.name) > LONGEST_NAME:
        found.append(("name", f"Write a name of at most {LONGEST_NAME} characters."))
    try:
        _address(details.email)
    except BadAddress as error:
        found.append(("email", str(error)))
    wanted = details.organisation.strip()
    if wanted and not details.adds_organisation and organisation_called(session, wanted) is None:
        found.append(("organisation", f"No organisation is called “{wanted}”."))
    return found + _problems_of_choices(session, details) + _problems_of_tags(details.tags)


def _problems_of_choices(session: Session, details: PersonDetails) -> list[tuple[str, str]]:
    found = []
    category = _category(session, details.category)
    if details.category and category is None:
        found.append(("category", "That category is no longer there. Choose one of the list."))
    # One at an organisation has the organisation's, whatever is chosen here.
    if not details.organisation.strip() and (why := misfit(category, of_organisation=False)):
        found.append(("category", why))
    if len(_roles(session, details)) < len(set(details.roles)):
        found.append(("", "One of those roles is no longer there. Choose from the list."))
    return found


def _problems_of_tags(tags: tuple[str, ...]) -> list[tuple[str, str]]:
    if len(tags) > MOST_TAGS:
        return [("tags", f"Keep to {MOST_TAGS} tags: there are {len(tags):,}.")]
    if long := next((tag for tag in tags if len(tag) > LONGEST_TAG), None):
        return [("tags", f"Shorten “{long[:30]}…”: a tag has at most {LONGEST_TAG} characters.")]
    return []


def add(session: Session, details: PersonDetails, *, actor: Actor, now: datetime) -> Contact:
    """A new person. Nobody may be written to only because they are here."""
    made = directory.add_contact(
        session,
        name=details.name,
        email=details.email.strip() or None,
        organisation=_organisation(session, details, now=now),
        category=_category(session, details.category),
        roles=_roles(session, details),
        tags=[tag_called(session, name) for name in details.tags],
        now=now,
    )
    audit.write(session, "added", _KIND, made.id, actor=actor, now=now)
    return made


def change(
    session: Session, contact: Contact, details: PersonDetails, *, actor: Actor, now: datetime
) -> list[str]:
    """Keep ``details``; gives back the words for what is different now.

    Permissions stay with the person, whatever their address: so does their wish to be left alone.
    """
    address = _address(details.email)
    name = " ".join(details.name.split())
    organisation = _organisation(session, details, now=now)
    category = None if organisation else _category(session, details.category)
    roles, tags = _roles(session, details), [tag_called(session, each) for each in details.tags]
    changed = []
    if name != contact.name:
        contact.rename(name)
        changed.append("name")
    if (address.wire if address else None) != contact.email:
        _carry_wish(session, contact, address, actor=actor, now=now)
        contact.email = address.wire if address else None
        contact.address_key = address.key if address else None
        changed.append("e-mail address")
    if (organisation.id if organisation else None) != contact.organisation_id:
        contact.organisation_id = organisation.id if organisation else None
        changed.append("organisation")
    if (category.id if category else None) != contact.own_category_id:
        contact.own_category_id = category.id if category else None
        changed.append("category")
    if {each.id for each in roles} != {each.id for each in contact.roles}:
        contact.roles = roles
        changed.append("roles")
    if {each.id for each in tags} != {each.id for each in contact.tags}:
        contact.tags = tags
        changed.append("tags")
    if changed:
        contact.updated_at = now
        audit.write(session, "changed", _KIND, contact.id, actor=actor, now=now, changed=changed)
        session.flush()
    return changed


def others_at(session: Session, contact: Contact) -> list[Contact]:
    """Who else is written to at this person's address: one copy goes to it, whoever shares it."""
    if contact.address_key is None:
        return []
    shared = select(Contact).where(
        Contact.address_key == contact.address_key, Contact.id != contact.id
    )
    return list(session.scalars(shared.order_by(Contact.id).limit(10)))


def _address(email: str) -> Address | None:
    return parse(email) if email.strip() else None


def _organisation(
    session: Session, details: PersonDetails, *, now: datetime
) -> Organisation | None:
    if not details.organisation.strip():
        return None
    return adding.add_organisation(session, details.organisation, category=None, now=now)


def _category(session: Session, slug: str) -> Category | None:
    return session.scalar(select(Category).where(Category.slug == slug)) if slug else None


def _roles(session: Session, details: PersonDetails) -> list[Role]:
    return list(session.scalars(select(Role).where(Role.slug.in_(details.roles))))


def _carry_wish(
    session: Session, contact: Contact, address: Address | None, *, actor: Actor, now: datetime
) -> None:
    # A bounce is about the mailbox and stays with it; a wish is the person's and goes with them.
    held = find_suppression(session, contact.address_key) if contact.address_key else None
    if address is None or held is None or held.reason is SuppressionReason.BOUNCED:
        return
    detail = "They had asked so at their address before."
    suppress(session, address.key, held.reason, source=actor, detail=detail, now=now)
