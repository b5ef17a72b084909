"""A person as their copy of an issue would name them, outside any sending."""

from sqlalchemy import case, func, select
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
        .where(Contact.address_key == key)
        .order_by(Contact.id)
        .limit(1)
    ).first()
    return None if found is None else Recipient(0, *found)
