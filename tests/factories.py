"""Builders for tests: what a test does not name is unremarkable.

The cast: Alice is confirmed and lets us count, Bob has not confirmed yet, Carol is suppressed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.membership.categories import ensure_categories
from contacts.models import (
    Consent,
    ConsentAct,
    ConsentPurpose,
    Contact,
    Newsletter,
    Subscription,
    SubscriptionStatus,
    SuppressionReason,
)
from contacts.organisations.adding import add_organisation
from contacts.people.adding import add_contact
from contacts.permission.newsletters import add_newsletter
from contacts.permission.subscriptions import allow_tracking, subscribe
from contacts.permission.suppressions import suppress
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.bootstrap import Mailer
from mailer.campaigns import editing
from mailer.models import Campaign, DeliveryStatus, LibraryItem, SystemMail
from mailer.security.tokens import Tokens
from mailer.settings.environment import Settings
from tests.fakes.resolver import FakeResolver

NOW = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
TESTER = Actor(ActorKind.OTHER, text="test")


TOKENS = Tokens(b"a secret for tests, and long enough")


def a_mailer(database: Database, folder: Path, **settings: Any) -> Mailer:
    """A mailer on this database, with a clock that goes."""
    from mailer.clock import now

    made = Settings(
        data_dir=folder,
        secret_key="a secret for tests, and long enough",
        public_url="https://news.network.example",
        **settings,
    )
    return Mailer(made, database, Tokens(made.secret), now, FakeResolver)


def a_newsletter(session: Session, slug: str = "members-update") -> Newsletter:
    return add_newsletter(
        session,
        slug=slug,
        name="Members' Update",
        from_name="Co-op Councils Network",
        from_address="update@network.example",
        postal_address="1 Commons Row, Northhaven",
        now=NOW,
    )


def a_contact(
    session: Session,
    name: str,
    email: str | None,
    newsletter: Newsletter | None = None,
    *,
    counted: bool = False,
    category: str | None = None,
    organisation: str | None = None,
) -> Contact:
    """A person, subscribed to the newsletter if one is given."""
    categories = ensure_categories(session)
    place = None
    if organisation:
        held = categories[category] if category else None
        place = add_organisation(session, organisation, category=held, now=NOW)
    own = categories[category] if category and not organisation else None
    contact = add_contact(
        session, name=name, email=email, organisation=place, category=own, now=NOW
    )
    if newsletter is not None:
        subscribe(session, contact, newsletter.id, source=TESTER, basis="a test", now=NOW)
    if counted:
        allow_tracking(session, contact, agreed=True, source=TESTER, words="Yes, count", now=NOW)
    return contact


@dataclass(frozen=True, slots=True)
class Cast:
    newsletter: int
    alice: int
    bob: int
    carol: int


def a_cast(session: Session) -> Cast:
    """Alice, Bob and Carol, all on one newsletter."""
    newsletter = a_newsletter(session)
    alice = a_contact(
        session,
        "Cllr Alice Adeyemi",
        "alice@aldmor.example",
        newsletter,
        counted=True,
        category="full",
        organisation="Aldmor Council",
    )
    bob = a_contact(session, "Bob Bell", "bob@bexmoor.example", newsletter, category="supporter")
    carol = a_contact(session, "Carol Castell", "carol@carrdale.example", newsletter)
    standing = session.get(Subscription, (bob.id, newsletter.id))
    assert standing is not None
    standing.status = SubscriptionStatus.PENDING
    suppress(
        session,
        "carol@carrdale.example",
        SuppressionReason.BOUNCED,
        source=TESTER,
        now=NOW,
    )
    return Cast(newsletter.id, alice.id, bob.id, carol.id)


def a_notice(
    session: Session, to_address: str, *, subject: str = "Please confirm", now: datetime = NOW
) -> SystemMail:
    """A system mail that waits to be sent."""
    notice = SystemMail(
        to_address=to_address,
        to_name="",
        from_name="Network",
        from_address="update@network.example",
        subject=subject,
        paragraphs="Was it you?",
        button_words="Confirm",
        button_url="https://news.network.example/confirm/x",
        closing="",
        status=DeliveryStatus.PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        changed_at=now,
    )
    session.add(notice)
    session.flush()
    return notice


def a_document(*blocks: dict[str, Any]) -> dict[str, Any]:
    text = {
        "id": "t",
        "type": "text",
        "text": "Hello {{first_name|friend}}, [read](https://a.example/x).",
    }
    return {"version": 1, "blocks": list(blocks) or [text]}


def a_poll(**more: Any) -> dict[str, Any]:
    """A poll that closes at the end of 18 December."""
    answers = [{"words": "Homes"}, {"words": "Care"}, {"words": "Energy"}]
    poll = {"id": "school", "type": "poll", "question": "What about?", "answers": answers}
    return {**poll, "closes": "2026-12-18", **more}


def a_campaign(
    session: Session, newsletter_id: int, document: dict[str, Any] | None = None, **more: Any
) -> Campaign:
    newsletter = session.get_one(Newsletter, newsletter_id)
    return editing.create(
        session,
        newsletter,
        name="December",
        subject=more.pop("subject", "News for {{first_name|members}}"),
        document=document or a_document(),
        actor=TESTER,
        now=NOW,
        **more,
    )


ITEMS: dict[str, dict[str, str]] = {
    "story": {"headline": "Our wood", "text": "Sixty of us own it."},
    "case_study": {
        "title": "A library of tools",
        "organisation": "Wyeham Council",
        "summary": "Drills are lent.",
        "link": "https://library.example/tools",
        "link_words": "Borrow it",
    },
    "event": {"title": "Winter conference", "start": "2027-01-12", "place": "Northhaven"},
    "lab": {
        "headline": "Who owns the high street?",
        "lead": "Carrdale Council",
        "stage": "under_way",
        "text": "Nine shops have a lease.",
        "link": "https://library.example/lab",
        "link_words": "Read the notes",
    },
    "call": {
        "what": "Warm homes",
        "deadline": "2026-12-18T12:00",
        "contact": "labs@network.example",
        "link": "https://library.example/call",
        "link_words": "Apply",
    },
    "post": {"title": "Minutes anyone can read", "link": "https://blog.example/minutes"},
}


def an_item(session: Session, kind: str = "story", **fields: str) -> LibraryItem:
    """An item of the library that is ready."""
    written = WrittenItem({**ITEMS[kind], **fields})
    item = items.make(session, kind, written, actor=TESTER, now=NOW)
    return items.make_ready(session, item.id, actor=TESTER, now=NOW)


def many(session: Session, newsletter: Newsletter, number: int) -> Sequence[Contact]:
    """Numbered people: person1@a.example, person2@a.example, … all at once, since tests ask for
    hundreds of them."""
    ensure_categories(session)
    people = [
        Contact(
            email=f"person{place}@a.example",
            address_key=f"person{place}@a.example",
            name=f"Person {place}",
            first_name="Person",
            last_name=str(place),
            tracking_allowed=False,
            created_at=NOW,
            updated_at=NOW,
        )
        for place in range(1, number + 1)
    ]
    session.add_all(people)
    session.flush()
    session.add_all(
        Subscription(
            contact_id=person.id,
            newsletter_id=newsletter.id,
            status=SubscriptionStatus.SUBSCRIBED,
            changed_at=NOW,
        )
        for person in people
    )
    session.add_all(
        Consent(
            contact_id=person.id,
            newsletter_id=newsletter.id,
            purpose=ConsentPurpose.MAILING,
            act=ConsentAct.GIVEN,
            at=NOW,
            source=TESTER,
            basis="a test",
        )
        for person in people
    )
    session.flush()
    return people
