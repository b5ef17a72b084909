"""What the database holds of the people, places and addresses a chunk of rows speaks of."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, String, func, select, text
from sqlalchemy.orm import Session

from contacts.actors import ActorKind
from contacts.bulk import among
from contacts.importing.applying.decision import (
    GivenConsent,
    ImportedOrganisation,
    Known,
    Someone,
)
from contacts.importing.rows.checking import ImportedPerson
from contacts.models import (
    Consent,
    ConsentAct,
    ConsentPurpose,
    Contact,
    Organisation,
    Role,
    Subscription,
    Suppression,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.names import label_key


def know(
    session: Session, people: Sequence[ImportedPerson], *, newsletter_ids: Collection[int]
) -> Known:
    """Look everything up that ``people`` may meet."""
    if session.get_bind().dialect.name == "postgresql":
        # Thousands of probes into an index beat a scan of a large table, once it is in memory;
        # the planner reckons with a cold disk and would scan it all for every chunk.
        session.execute(text("SET LOCAL enable_seqscan = off"))
    places = _places(session, people)
    nameless = [person for person in people if person.key is None]
    found: dict[int, Someone] = {}
    if nameless:
        _find_by_name(session, nameless, places, found)
    keys = {person.key for person in people if person.key is not None}
    keys |= {someone.key for someone in found.values() if someone.key is not None}
    if keys:
        _find(session, among(session, Contact.address_key, keys), found)
    people_found = [found[number] for number in sorted(found)]
    if newsletter_ids:
        _add_standing(session, found, newsletter_ids)
    if any(person.roles for person in people):
        _add_roles(session, found)
    if any(person.tags for person in people):
        _add_tags(session, found)
    leaving = any(person.permission for person in people)
    needed = bool(newsletter_ids) or leaving
    suppressed = _suppressed(session, keys) if needed else {}
    consents = _consents(session, found) if leaving else {}
    return Known(people_found, places, suppressed, consents)


def know_addresses(session: Session, people: Sequence[ImportedPerson]) -> Known:
    """The same for a list of addresses, of which only the do-not-email list is asked."""
    keys = {person.key for person in people if person.key is not None}
    keys |= {other.lower() for person in people for other in person.other_addresses}
    return Known([], {}, _suppressed(session, keys), {})


def _places(session: Session, people: Sequence[ImportedPerson]) -> dict[str, ImportedOrganisation]:
    places = {
        person.organisation_key: ImportedOrganisation(person.organisation_key, person.organisation)
        for person in reversed(people)  # of several spellings the first stays
        if person.organisation_key
    }
    if places:
        columns = select(Organisation.id, Organisation.name_key, Organisation.category_id)
        for number, key, category_id in session.execute(
            columns.where(among(session, Organisation.name_key, places))
        ):
            places[key].id, places[key].category_id = number, category_id
    return places


def _find(session: Session, condition: ColumnElement[bool], found: dict[int, Someone]) -> None:
    columns = select(
        Contact.id,
        Contact.address_key,
        Contact.name,
        Contact.organisation_id,
        Contact.own_category_id,
    )
    for number, key, name, organisation_id, own_category_id in session.execute(
        columns.where(condition)
    ):
        if number not in found:
            found[number] = Someone(
                key,
                number,
                name=name,
                organisation_id=organisation_id,
                own_category_id=own_category_id,
            )


def _find_by_name(
    session: Session,
    nameless: Collection[ImportedPerson],
    places: dict[str, ImportedOrganisation],
    found: dict[int, Someone],
) -> None:
    wanted = {places[each.organisation_key].id for each in nameless if each.organisation_key}
    names = {each.name.lower() for each in nameless} | {each.name for each in nameless}
    named = among(session, func.lower(Contact.name, type_=String()), names) | among(
        session, Contact.name, names
    )
    if wanted - {None}:
        there = among(session, Contact.organisation_id, wanted - {None})
        _find(session, there & named, found)
    if not all(each.organisation_key for each in nameless):
        alone = Contact.address_key.is_(None) & Contact.organisation_id.is_(None)
        _find(session, alone & named, found)


def _add_standing(
    session: Session, found: dict[int, Someone], newsletter_ids: Collection[int]
) -> None:
    if not found:
        return
    columns = select(Subscription.contact_id, Subscription.newsletter_id, Subscription.status)
    for number, newsletter_id, standing in session.execute(
        columns.where(
            Subscription.newsletter_id.in_(newsletter_ids),
            among(session, Subscription.contact_id, found),
        )
    ):
        someone = found[number]
        someone.standing = {**(someone.standing or {}), newsletter_id: standing}


def _consents(
    session: Session, found: dict[int, Someone]
) -> dict[tuple[int, int | None], GivenConsent]:
    """The last yes of each person to each newsletter."""
    if not found:
        return {}
    columns = select(
        Consent.contact_id, Consent.newsletter_id, Consent.at, Consent.source, Consent.wording_id
    ).where(
        Consent.act == ConsentAct.GIVEN,
        Consent.purpose == ConsentPurpose.MAILING,
        among(session, Consent.contact_id, found),
    )
    return {
        (number, newsletter_id): GivenConsent(
            at, wording_id is not None, source.kind is ActorKind.IMPORT
        )
        for number, newsletter_id, at, source, wording_id in session.execute(
            columns.order_by(Consent.id)
        )
    }


def _add_roles(session: Session, found: dict[int, Someone]) -> None:
    held = (
        select(contact_roles.c.contact_id, Role.name)
        .join(Role, Role.id == contact_roles.c.role_id)
        .where(among(session, contact_roles.c.contact_id, found))
    )
    for number, name in session.execute(held):
        found[number].roles |= {label_key(name)}


def _add_tags(session: Session, found: dict[int, Someone]) -> None:
    held = (
        select(contact_tags.c.contact_id, Tag.name)
        .join(Tag, Tag.id == contact_tags.c.tag_id)
        .where(among(session, contact_tags.c.contact_id, found))
    )
    for number, name in session.execute(held):
        found[number].tags |= {label_key(name)}


def _suppressed(session: Session, keys: Collection[str]) -> dict[str, str]:
    columns = select(Suppression.address_key, Suppression.reason)
    return {
        key: reason.value
        for key, reason in session.execute(
            columns.where(among(session, Suppression.address_key, keys))
        )
    }
