"""People whom an issue leaves out: counted, asked about and frozen by one rule."""

from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Contact, Segment
from contacts.permission.subscriptions import unsubscribe
from mailer.audience import counting
from mailer.audience.leaving_out import WhomToLeaveOut, chosen
from mailer.audience.selecting import audience_of, classified
from mailer.campaigns import editing, freezing, sending
from mailer.campaigns.archive import correcting_mail
from mailer.campaigns.drafts import blocks
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, CampaignStatus, Delivery, DeliveryStatus, Exclusion
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_contact, a_newsletter


def a_segment(session: Session, category: str = "supporter") -> Segment:
    rules = {"match": "all", "rules": [{"field": "category", "op": "any_of", "values": [category]}]}
    made = Segment(name="Helpers", slug="helpers", rules=rules, created_at=NOW, updated_at=NOW)
    session.add(made)
    session.flush()
    return made


def leave_out(session: Session, issue: Campaign, whom: WhomToLeaveOut) -> None:
    editing.edit(session, issue.id, left_out=whom, actor=TESTER, now=NOW)


def send(database: Database, issue_id: int) -> dict[int, str | None]:
    """Launch and freeze it: the reason of every person of its audience."""
    with database.writing() as session:
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freezing.freeze(database, issue_id, clock=lambda: NOW)
    with database.reading() as session:
        of_it = select(Delivery).where(Delivery.campaign_id == issue_id)
        return {each.contact_id: each.reason for each in session.scalars(of_it)}


