"""What a person chooses on their preference page: newsletters, counting, their name."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Contact, Newsletter, SubscriptionStatus
from contacts.permission.newsletters import listing
from contacts.permission.subscriptions import (
    allow_tracking,
    hold,
    standing_with,
    subscribe,
    unsubscribe,
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person wants. ``newsletters`` are slugs; None and "" leave as it is.

    ``counting_words`` are what they were shown when they were asked about opens and clicks.
    """

    newsletters: AbstractSet[str]
    counted: bool | None
    counting_words: str
    name: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different now; ``counted`` and ``name`` are None where they are as before.

    ``held_back`` says that something was wanted which only takes a better proof of who asks.
    """

    joined: tuple[Newsletter, ...]
    left: tuple[Newsletter, ...]
    counted: bool | None
    name: str | None
    held_back: bool = False


def step_down(
    session: Session, contact: Contact, wanted: Choices, *, source: Actor, now: datetime
) -> Changed:
    """Keep what takes something away, and hold back what gives.

    For whoever has a link that may have been forwarded, and may not be the person it is about.
    """
    hold(session, contact.id)
    held, there = standing_with(session, contact.id), listing(session)
    on = {
        each.slug
        for each in there
        if each.id in held and held[each.id].status is SubscriptionStatus.SUBSCRIBED
    }
    name = " ".join(wanted.name.split())
    gives = (
        any(each.slug in wanted.newsletters - on for each in there),
        wanted.counted is True and not contact.tracking_allowed,
        bool(name) and name != contact.name,
    )
    less = replace(
        wanted,
        newsletters=wanted.newsletters & on,
        counted=False if wanted.counted is False else None,
        name="",
    )
    changed = choose(session, contact, less, source=source, now=now)
    return replace(changed, held_back=any(gives))


def choose(
    session: Session, contact: Contact, wanted: Choices, *, source: Actor, now: datetime
) -> Changed:
    """Keep what a person chose, each change of permission with its line in the ledger."""
    hold(session, contact.id)
    held = standing_with(session, contact.id)
    on = {key for key, each in held.items() if each.status is SubscriptionStatus.SUBSCRIBED}
    joined, left = [], []
    for each in listing(session):
        if each.slug in wanted.newsletters and each.id not in on:
            words = f"{each.name}: {each.description}"
            subscribe(session, contact, each.id, source=source, words=words, now=now)
            joined.append(each)
        elif each.slug not in wanted.newsletters and each.id in on:
            unsubscribe(session, contact.id, each.id, source=source, now=now)
            left.append(each)
    counted = wanted.counted
    if counted is not None and not allow_tracking(
        session, contact, agreed=counted, source=source, words=wanted.counting_words, now=now
    ):
        counted = None
    name = " ".join(wanted.name.split())
    renamed = bool(name) and name != contact.name
    if renamed:
        contact.rename(name)
        contact.updated_at = now
    return Changed(tuple(joined), tuple(left), counted, name if renamed else None)
