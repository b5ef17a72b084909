"""Confirmations: declined, asked for again, and good for nobody who has left since."""

import re
from datetime import timedelta

from sqlalchemy import select

from contacts.models import Contact, Subscription, SubscriptionStatus
from contacts.permission.subscriptions import unsubscribe
from mailer.bootstrap import Mailer
from tests.factories import TESTER, Cast
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock
from tests.mailer.web.public.alice import EVENTS, UPDATE, Alice, alice, mailed, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module


def _confirmation(mailer: Mailer, visitor: Browser, typed: dict[str, str]) -> str:
    """The path of the button in the mail that a sign-up leads to."""
    visitor.submit("/join/members-update", typed)
    return mailed(mailer)[-1].button_url.removeprefix(mailer.settings.site)


def test_i_did_not_ask_is_one_press_and_holds(mailer: Mailer, cast: Cast, visitor: Browser) -> None:
    link = _confirmation(mailer, visitor, {"email": "dan@dunmarsh.example"})
    said = mailed(mailer)[-1].closing
    not_me = said.rpartition(" ")[2].removeprefix(mailer.settings.site)
    for _ in range(2):
        assert visitor.get(not_me).status_code == 200
    before = len(mailed(mailer))
    pressed = visitor.submit(not_me)
    visitor.submit("/join/members-update", {"email": "Dan+2@dunmarsh.example"})

    assert not_me == f"{link}/not-me"
    assert "We have noted it" in visible_text(pressed)
    assert len(mailed(mailer)) == before == 1
    assert visitor.get(link).status_code == 410


def test_a_fresh_link_lets_forms_ask_again(alice: Alice, visitor: Browser) -> None:
    typed = {"email": "alice@aldmor.example"}
    visitor.submit("/join/events", typed)
    link = mailed(alice.mailer)[-1].button_url.removeprefix(alice.mailer.settings.site)
    visitor.submit(f"{link}/not-me")
    visitor.submit(f"/choices/{alice.fresh()}", {"newsletter": [UPDATE, EVENTS]})
    visitor.submit(f"/choices/{alice.fresh()}", {"newsletter": [UPDATE]})
    before = len(mailed(alice.mailer))

    visitor.submit("/join/events", typed, to="/join/events/again")
    alice.mailer.clock.moved += timedelta(minutes=11)  # type: ignore[attr-defined]
    visitor.submit("/join/events", typed, to="/join/events/again")

    assert len(mailed(alice.mailer)) == before + 1


def test_an_expired_confirmation_offers_another(
    mailer: Mailer, cast: Cast, visitor: Browser, clock: MovedClock
) -> None:
    link = _confirmation(mailer, visitor, {"email": "dan@dunmarsh.example", "counted": "yes"})
    clock.moved += timedelta(days=8)
    expired = visitor.get(link)
    visitor.submit(link, to=f"{link}/again")
    [_, second] = mailed(mailer)
    confirmed = visitor.submit(second.button_url.removeprefix(mailer.settings.site))

    assert expired.status_code == 410
    assert "Send me a new link" in visible_text(expired)
    assert "You’re signed up" in visible_text(confirmed)
    with mailer.database.reading() as session:
        dan = session.scalars(
            select(Contact).where(Contact.address_key == "dan@dunmarsh.example")
        ).one()
    assert dan.tracking_allowed


def test_a_confirmation_signs_nobody_up_again_who_has_left_since(
    mailer: Mailer, cast: Cast, visitor: Browser, clock: MovedClock
) -> None:
    link = _confirmation(mailer, visitor, {"email": "dan@dunmarsh.example"})
    visitor.submit(link)
    with mailer.database.writing() as session:
        dan = session.scalars(
            select(Contact).where(Contact.address_key == "dan@dunmarsh.example")
        ).one()
        unsubscribe(session, dan.id, cast.newsletter, source=TESTER, now=clock())

    assert visitor.submit("/join/members-update", to=link).status_code == 410
    with mailer.database.reading() as session:
        standing = session.get_one(Subscription, (dan.id, cast.newsletter))
    assert standing.status is SubscriptionStatus.UNSUBSCRIBED


def test_the_page_after_signing_up_asks_again_with_what_was_typed(
    mailer: Mailer, cast: Cast, visitor: Browser, clock: MovedClock
) -> None:
    asked = visitor.submit("/join/members-update", {"email": 'dan"<b>@dunmarsh.example'})
    good = visitor.submit("/join/members-update", {"email": "dan@dunmarsh.example"})
    first = len(mailed(mailer))
    clock.moved += timedelta(minutes=11)
    again = re.search(r'action="([^"]+/again)"', good.text)
    assert again
    visitor.submit("/join/members-update", {"email": "dan@dunmarsh.example"}, to=again[1])

    assert asked.status_code == 422
    assert 'name="email" value="dan@dunmarsh.example"' in good.text
    assert (first, len(mailed(mailer))) == (1, 2)
