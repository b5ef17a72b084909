"""Kept counts: a number shown without a time is what a recount says, whatever was changed."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.membership.categories import ensure_categories
from contacts.models import (
    Contact,
    Organisation,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
    contact_tags,
)
from contacts.people.adding import tag_called
from contacts.permission.subscriptions import subscribe, unsubscribe
from contacts.permission.suppressions import suppress
from contacts.segments import Group, Rule
from mailer import migrations
from mailer.audience import counting, kept
from mailer.audience.selecting import Audience
from mailer.campaigns.freezing import freeze_some
from mailer.counts import keeping, marks
from mailer.models import Campaign, KeptCount, Receipt, ReceiptKind, Verdict
from mailer.reports.engagement import engagement
from mailer.reports.kept import KINDS, Numbers
from tests.factories import NOW, TESTER, a_campaign, a_contact, a_newsletter

PRESS = Group("all", (Rule("tag", "none_of", ("press",)),))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every count takes so long that no page counts again by itself."""
    monkeypatch.setattr(keeping, "CHEAP", -1)


@pytest.fixture
def people(database: Database) -> Audience:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for number in range(12):
            place = f"Council {number % 4}"
            if number >= 4:
                a_contact(session, f"P {number}", f"p{number}@q.example", newsletter)
            else:
                a_contact(
                    session,
                    f"P {number}",
                    f"p{number}@q.example",
                    newsletter,
                    category="full",
                    organisation=place,
                )
        return Audience(newsletter.id, PRESS)


def looked(database: Database, people: Audience) -> kept.KeptAudience:
    with database.reading() as session:
        found = kept.audience(session, people, now=NOW)
    keeping.keep(database, session, now=NOW)
    return found


def counted(database: Database, people: Audience) -> counting.AudienceCount:
    with database.reading() as session:
        return counting.count(session, people, now=NOW)


def same(one: counting.AudienceCount, other: counting.AudienceCount) -> bool:
    return (one.will, dict(one.excluded), dict(one.categories)) == (
        other.will,
        dict(other.excluded),
        dict(other.categories),
    )


def recount_all(database: Database) -> None:
    while (wanted := _next(database)) is not None:
        keeping.recount(database, (*kept.KINDS, *KINDS), wanted, clock=lambda: NOW)


def _next(database: Database) -> int | None:
    with database.reading() as session:
        return keeping.next_wanted(session)


def _anybody(session: Session, chance: random.Random) -> Contact | None:
    found = session.scalars(select(Contact).order_by(Contact.id)).all()
    return chance.choice(found) if found else None


def _add(session: Session, people: Audience, chance: random.Random) -> None:
    number = chance.randrange(10**9)
    made = a_contact(session, f"New {number}", f"new{number}@q.example")
    subscribe(session, made, people.newsletter_id, source=TESTER, basis="a test", now=NOW)


def _leave(session: Session, people: Audience, chance: random.Random) -> None:
    if person := _anybody(session, chance):
        unsubscribe(session, person.id, people.newsletter_id, source=TESTER, now=NOW)


def _suppress(session: Session, _people: Audience, chance: random.Random) -> None:
    if (person := _anybody(session, chance)) and person.address_key:
        reason = chance.choice(list(SuppressionReason))
        suppress(session, person.address_key, reason, source=TESTER, now=NOW)


def _lift(session: Session, _people: Audience, _chance: random.Random) -> None:
    session.execute(delete(Suppression))


def _share(session: Session, _people: Audience, chance: random.Random) -> None:
    one, other = _anybody(session, chance), _anybody(session, chance)
    if one and other:
        one.email, one.address_key = other.email, other.address_key


def _recategorise(session: Session, _people: Audience, chance: random.Random) -> None:
    categories = list(ensure_categories(session).values())
    place = session.scalars(select(Organisation).order_by(Organisation.id)).first()
    if place:
        others = [each.id for each in categories if each.id != place.category_id]
        place.category_id = chance.choice(others)


def _tag(session: Session, _people: Audience, chance: random.Random) -> None:
    press = tag_called(session, "press")
    session.flush()
    if person := _anybody(session, chance):
        there = contact_tags.c.contact_id == person.id
        session.execute(delete(contact_tags).where(there))
        session.execute(insert(contact_tags).values(contact_id=person.id, tag_id=press.id))


def _untag(session: Session, _people: Audience, _chance: random.Random) -> None:
    session.execute(text("DELETE FROM tags WHERE slug = 'press'"))


