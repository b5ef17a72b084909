"""People and words that are hard on a mail system, in one campaign."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from contacts.models import Category, Contact, Organisation
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.clock import now
from mailer.composition.letter import Message, Recipient
from mailer.delivery.couriers.composers import Composers
from mailer.models import Delivery
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_contact, a_newsletter

NAMES = (
    "Siân Ó Briain",
    "Ngũgĩ wa Thiong’o",
    ". Dot, at the start",
    "From the Mayor",
    "Łukasz Żółć-Ćwikła \N{SLIGHTLY SMILING FACE}",
    "רות כהן",
    'Quote "Q" \\ Backslash; <b>&amp;</b>',
    "Maximilian " + "van der " * 12 + "Lange",
    "=?utf-8?q?=41?=",
    "O",
)
WORDS = (
    ".\n..\n.hidden\n. \nAll of these lines begin with a dot.",
    "From here on\nFrom there on\n>From anywhere",
    "Trailing spaces   \nand a tab\t\nand = signs == at the end =",
    "x" * 3000,
    "Café, naïve, ŵyneb, żółć, 漢字, \N{FAMILY} and a line of dots\n" + "." * 120,
    "Hello {{name|friend}}, {{first_name|you}} of {{organisation|no council}}.",
    "All work and no play makes councils dull places. " * 500,
)
SUBJECT = "Rhagfyr: ‘ŵyneb’ a żółć i {{name|aelodau}}" + " – ymlaen" * 12


def document() -> dict[str, Any]:
    """More than 40 kB of all that."""
    blocks = [{"id": f"b{n}", "type": "text", "text": text} for n, text in enumerate(WORDS)]
    return {"version": 1, "blocks": blocks}


def launched(mailer: Mailer, addresses: Iterable[str]) -> int:
    """A launched campaign to these addresses, each with one of the names."""
    with mailer.database.writing() as session:
        newsletter = a_newsletter(session)
        for number, address in enumerate(addresses):
            a_contact(
                session,
                NAMES[number % len(NAMES)],
                address,
                newsletter,
                counted=number % 2 == 0,
                category="full" if number % 3 else "supporter",
                organisation=None if number % 5 else f"Cyngor Môn & {number}",
            )
        campaign_id = a_campaign(session, newsletter.id, document(), subject=SUBJECT).id
        sending.launch(session, campaign_id, gate=Gate.OPEN, actor=TESTER, now=now())
    return campaign_id


def composed(mailer: Mailer, campaign_id: int) -> dict[str, Message]:
    """By address, the copy that the composer makes for it."""
    composer = Composers(mailer.database, mailer.tokens, mailer.settings).of(campaign_id)
    return {each.address: composer.compose(each) for each in _recipients(mailer, campaign_id)}


def _recipients(mailer: Mailer, campaign_id: int) -> list[Recipient]:
    held_id = func.coalesce(Organisation.category_id, Contact.own_category_id)
    people = (
        select(Delivery, Contact, Organisation, Category)
        .join(Contact, Contact.id == Delivery.contact_id)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(Category, Category.id == held_id)
        .where(Delivery.campaign_id == campaign_id)
    )
    with mailer.database.reading() as session:
        return [
            Recipient(
                delivery_id=delivery.id,
                address=delivery.address or "",
                first_name=contact.first_name,
                last_name=contact.last_name,
                name=contact.name,
                organisation=place.name if place else "",
                category=held.slug if held else "",
                category_name=held.name if held else "",
                counted=contact.tracking_allowed,
            )
            for delivery, contact, place, held in session.execute(people)
        ]
