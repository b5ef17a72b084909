"""A mistaken press is taken back within a day, by whoever made it, and gives nothing more."""

from datetime import timedelta

from sqlalchemy import select

from contacts.actors import Actor, ActorKind
from contacts.models import Consent, ConsentAct, Subscription, SubscriptionStatus
from contacts.permission.subscriptions import unsubscribe
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock
from tests.mailer.web.public.alice import UPDATE, Alice, alice, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module


def test_a_mistaken_press_is_taken_back_within_a_day_by_the_consent_of_before(
    alice: Alice, visitor: Browser, clock: MovedClock
) -> None:
    page = f"/u/{alice.forwarded}"
    left = visitor.submit(page)
    clock.moved += timedelta(hours=23)
    back = visitor.submit(page, to=f"{page}/undo")
    again = visitor.submit(page, to=f"{page}/undo")

    assert "Sign me back up" in visible_text(left)
    assert "You’re back on Members' Update" in visible_text(back)
    assert "You’re back on Members' Update" in visible_text(again)
    assert alice.as_she_is()[2] == {UPDATE}
    with alice.mailer.database.reading() as session:
        lines = session.scalars(
            select(Consent)
            .where(Consent.contact_id == alice.id, Consent.newsletter_id.is_not(None))
            .order_by(Consent.id)
        ).all()
    assert [each.act for each in lines] == [
        ConsentAct.GIVEN,
        ConsentAct.WITHDRAWN,
        ConsentAct.GIVEN,
    ]
    assert (lines[0].basis, lines[0].wording_id) == (lines[2].basis, lines[2].wording_id)


def test_later_it_takes_a_fresh_link(alice: Alice, visitor: Browser, clock: MovedClock) -> None:
    page = f"/u/{alice.forwarded}"
    visitor.submit(page)
    clock.moved += timedelta(hours=25)

    late = visitor.submit(page, to=f"{page}/undo")

    assert late.status_code == 410
    assert "Send a link to al••••@aldmor.example" in visible_text(late)
    assert alice.as_she_is()[2] == set()


def test_a_press_on_another_link_is_not_taken_back_by_this_one(
    alice: Alice, visitor: Browser
) -> None:
    with alice.mailer.database.writing() as session:
        alice_herself = Actor(ActorKind.PREFERENCE_PAGE)
        newsletter = session.scalars(select(Subscription.newsletter_id)).first()
        assert newsletter
        now = alice.mailer.clock()
        unsubscribe(session, alice.id, newsletter, source=alice_herself, now=now)
    page = f"/u/{alice.forwarded}"

    pressed = visitor.submit(page)
    undone = visitor.submit(page, to=f"{page}/undo")

    assert "Sign me back up" not in visible_text(pressed)
    assert undone.status_code == 410
    assert alice.as_she_is()[2] == set()


def test_a_press_that_was_taken_back_does_not_undo_a_later_goodbye(
    alice: Alice, visitor: Browser
) -> None:
    page = f"/u/{alice.forwarded}"
    visitor.submit(page)
    visitor.submit(page, to=f"{page}/undo")
    fresh = f"/choices/{alice.fresh()}"
    visitor.submit(fresh, {"name": "", "counted": "no"})

    assert visitor.submit(page, to=f"{page}/undo").status_code == 410
    assert alice.as_she_is()[2] == set()


def test_stopping_everything_is_not_undone_by_the_link_of_a_mail(
    alice: Alice, visitor: Browser
) -> None:
    visitor.submit(f"/u/{alice.forwarded}")
    visitor.submit(f"/p/{alice.forwarded}", to=f"/p/{alice.forwarded}/stop")

    undone = visitor.submit(f"/p/{alice.forwarded}", to=f"/u/{alice.forwarded}/undo")

    assert undone.status_code == 410
    assert alice.as_she_is()[2] == set()


def test_a_press_before_confirming_gives_no_subscription_back(
    alice: Alice, visitor: Browser
) -> None:
    with alice.mailer.database.writing() as session:
        session.scalars(
            select(Subscription).where(Subscription.contact_id == alice.id)
        ).one().status = SubscriptionStatus.PENDING
        for line in session.scalars(select(Consent).where(Consent.contact_id == alice.id)):
            line.act = ConsentAct.ASKED
    page = f"/u/{alice.forwarded}"
    visitor.submit(page)

    assert visitor.submit(page, to=f"{page}/undo").status_code == 410
    assert alice.as_she_is()[2] == set()
