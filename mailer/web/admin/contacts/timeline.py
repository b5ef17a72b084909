"""What happened between us and one person, in words, the newest first.

Opens and clicks are told only of somebody who agreed to be counted, and those of machines only as
a number.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Subject
from contacts.models import (
    AuditEntry,
    Consent,
    ConsentAct,
    ConsentPurpose,
    Contact,
    Newsletter,
    Wording,
)
from mailer.accounts.naming import name_of
from mailer.models import (
    Attempt,
    Campaign,
    Delivery,
    DeliveryStatus,
    Link,
    Receipt,
    ReceiptKind,
    Verdict,
)
from mailer.reports.polls import answers_of
from mailer.web.admin.words import BOUNCES, REASONS, STATUSES
from mailer.web.network import local

MOST: Final = 200  # of each kind of thing, the newest
_MAILING: Final = {
    ConsentAct.ASKED: "Asked for {}, not confirmed",
    ConsentAct.GIVEN: "Agreed to receive {}",
    ConsentAct.WITHDRAWN: "Unsubscribed from {}",
}
_COUNTING: Final = {
    ConsentAct.ASKED: "Was asked whether opens and clicks may be counted",
    ConsentAct.GIVEN: "Agreed to opens and clicks being counted",
    ConsentAct.WITHDRAWN: "Asked us not to count opens and clicks",
}
CAME_BACK: Final = {
    ReceiptKind.HARD_BOUNCED: "came back for good",
    ReceiptKind.SOFT_BOUNCED: "came back this time",
    ReceiptKind.DELAYED: "is delayed, and still being tried",
}


class EntryTopic(StrEnum):
    """What an entry is about, by which a timeline can be narrowed."""

    MAIL = "mail"
    PERMISSION = "permission"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; ``said`` is what was read or answered, word for word."""

    at: datetime
    words: str
    detail: str = ""
    said: str = ""
    issue: tuple[str, str] | None = None  # newsletter and slug of the issue it is about
    about: EntryTopic = EntryTopic.MAIL
    drawing: str = "mail"

    @property
    def clock(self) -> str:
        return f"{local(self.at):%H:%M}"


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: Sequence[Entry]


def timeline(session: Session, contact: Contact, about: str = "") -> list[Day]:
    """Everything, by day, or what is about one thing."""
    everything = [
        *consents(session, contact.id),
        *_deliveries(session, contact.id),
        *_heard(session, contact),
        *_answers(session, contact.id),
        *_changes(session, contact.id),
        Entry(
            contact.created_at, "Added to the contacts", about=EntryTopic.CHANGES, drawing="person"
        ),
    ]
    found = [entry for entry in everything if about in {"", entry.about}]
    found.sort(key=lambda entry: entry.at, reverse=True)
    days = groupby(found, key=lambda entry: local(entry.at).date())
    return [Day(day, list(entries)) for day, entries in days]


def consents(session: Session, contact_id: int) -> Iterator[Entry]:
    """The ledger: what was agreed to and taken back, how, and on which words."""
    lines = session.execute(
        select(Consent, Newsletter.name, Wording.text)
        .outerjoin(Newsletter, Newsletter.id == Consent.newsletter_id)
        .outerjoin(Wording, Wording.id == Consent.wording_id)
        .where(Consent.contact_id == contact_id)
        .order_by(Consent.id.desc())
        .limit(MOST)
    ).all()
    for line, newsletter, text in lines:
        mailing = line.purpose is ConsentPurpose.MAILING
        sentence = (_MAILING if mailing else _COUNTING)[line.act].format(newsletter)
        by = name_of(session, line.source)
        detail = f"{by}: {line.basis}" if line.basis else by
        yield Entry(
            line.at, sentence, detail, text or "", about=EntryTopic.PERMISSION, drawing="shield"
        )


