"""A person as their copy of an issue would name them, outside any sending."""

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from contacts import addresses
from contacts.errors import ContactsError
from contacts.models import Category, Contact, Organisation
from mailer.composition.letter import Recipient


def reader_at(session: Session, address: str) -> Recipient | None:
    """The first person of this mailbox, with nothing counted; None when nobody has it."""
    try:
        key = addresses.read(address).key
    except ContactsError:
        return None
    return _first(session, Contact.address_key == key)


def reader_numbered(session: Session, contact_id: int) -> Recipient | None:
    """The same of the person with this number."""
    return _first(session, Contact.id == contact_id)


def contact_id_at(session: Session, address: str) -> int | None:
    """The number of the first person of this mailbox."""
    try:
        key = addresses.read(address).key
    except ContactsError:
        return None
    query = select(Contact.id).where(Contact.address_key == key).order_by(Contact.id).limit(1)
    return session.scalar(query)


def _first(session: Session, wanted: ColumnElement[bool]) -> Recipient | None:
    found = session.execute(
        select(
            func.coalesce(Contact.email, ""),
            Contact.first_name,
            Contact.last_name,
            Contact.name,
            func.coalesce(Organisation.name, ""),
            func.coalesce(Category.slug, ""),
            func.coalesce(Category.name, ""),
        )
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(
            Category,
            Category.id
            == case(
                (Contact.organisation_id.is_not(None), Organisation.category_id),
                else_=Contact.own_category_id,
            ),
        )
        .where(wanted)
        .order_by(Contact.id)
        .limit(1)
    ).first()
    return None if found is None else Recipient(0, *found)