def _pause_many(session: Session, _people: Audience, chance: random.Random) -> None:
    until = (NOW + timedelta(days=chance.choice([-2, 2]))).date()
    session.execute(update(Subscription).values(paused_until=until))


def _move_behind_the_models(session: Session, _people: Audience, chance: random.Random) -> None:
    status = chance.choice(list(SubscriptionStatus)).value
    session.execute(
        text("UPDATE subscriptions SET status = :status WHERE contact_id % 3 = 0"),
        {"status": status},
    )


def _erase(session: Session, _people: Audience, chance: random.Random) -> None:
    if person := _anybody(session, chance):
        session.execute(delete(Contact).where(Contact.id == person.id))


DOORS: tuple[Callable[[Session, Audience, random.Random], None], ...] = (
    *(_add, _leave, _suppress, _lift, _share, _recategorise, _tag, _untag),
    *(_pause_many, _move_behind_the_models, _erase),
)


@pytest.mark.parametrize("seed", range(4))
def test_a_number_without_a_time_is_what_a_recount_says(
    database: Database, people: Audience, slow: None, seed: int
) -> None:
    chance = random.Random(seed)
    exact = 0
    for _ in range(60):
        for _ in range(chance.randrange(3)):
            with database.writing() as session:
                chance.choice(DOORS)(session, people, chance)
        if chance.random() < 0.4:
            recount_all(database)
        shown = looked(database, people)
        if shown.counted_at is None:
            exact += 1
            assert same(shown, counted(database, people))
    recount_all(database)
    shown = looked(database, people)
    assert shown.counted_at is None
    assert same(shown, counted(database, people))
    assert exact > 10


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__.strip("_"))
def test_every_way_of_changing_people_is_noticed(
    database: Database, people: Audience, slow: None, door: Callable[..., None]
) -> None:
    with database.writing() as session:
        suppress(session, "p1@q.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)
        _tag(session, people, random.Random(1))
    looked(database, people)
    with database.writing() as session:
        door(session, people, random.Random(2))

    assert looked(database, people).counted_at == NOW


def test_what_nobody_changed_is_not_counted_again(
    database: Database, people: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = looked(database, people)
    monkeypatch.setattr(counting, "count", lambda *_, **__: pytest.fail("counted again"))

    assert looked(database, people) == first


def test_a_quick_count_is_made_again_at_once(database: Database, people: Audience) -> None:
    looked(database, people)
    with database.writing() as session:
        _add(session, people, random.Random(3))

    shown = looked(database, people)

    assert shown.counted_at is None
    assert shown.will == 13


def test_a_pause_that_ends_overnight_is_counted_the_next_day(
    database: Database, people: Audience
) -> None:
    with database.writing() as session:
        session.execute(update(Subscription).values(paused_until=NOW.date() + timedelta(days=1)))
    assert looked(database, people).will == 0

    with database.reading() as session:
        found = kept.audience(session, people, now=NOW + timedelta(days=1))

    assert found.will == 12


def test_what_another_transaction_had_not_finished_is_counted_later(
    database: Database, people: Audience
) -> None:
    all_leave = text("UPDATE subscriptions SET status = 'unsubscribed'")
    with database.writing() as session:
        if not database.is_sqlite:
            # A count in between sees nothing of it, and its mark must not either.
            session.execute(all_leave)
            before = looked(database, people)
        else:
            before = kept.audience(session, people, now=NOW)
            session.execute(all_leave)

    assert before.will == 12
    assert looked(database, people).will == 0


def test_counting_beside_a_change_that_is_taken_back_keeps_nothing(
    database: Database, people: Audience
) -> None:
    looked(database, people)
    with database.writing() as session:
        _leave(session, people, random.Random(1))
        session.flush()
        kept.audience(session, people, now=NOW)
        session.rollback()
    with database.writing() as session:
        session.execute(update(Subscription).values(status=SubscriptionStatus.PENDING))

    assert looked(database, people).will == 0


def test_marks_stay_what_they_are_when_they_are_added_up(
    database: Database, people: Audience
) -> None:
    with database.writing() as session:
        before = marks.mark(session, [marks.PEOPLE])
        marks.add_up(session)
    with database.writing() as session:
        assert marks.mark(session, [marks.PEOPLE]) == before
        rows = session.scalars(
            text("SELECT count(*) FROM change_marks WHERE campaign_id = 0")
        ).one()
        marks.add_up(session)

    assert rows == 1
    looked(database, people)
    with database.writing() as session:
        _add(session, people, random.Random(5))
    assert looked(database, people).will == 13


def test_a_receipt_makes_the_numbers_of_its_issue_old_and_no_others(
    database: Database, people: Audience, slow: None
) -> None:
    with database.writing() as session:
        one = a_campaign(session, people.newsletter_id, slug="one").id
        other = a_campaign(session, people.newsletter_id, slug="other").id

    def numbers(issue: int) -> Numbers:
        with database.reading() as session:
            found = Numbers(session, NOW)
            found.engagement(session.get_one(Campaign, issue))
            found.account(session.get_one(Campaign, issue))
        keeping.keep(database, session, now=NOW)
        return found

    numbers(one), numbers(other)
    with database.writing() as session:
        session.execute(
            insert(Receipt),
            [
                {
                    "campaign_id": one,
                    "delivery_id": 1,
                    "kind": ReceiptKind.UNSUBSCRIBED,
                    "verdict": Verdict.PERSON,
                    "at": NOW,
                }
            ],
        )

    assert numbers(one).counted_at == NOW
    assert numbers(other).counted_at is None
    recount_all(database)
    with database.reading() as session:
        found = Numbers(session, NOW)
        heard = found.engagement(session.get_one(Campaign, one))
        assert heard == engagement(session, one)
    assert found.counted_at is None


def test_triggers_are_there_after_every_upgrade_and_gone_before_a_table_is_changed(
    database: Database, people: Audience
) -> None:
    migrations.downgrade(database.engine, "0049")
    with database.writing() as session:
        _add(session, people, random.Random(7))  # nothing refers to a table that is gone
        names = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'note_%'"
        assert not database.is_sqlite or session.scalar(text(names)) == 0
    migrations.upgrade(database.engine)
    looked(database, people)
    with database.writing() as session:
        _add(session, people, random.Random(8))

    assert looked(database, people).will == 14


def test_what_nobody_asked_for_in_a_month_is_forgotten(
    database: Database, people: Audience
) -> None:
    looked(database, people)
    with database.writing() as session:
        keeping.forget_old(session, now=NOW + timedelta(days=29))
        assert session.scalars(select(KeptCount)).all()
        keeping.forget_old(session, now=NOW + timedelta(days=31))
        assert not session.scalars(select(KeptCount)).all()


def test_an_audience_in_which_nobody_gets_a_copy_is_counted_when_it_is_frozen(
    database: Database, people: Audience, slow: None
) -> None:
    with database.writing() as session:
        session.execute(update(Subscription).values(status=SubscriptionStatus.PENDING))
        issue = a_campaign(session, people.newsletter_id, slug="one").id

    def audience() -> tuple[int, bool]:
        with database.reading() as session:
            numbers = Numbers(session, NOW)
            found = numbers.account(session.get_one(Campaign, issue)).audience
        keeping.keep(database, session, now=NOW)
        return found, numbers.counted_at is None

    assert audience() == (0, True)
    with database.writing() as session:
        campaign = session.get_one(Campaign, issue)
        campaign.started_at = NOW
        freeze_some(session, campaign, Audience(people.newsletter_id), now=NOW)

    assert audience() == (0, False)
    recount_all(database)
    assert audience() == (12, True)


def test_an_issue_that_is_given_the_number_of_an_erased_one_has_numbers_of_its_own(
    database: Database, people: Audience
) -> None:
    with database.writing() as session:
        issue = a_campaign(session, people.newsletter_id, slug="one").id
    with database.reading() as session:
        before = marks.mark(session, [issue])
    with database.writing() as session:
        session.execute(text("DELETE FROM campaigns"))
        again = a_campaign(session, people.newsletter_id, slug="two").id

    with database.reading() as session:
        assert marks.mark(session, [again]) != before


def test_a_count_that_fails_makes_room_for_the_next(
    database: Database, people: Audience, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(database, people)
    with database.writing() as session:
        _add(session, people, random.Random(9))
    looked(database, people)
    monkeypatch.setattr(counting, "count", lambda *_, **__: 1 / 0)
    failing = _next(database)
    assert failing is not None

    with pytest.raises(ZeroDivisionError):
        keeping.recount(database, kept.KINDS, failing, clock=lambda: NOW)

    assert _next(database) is None
    assert looked(database, people).counted_at == NOW
    assert _next(database) == failing


def test_an_audience_without_the_readers_of_many_issues_is_kept_too(
    database: Database, people: Audience
) -> None:
    without = replace(people, but_for=tuple(range(1, 60)))

    assert looked(database, without).will == 12
    with database.reading() as session:
        assert len(session.scalars(select(KeptCount)).all()) == 1
