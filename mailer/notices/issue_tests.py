"""Tests of issues: real mail of one version, to whoever writes or checks it.

A test travels as the mail of the system does: a row that is tried again, and whose bounces come
home to it. It is in no accounting of the issue, and no delivery is made for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.addresses import Address
from contacts.models import Category, SuppressionReason
from contacts.permission.suppressions import find as suppression_of
from mailer.audience.readers import contact_id_at
from mailer.authoring.document import read
from mailer.campaigns.drafts import versions
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.campaigns.verbs import Verb
from mailer.composition.issue_test import subject_of
from mailer.errors import FormError, NotAllowed
from mailer.models import Campaign, DeliveryStatus, IssueTest, SystemMail, VersionReason

ISSUE_TEST: Final = "issue_tested"  # of a SystemMail: it is made from its row of IssueTest
MOST_ADDRESSES: Final = 10
WITHIN: Final = timedelta(minutes=10)
MOST_WITHIN: Final = 30  # mails of one person


@dataclass(frozen=True, slots=True)
class SeenAs:
    """As whom a test is seen: anybody of each of these categories ("" for none), a mail for each;
    or the person with an address that we know."""

    categories: tuple[str, ...] = ("",)
    person: str = ""


def send_test(
    session: Session,
    campaign_id: int,
    to: Sequence[Address],
    seen_as: SeenAs,
    *,
    site: str,
    actor: Actor,
    now: datetime,
) -> list[IssueTest]:
    """Keep this version and mail it to these addresses, once for each way to see it.

    FormError for addresses and readers that can't be taken; NotAllowed where there is nothing to
    read, where the issue has gone, and for more mails than one person may send in ten minutes.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.TEST.check(campaign.status)
    if all(block.is_frame for block in read(campaign.document)[0].blocks):
        raise NotAllowed("There is nothing to read in it yet: add a block first, then test it.")
    _must_be_mailable(session, to)
    readers = list(_readers(session, seen_as))
    _must_be_within_the_bound(session, len(to) * len(readers), actor=actor, now=now)
    version = versions.keep(session, campaign, VersionReason.TESTED, actor=actor, now=now)
    campaign.tested_version = version.number
    made = [
        _post(session, campaign, each, reader, site=site, actor=actor, now=now)
        for each in to
        for reader in readers
    ]
    number = len(made)
    note(session, campaign, "tested", actor=actor, now=now, version=version.number, mails=number)
    session.flush()
    return made


def _must_be_mailable(session: Session, to: Sequence[Address]) -> None:
    if not to:
        raise FormError([("to", "Write at least one address that the test goes to.")])
    if len(to) > MOST_ADDRESSES:
        sentence = f"Write at most {MOST_ADDRESSES} addresses: these are {len(to)}."
        raise FormError([("to", sentence)])
    for each in to:
        held = suppression_of(session, each.key)
        if held is not None and held.reason is not SuppressionReason.UNSUBSCRIBED:
            sentence = f"{each.wire} is on the do-not-email list, so no test goes there."
            raise FormError([("to", sentence)])


def _readers(session: Session, seen_as: SeenAs) -> Iterable[tuple[str, int | None]]:
    """Category and person of each way to see it."""
    if seen_as.person:
        contact_id = contact_id_at(session, seen_as.person)
        if contact_id is None:
            sentence = "Nobody here has that address: write one of somebody on the list of people."
            raise FormError([("person", sentence)])
        yield "", contact_id
        return
    known = {"", *session.scalars(select(Category.slug))}
    for slug in dict.fromkeys(seen_as.categories):
        if slug not in known:
            raise FormError([("", "That category is no longer there. Choose another.")])
        yield slug, None


def _must_be_within_the_bound(
    session: Session, wanted: int, *, actor: Actor, now: datetime
) -> None:
    sent = session.scalar(
        select(func.count(IssueTest.id)).where(
            IssueTest.asked_by == actor, IssueTest.at > now - WITHIN
        )
    )
    if (sent or 0) + wanted > MOST_WITHIN:
        raise NotAllowed(
            f"{MOST_WITHIN} test mails in ten minutes are the most, and these would be "
            f"{(sent or 0) + wanted}. Wait a few minutes, or send it to fewer people."
        )


def _post(
    session: Session,
    campaign: Campaign,
    to: Address,
    reader: tuple[str, int | None],
    *,
    site: str,
    actor: Actor,
    now: datetime,
) -> IssueTest:
    sender, (category, contact_id) = campaign.newsletter, reader
    notice = SystemMail(
        to_address=to.wire,
        to_name="",
        from_name=sender.from_name,
        from_address=sender.from_address,
        subject=subject_of(campaign.subject, campaign.version)[:_LONGEST],
        # What a worker of an older version sends, which knows no tests.
        paragraphs="A test of this issue waits to be read on its page.",
        button_words="Open the issue",
        button_url=f"{site}/issues/{sender.slug}/{campaign.slug}",
        closing="",
        template=ISSUE_TEST,
        status=DeliveryStatus.PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        changed_at=now,
    )
    session.add(notice)
    session.flush()
    test = IssueTest(
        campaign_id=campaign.id,
        version=campaign.version,
        notice_id=notice.id,
        category=category,
        contact_id=contact_id,
        asked_by=actor,
        at=now,
    )
    session.add(test)
    return test


_LONGEST: Final = 998  # characters of a line that is kept
