"""Where people stand with the newsletters, in a few words for a row of a table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Contact, Newsletter, Subscription, SubscriptionStatus, Suppression

FILTER: Final = {
    "subscribed": "Subscribed",
    "pending": "Not confirmed yet",
    "unsubscribed": "Unsubscribed",
}
HELD: Final = {
    "do_not_email": "Do not email",
    "bounced": "Address doesn’t exist",
    "complained": "Marked us as spam",
    "unsubscribed": "Stopped all emails",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """``words`` about the newsletters; ``trouble`` is why nothing is sent all the same."""

    words: str
    trouble: str


def of(session: Session, people: Sequence[Contact]) -> Mapping[int, Standing]:
    """The standing of each of these people."""
    names: dict[int, dict[SubscriptionStatus, list[str]]] = defaultdict(lambda: defaultdict(list))
    for contact_id, status, name in session.execute(
        select(Subscription.contact_id, Subscription.status, Newsletter.name)
        .join(Newsletter, Newsletter.id == Subscription.newsletter_id)
        .where(Subscription.contact_id.in_([person.id for person in people]))
        .order_by(Newsletter.id)
    ):
        names[contact_id][status].append(name)
    keys = {person.address_key for person in people if person.address_key}
    held = {
        key: HELD[reason.value]
        for key, reason in session.execute(
            select(Suppression.address_key, Suppression.reason).where(
                Suppression.address_key.in_(keys)
            )
        )
    }
    return {
        person.id: Standing(
            _words(names[person.id]),
            held.get(person.address_key, "") if person.address_key else "No email address",
        )
        for person in people
    }


def _words(names: Mapping[SubscriptionStatus, list[str]]) -> str:
    if on := names.get(SubscriptionStatus.SUBSCRIBED):
        return on[0] if len(on) == 1 else f"{len(on)} newsletters"
    if SubscriptionStatus.PENDING in names:
        return FILTER["pending"]
    return FILTER["unsubscribed"] if names else "Not on any newsletter"
