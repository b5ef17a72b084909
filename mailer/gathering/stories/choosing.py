"""Whom a request for stories goes to, whom it does not, and why: the same for the page and for what
is sent afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from contacts.bulk import among
from contacts.models import Category, Contact, Organisation, Suppression
from contacts.segments.compiling import matching
from contacts.segments.library import segment_of
from contacts.segments.rules import parse
from mailer.gathering.stories import featured
from mailer.models import StoryAsk, StoryRequest

MOST: Final = 500  # people of one request
# Who of an organisation is asked: whoever speaks for it first.
_SPEAKERS: Final = ("press-contact", "lead-officer", "policy-officer")


class WhyNot(StrEnum):
    """Why no mail goes to somebody."""

    NO_ADDRESS = "no address"
    SUPPRESSED = "suppressed"
    SAME_MAILBOX = "same mailbox"
    ASKED_ALREADY = "asked already"


WORDS: Final = {
    WhyNot.NO_ADDRESS: "has no email address",
    WhyNot.SUPPRESSED: "is on the list of those who get no email",
    WhyNot.SAME_MAILBOX: "shares a mailbox with somebody who is asked",
    WhyNot.ASKED_ALREADY: "was asked for something else and has not answered yet",
}


@dataclass(frozen=True, slots=True)
class WantedPeople:
    """Who is to be asked. Of an organisation one person is, who speaks for it. ``quiet_months``
    asks members of whom no issue said anything for so long."""

    people: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    segment: str = ""  # slugs
    category: str = ""
    quiet_months: int | None = None

    @property
    def is_nobody(self) -> bool:
        chosen = self.people or self.organisations or self.segment or self.category
        return not chosen and self.quiet_months is None


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """One person, for which organisation, and why no mail goes to them if none does."""

    contact: Contact
    organisation: Organisation | None
    left_out: WhyNot | None


@dataclass(frozen=True, slots=True)
class AskedPeople:
    """``nobody_at`` are organisations of which nobody is known."""

    people: Sequence[AskedPerson]
    nobody_at: Sequence[Organisation]

    @property
    def asked(self) -> list[AskedPerson]:
        """Those to whom a mail goes."""
        return [each for each in self.people if each.left_out is None]

    @property
    def left_out(self) -> list[AskedPerson]:
        return [each for each in self.people if each.left_out is not None]


def choose(session: Session, wanted: WantedPeople, *, today: date) -> AskedPeople:
    """Whom ``wanted`` means now, by name; UnknownRecord for a segment that is gone."""
    places = _organisations(session, wanted, today)
    people = _people(session, _named(session, wanted))
    spoken = {each.organisation_id for each in people}
    places = [each for each in places if each.id not in spoken]
    there = _people(session, among(session, Contact.organisation_id, [e.id for e in places]))
    stopped = _stopped(session, [*people, *there])
    speakers = _speakers(there, stopped)
    found = [
        *people,
        *(speakers[each.id] for each in places if each.id in speakers),
    ]
    found.sort(key=lambda each: (each.last_name_key or "", each.first_name_key or "", each.id))
    return AskedPeople(
        _judged(found, stopped, _waited_for(session, found, today)),
        [each for each in places if each.id not in speakers],
    )


def _named(session: Session, wanted: WantedPeople) -> ColumnElement[bool]:
    conditions = [among(session, Contact.id, list(wanted.people))]
    if wanted.segment:
        rules = parse(segment_of(session, wanted.segment).rules)
        conditions.append(matching(rules))
    if wanted.category:
        held = select(Category.id).where(Category.slug == wanted.category)
        of_their_own = Contact.organisation_id.is_(None) & Contact.own_category_id.in_(held)
        conditions.append(of_their_own)
    return or_(*conditions)


def _organisations(session: Session, wanted: WantedPeople, today: date) -> list[Organisation]:
    conditions = [among(session, Organisation.id, list(wanted.organisations))]
    if wanted.category:
        held = select(Category.id).where(Category.slug == wanted.category)
        conditions.append(Organisation.category_id.in_(held))
    if wanted.quiet_months is not None:
        quiet = featured.quiet_for(session, wanted.quiet_months, today=today)
        conditions.append(among(session, Organisation.id, quiet))
    query = select(Organisation).where(or_(*conditions)).order_by(Organisation.name_key)
    return list(session.scalars(query))


def _people(session: Session, condition: ColumnElement[bool]) -> list[Contact]:
    return list(
        session.scalars(
            select(Contact)
            .where(condition)
            .options(joinedload(Contact.organisation), selectinload(Contact.roles))
            .order_by(Contact.id)
        )
    )


def _stopped(session: Session, people: Iterable[Contact]) -> set[str]:
    keys = [each.address_key for each in people if each.address_key]
    found = select(Suppression.address_key).where(among(session, Suppression.address_key, keys))
    return set(session.scalars(found))


def _speakers(people: Sequence[Contact], stopped: set[str]) -> dict[int, Contact]:
    """Of each organisation who can be written to first, and of those who speaks for it."""

    def rank(person: Contact) -> tuple[bool, int, int]:
        roles = {role.slug for role in person.roles}
        speaks = next((n for n, slug in enumerate(_SPEAKERS) if slug in roles), len(_SPEAKERS))
        away = person.address_key is None or person.address_key in stopped
        return away, speaks, person.id

    found: dict[int, Contact] = {}
    for person in sorted(people, key=rank):
        assert person.organisation_id is not None
        found.setdefault(person.organisation_id, person)
    return found


def _waited_for(session: Session, people: Sequence[Contact], today: date) -> set[int]:
    """Those who were asked for something else that is not due yet, and have said nothing."""
    open_asks = (
        select(StoryAsk.contact_id)
        .join(StoryRequest, StoryRequest.id == StoryAsk.request_id)
        .where(
            among(session, StoryAsk.contact_id, [each.id for each in people]),
            StoryAsk.left_out.is_(None),
            StoryAsk.answered_at.is_(None),
            StoryAsk.declined_at.is_(None),
            StoryRequest.due_on >= today,
        )
    )
    return set(session.scalars(open_asks))


def _judged(
    people: Sequence[Contact], stopped: set[str], waited_for: set[int]
) -> list[AskedPerson]:
    found, mailboxes = [], set[str]()
    for person in people:
        why = None
        if not person.address_key:
            why = WhyNot.NO_ADDRESS
        elif person.address_key in stopped:
            why = WhyNot.SUPPRESSED
        elif person.id in waited_for:
            why = WhyNot.ASKED_ALREADY
        elif person.address_key in mailboxes:
            why = WhyNot.SAME_MAILBOX
        else:
            mailboxes.add(person.address_key)
        found.append(AskedPerson(person, person.organisation, why))
    return found
