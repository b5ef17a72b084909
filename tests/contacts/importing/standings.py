"""Where people and addresses stand after an import."""

from sqlalchemy import select

from contacts.database import Database
from contacts.models import Contact, Subscription, Suppression


def standing(database: Database) -> dict[str | None, str]:
    with database.reading() as session:
        found = session.execute(
            select(Contact.email, Subscription.status).join(
                Subscription, Subscription.contact_id == Contact.id
            )
        )
        return {email: status.value for email, status in found}


def stopped(database: Database) -> dict[str, str]:
    with database.reading() as session:
        found = session.execute(select(Suppression.address_key, Suppression.reason))
        return {key: reason.value for key, reason in found}