@pytest.mark.parametrize("seed", range(4))
def test_who_is_counted_as_left_out_is_frozen_as_left_out(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(seed)
    monkeypatch.setattr(freezing, "CHUNK", 7)
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for number in range(50):
            person = a_contact(
                session,
                f"Person {number}",
                chance.choice([f"p{chance.randrange(15)}@a.example", f"q{number}@b.example"]),
                newsletter,
                category=chance.choice(["supporter", "associate", None]),
            )
            if chance.random() < 0.2:
                unsubscribe(session, person.id, newsletter.id, source=TESTER, now=NOW)
        segment = a_segment(session)
        before = a_campaign(session, newsletter.id, subject="November")
        leave_out(session, before, WhomToLeaveOut(segments=(segment.id,)))
        issue = a_campaign(session, newsletter.id, subject="December")
    send(database, before.id)
    with database.writing() as session:
        for delivery in session.scalars(
            select(Delivery).where(Delivery.status == DeliveryStatus.PENDING)
        ):
            delivery.status = chance.choice(
                [DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED, DeliveryStatus.PENDING]
            )
        leave_out(session, issue, WhomToLeaveOut(issues=(before.id,)))

    with database.reading() as session:
        audience = audience_of(session, editing.find(session, issue.id))
        counted = counting.count(session, audience, now=NOW)
        verdicts = {
            row.contact_id: row.reason for row in session.execute(classified(audience, now=NOW))
        }
        for contact in session.scalars(select(Contact)):
            answer = counting.ask(session, contact, audience, now=NOW)
            assert answer.reason == verdicts[contact.id]
    frozen = send(database, issue.id)

    assert frozen == verdicts
    assert counted.total == len(frozen)
    assert counted.excluded[Exclusion.LEFT_OUT] == list(frozen.values()).count("left_out")
    assert counted.will == list(frozen.values()).count(None)


def test_a_segment_is_left_out_and_a_reason_of_their_own_comes_first(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        kept = a_contact(session, "Kept", "kept@a.example", newsletter, category="associate")
        left = a_contact(session, "Left", "left@a.example", newsletter, category="supporter")
        gone = a_contact(session, "Gone", "gone@a.example", newsletter, category="supporter")
        unsubscribe(session, gone.id, newsletter.id, source=TESTER, now=NOW)
        issue = a_campaign(session, newsletter.id)
        leave_out(session, issue, WhomToLeaveOut(segments=(a_segment(session).id,)))

    assert send(database, issue.id) == {
        kept.id: None,
        left.id: Exclusion.LEFT_OUT.value,
        gone.id: Exclusion.UNSUBSCRIBED.value,
    }


@pytest.mark.parametrize(
    ("status", "left_out"),
    [
        (DeliveryStatus.ACCEPTED, True),
        (DeliveryStatus.DEFERRED, True),
        (DeliveryStatus.UNCERTAIN, True),
        (DeliveryStatus.REFUSED, False),
        (DeliveryStatus.STOPPED, False),
    ],
)
def test_whoever_got_an_issue_may_have_or_still_will_is_left_out(
    database: Database, status: DeliveryStatus, left_out: bool
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        a_contact(session, "Ada", "ada@a.example", newsletter)
        newer = a_contact(session, "New", "new@a.example", newsletter)
        newer.email, newer.address_key = None, None
        before, issue = (a_campaign(session, newsletter.id, subject=s) for s in ("One", "Two"))
    send(database, before.id)
    with database.writing() as session:
        newer = session.get_one(Contact, newer.id)
        newer.email = newer.address_key = "new@a.example"
        session.execute(
            select(Delivery).where(Delivery.contact_id == 1)
        ).scalar_one().status = status
        leave_out(session, issue, WhomToLeaveOut(issues=(before.id,)))

    frozen = send(database, issue.id)

    assert (frozen[1] == Exclusion.LEFT_OUT.value) is left_out
    assert frozen[newer.id] is None  # who was left out then for want of an address got nothing


def test_a_mailbox_that_got_an_issue_is_not_reached_by_way_of_another_person(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for name in ("One", "Other"):
            a_contact(session, name, "office@a.example", newsletter)
        third = a_contact(session, "Third", "third@a.example")
        before, issue = (a_campaign(session, newsletter.id, subject=s) for s in ("A", "B"))
    send(database, before.id)
    with database.writing() as session:
        a_contact(session, "Fourth", "fourth@a.example", session.merge(newsletter))
        leave_out(session, issue, WhomToLeaveOut(issues=(before.id,)))

    frozen = send(database, issue.id)

    assert frozen[1] == frozen[2] == Exclusion.LEFT_OUT.value
    assert third.id not in frozen


def test_an_issue_waits_until_those_whom_it_leaves_out_are_written_down(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        a_contact(session, "Ada", "ada@a.example", newsletter)
        before, issue = (a_campaign(session, newsletter.id, subject=s) for s in ("A", "B"))
        sending.launch(session, before.id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        leave_out(session, issue, WhomToLeaveOut(issues=(before.id,)))

        with pytest.raises(NotAllowed, match="is not all written down yet"):
            sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)


def test_whom_to_leave_out_is_part_of_what_was_approved(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        a_contact(session, "Ada", "ada@a.example", newsletter)
        issue, segment = a_campaign(session, newsletter.id), a_segment(session)
        revision = issue.revision
        leave_out(session, issue, WhomToLeaveOut(segments=(segment.id,)))
        kept = chosen(session, issue.id)

        for nobody in (WhomToLeaveOut(segments=(99,)), WhomToLeaveOut(issues=(issue.id,))):
            with pytest.raises(NotFound):
                leave_out(session, issue, nobody)

    assert issue.revision > revision
    assert kept == WhomToLeaveOut(segments=(segment.id,))


def test_a_correction_by_mail_reaches_those_who_got_the_issue_and_nobody_else(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        people = [
            a_contact(session, name, f"{name}@a.example", newsletter, category=category)
            for name, category in (("ann", "associate"), ("bo", "supporter"), ("cy", None))
        ]
        issue = a_campaign(session, newsletter.id, subject="November")
        leave_out(session, issue, WhomToLeaveOut(segments=(a_segment(session).id,)))
    send(database, issue.id)
    with database.writing() as session:
        for delivery in session.scalars(
            select(Delivery).where(Delivery.status == DeliveryStatus.PENDING)
        ):
            delivery.status = DeliveryStatus.ACCEPTED
        sent = session.get_one(Campaign, issue.id)
        sent.status = CampaignStatus.SENT
        a_contact(session, "dan", "dan@a.example", newsletter)  # joined since
        unsubscribe(session, people[2].id, newsletter.id, source=TESTER, now=NOW)
        made = correcting_mail.make(session, issue.id, actor=TESTER, now=NOW)
        draft = editing.find(session, made.id)
        counted = counting.count(session, audience_of(session, draft), now=NOW)
        block = blocks.block_of(draft, "correction")
        blocks.edit_block(
            session,
            draft.id,
            "correction",
            {"text": "It is on 9 January."},
            expected=blocks.revision(block),
            actor=TESTER,
            now=NOW,
        )
    reasons = send(database, made.id)

    assert reasons == {people[0].id: None, people[2].id: Exclusion.UNSUBSCRIBED.value}
    assert (counted.total, counted.will) == (2, 1)
