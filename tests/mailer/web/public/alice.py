"""Alice, who got an issue, and what the links in it are tried on, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import Contact, Subscription, SubscriptionStatus
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, SystemMail
from mailer.notices import own_link, requests
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import (
    NOW,
    TESTER,
    Cast,
    a_campaign,
    a_document,
    a_mailer,
    a_newsletter,
    a_poll,
)
from tests.mailer.web.conftest import MovedClock

TEXT = {"id": "t", "type": "text", "text": "Hello {{first_name|friend}}."}
UPDATE, EVENTS = "members-update", "events"


@pytest.fixture(params=["sqlite", "postgresql"])
def mailer(request: pytest.FixtureRequest, tmp_path: Path, clock: MovedClock) -> Iterator[Mailer]:
    name = "postgres_url" if request.param == "postgresql" else "sqlite_url"
    database = Database(request.getfixturevalue(name))
    yield replace(a_mailer(database, tmp_path), clock=clock)
    database.dispose()


@dataclass(frozen=True, slots=True)
class Alice:
    """Alice, who got an issue; whoever holds its links may be somebody else."""

    mailer: Mailer
    id: int
    delivery: int
    events: int

    @property
    def forwarded(self) -> str:
        """The token in the links of the issue."""
        return self.mailer.tokens.seal(Purpose.CHOICES, self.delivery)

    @property
    def asked(self) -> str:
        """The page behind each answer to its poll, without the number."""
        token = self.mailer.tokens.seal(Purpose.ANSWER, self.delivery)
        return f"/a/{token}/school"

    def fresh(self) -> str:
        with self.mailer.database.reading() as session:
            alice = session.get_one(Contact, self.id)
        return own_link.make(self.mailer.tokens, alice, now=self.mailer.clock())

    def as_she_is(self) -> tuple[str, bool, set[str]]:
        """Name, whether she is counted, what she gets."""
        with self.mailer.database.reading() as session:
            alice = session.get_one(Contact, self.id)
            held = session.scalars(select(Subscription).where(Subscription.contact_id == self.id))
            gets = {
                EVENTS if each.newsletter_id == self.events else UPDATE
                for each in held
                if each.status is SubscriptionStatus.SUBSCRIBED
            }
            return alice.name, alice.tracking_allowed, gets


NAME = "Cllr Alice Adeyemi"


@pytest.fixture
def alice(mailer: Mailer, cast: Cast) -> Alice:
    with mailer.database.writing() as session:
        events = a_newsletter(session, EVENTS)
        events.name = "Events"
        issue_id = a_campaign(session, cast.newsletter, a_document(TEXT, a_poll())).id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.reading() as session:
        delivery = session.scalar(select(Delivery.id).where(Delivery.contact_id == cast.alice))
    assert delivery
    return Alice(mailer, cast.alice, delivery, events.id)


def mailed(mailer: Mailer) -> list[SystemMail]:
    """What the worker mails of what pages asked for."""
    requests.answer_all(mailer, now=mailer.clock())
    with mailer.database.reading() as session:
        return list(session.scalars(select(SystemMail).order_by(SystemMail.id)))