def _deliveries(session: Session, contact_id: int) -> Iterator[Entry]:
    rows = session.execute(
        select(Delivery, Campaign.name, Campaign.slug, Newsletter.slug)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Newsletter, Newsletter.id == Campaign.newsletter_id)
        .where(Delivery.contact_id == contact_id)
        .order_by(Delivery.id.desc())
        .limit(MOST)
    ).all()
    for delivery, name, slug, newsletter in rows:
        if delivery.status is DeliveryStatus.EXCLUDED:
            reason = REASONS.get(delivery.reason or "", delivery.reason)
            sentence, said, drawing = f"Left out of {name}: {reason}", "", "x"
        else:
            sentence = f"{name}: {STATUSES[delivery.status.value]}"
            said = f"{delivery.code or ''} {delivery.text or ''}".strip()
            drawing = "mail"
        issue = (newsletter, slug)
        yield Entry(delivery.changed_at, sentence, said=said, issue=issue, drawing=drawing)
    yield from _earlier_attempts(session, contact_id)


def _earlier_attempts(session: Session, contact_id: int) -> Iterator[Entry]:
    # What the last attempt came to, its delivery says.
    rows = session.execute(
        select(Attempt, Campaign.name, Campaign.slug, Newsletter.slug)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Newsletter, Newsletter.id == Campaign.newsletter_id)
        .where(
            Delivery.contact_id == contact_id,
            (Attempt.number < Delivery.attempts) | (Attempt.status != Delivery.status),
        )
        .order_by(Attempt.at.desc())
        .limit(MOST)
    ).all()
    for attempt, name, slug, newsletter in rows:
        sentence = f"{name}, attempt {attempt.number}: {STATUSES[attempt.status.value]}"
        said = f"{attempt.code or ''} {attempt.text or ''}".strip()
        yield Entry(attempt.at, sentence, said=said, issue=(newsletter, slug))


def _heard(session: Session, contact: Contact) -> Iterator[Entry]:
    rows = session.execute(
        select(Receipt, Campaign.name, Link.words, Link.url)
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .join(Campaign, Campaign.id == Receipt.campaign_id)
        .outerjoin(Link, (Link.campaign_id == Receipt.campaign_id) & (Link.number == Receipt.link))
        .where(
            Delivery.contact_id == contact.id,
            # Leaving is in the ledger of consent already.
            Receipt.kind != ReceiptKind.UNSUBSCRIBED,
        )
        .order_by(Receipt.id.desc())
        .limit(MOST)
    ).all()
    machines: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], datetime] = {}
    for receipt, name, link_words, url in rows:
        if receipt.kind in CAME_BACK:
            sentence = f"{name} {CAME_BACK[receipt.kind]}"
            why = BOUNCES.get(receipt.reason or "", "")
            yield Entry(receipt.at, sentence, why, said=receipt.detail or "", drawing="warn")
        elif receipt.kind is ReceiptKind.COMPLAINED:
            said = receipt.detail or ""
            yield Entry(receipt.at, f"Marked {name} as spam", said=said, drawing="warn")
        elif not contact.tracking_allowed:
            continue
        elif receipt.verdict is Verdict.AUTOMATIC:
            key = (receipt.kind.value, name)
            machines[key] += 1
            first[key] = receipt.at
        elif receipt.kind is ReceiptKind.CLICKED:
            sentence = f"Clicked “{link_words or url}” in {name}"
            yield Entry(receipt.at, sentence, drawing="cursor")
        else:
            yield Entry(receipt.at, f"Opened {name}", drawing="eye")
    for (kind, name), number in machines.items():
        times = "once" if number == 1 else f"{number:,} times"
        sentence = f"{name} was {kind} automatically {times}"
        why = "by a machine on the way, not counted"
        yield Entry(first[kind, name], sentence, why, drawing="desktop")


def _answers(session: Session, contact_id: int) -> Iterator[Entry]:
    """Their own act: no leave to count opens and clicks is needed for it."""
    for given, issue, question, words in answers_of(session, contact_id):
        sentence = f"Answered “{words}” in {issue.name}"
        about = (issue.newsletter.slug, issue.slug)
        yield Entry(given.at, sentence, question, issue=about, drawing="comment")


def _changes(session: Session, contact_id: int) -> Iterator[Entry]:
    lines = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == Subject("contact", contact_id))
        .order_by(AuditEntry.id.desc())
        .limit(MOST)
    ).all()
    for line in lines:
        what = ", ".join(line.detail.get("changed", []))
        sentence = f"Changed: {what}" if what else line.act.capitalize()
        by = f"by {name_of(session, line.actor)}"
        yield Entry(line.at, sentence, by, about=EntryTopic.CHANGES, drawing="pencil")
