"""Links that travel in mail only take away; what gives needs a fresh link to the mailbox."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from contacts.actors import Actor, ActorKind
from contacts.database import Database
from contacts.models import Consent, ConsentAct, Contact, Subscription, SubscriptionStatus
from contacts.permission.subscriptions import unsubscribe
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery, SystemMail
from mailer.notices import own_link, requests
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.environment import Gate
from mailer.web.policy import Public, policy_of
from tests.factories import NOW, TESTER, Cast, a_campaign, a_mailer, a_newsletter
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock

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
        issue_id = a_campaign(session, cast.newsletter).id
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


def test_the_page_of_a_forwarded_link_shows_no_name(alice: Alice, visitor: Browser) -> None:
    page = visitor.get(f"/p/{alice.forwarded}")

    assert "al••••@aldmor.example" in page.text
    assert not [each for each in ("Alice", "Adeyemi", "alice@") if each in page.text]


def test_a_forwarded_link_gives_nothing_whatever_is_posted(alice: Alice, visitor: Browser) -> None:
    page = f"/p/{alice.forwarded}"
    forged = {"newsletter": [UPDATE, EVENTS], "counted": "yes", "name": "Mallory Was Here"}

    answer = visitor.submit(page, forged)

    assert alice.as_she_is() == (NAME, True, {UPDATE})
    assert "This link can only switch things off" in visible_text(answer)


def test_a_stale_page_loses_nothing_of_what_it_takes_away(alice: Alice, visitor: Browser) -> None:
    stale = {"newsletter": [EVENTS], "counted": "no", "name": "Mallory"}

    answer = visitor.submit(f"/p/{alice.forwarded}", stale)

    assert alice.as_she_is() == (NAME, False, set())
    assert "You won’t get Members' Update any more." in visible_text(answer)
    assert "the rest of what you chose was not saved" in visible_text(answer)


def test_counting_that_is_off_stays_off_by_a_forwarded_link(alice: Alice, visitor: Browser) -> None:
    page = f"/p/{alice.forwarded}"
    visitor.submit(page, {"newsletter": [UPDATE], "counted": "no"})
    visitor.submit(page, {"newsletter": [UPDATE], "counted": "yes"})

    assert alice.as_she_is() == (NAME, False, {UPDATE})


def test_a_link_to_all_choices_is_mailed_to_the_person_alone_and_changes_everything(
    alice: Alice, visitor: Browser
) -> None:
    page = f"/p/{alice.forwarded}"
    sent = visitor.submit(page, to=f"{page}/link")
    [mail] = mailed(alice.mailer)
    link = mail.button_url.removeprefix(alice.mailer.settings.site)
    whole = visitor.get(link)
    saved = visitor.submit(
        link, {"newsletter": [UPDATE, EVENTS], "counted": "yes", "name": "Alice A."}
    )

    assert "al••••@aldmor.example" in visible_text(sent)
    assert mail.to_address == "alice@aldmor.example"
    assert "Adeyemi" not in f"{mail.subject} {mail.paragraphs} {mail.to_name}"
    assert f'value="{NAME}"' in whole.text
    assert "Your name is now Alice A." in visible_text(saved)
    assert alice.as_she_is() == ("Alice A.", True, {UPDATE, EVENTS})


def test_the_answer_is_the_same_whether_or_not_a_link_goes(alice: Alice, visitor: Browser) -> None:
    page = f"/p/{alice.forwarded}"
    answers = [visitor.submit(page, to=f"{page}/link") for _ in range(9)]

    assert len(mailed(alice.mailer)) == 5
    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1


def test_a_fresh_link_lets_nobody_in_after_half_an_hour(
    alice: Alice, visitor: Browser, clock: MovedClock
) -> None:
    link = f"/choices/{alice.fresh()}"
    clock.moved += timedelta(minutes=29)
    good = visitor.submit(link, {"newsletter": [UPDATE], "counted": "yes", "name": "Alice A."})
    clock.moved += timedelta(minutes=2)
    looked = visitor.get(link)
    posted = visitor.submit("/join/members-update", {"name": "Mallory"}, to=link)
    stopped = visitor.submit("/join/members-update", to=f"{link}/stop")

    assert good.status_code == 200
    assert [each.status_code for each in (looked, posted, stopped)] == [410] * 3
    assert "That link has expired" in visible_text(looked)
    assert "Alice" not in looked.text
    assert alice.as_she_is() == ("Alice A.", True, {UPDATE})


def test_a_link_of_a_clock_that_was_ahead_is_not_good(
    alice: Alice, visitor: Browser, clock: MovedClock
) -> None:
    clock.moved += timedelta(days=30)
    link = f"/choices/{alice.fresh()}"
    clock.moved -= timedelta(days=30)

    assert visitor.get(link).status_code == 410


def test_a_fresh_link_opens_the_choices_of_its_person_alone(
    alice: Alice, cast: Cast, visitor: Browser
) -> None:
    visitor.submit(f"/choices/{alice.fresh()}", {"name": "Alice A.", "newsletter": [UPDATE]})

    with alice.mailer.database.reading() as session:
        names = session.scalars(select(Contact.name).order_by(Contact.id)).all()
    assert names == ["Alice A.", "Bob Bell", "Carol Castell"]


def test_a_fresh_link_cannot_be_forged(alice: Alice, visitor: Browser) -> None:
    good = alice.fresh()
    forged = [
        *(
            good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
            for place in (0, 15, 31)
        ),
        Tokens(b"another secret, also long enough").seal(Purpose.OWN_CHOICES, alice.id, 2**32 - 1),
        good[:-1],
        good + "A",
    ]

    assert {visitor.get(f"/choices/{each}").status_code for each in forged} == {410}


def test_a_fresh_link_is_told_to_no_other_site(alice: Alice, visitor: Browser) -> None:
    page = visitor.get(f"/choices/{alice.fresh()}")

    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(?:href|src|action)="(?:https?:)?//', page.text)


def test_everything_is_stopped_by_a_fresh_link_too(alice: Alice, visitor: Browser) -> None:
    link = f"/choices/{alice.fresh()}"

    stopped = visitor.submit(link, to=f"{link}/stop")

    assert "You won’t get any more from us." in visible_text(stopped)
    assert alice.as_she_is() == (NAME, True, set())


PURPOSES = list(Purpose)
# Which token opens which page; every other purpose at every page is refused.
OPENS = {
    "unsubscribing.offer": Purpose.CHOICES,
    "unsubscribing.act": Purpose.CHOICES,
    "unsubscribing.undo": Purpose.CHOICES,
    "choices.show": Purpose.CHOICES,
    "choices.save": Purpose.CHOICES,
    "choices.stop": Purpose.CHOICES,
    "choices.send_link": Purpose.CHOICES,
    "own_choices.show": Purpose.OWN_CHOICES,
    "own_choices.save": Purpose.OWN_CHOICES,
    "own_choices.stop": Purpose.OWN_CHOICES,
    "joining.offer": Purpose.CONFIRM,
    "joining.confirm": Purpose.CONFIRM,
    "joining.confirm_again": Purpose.CONFIRM,
    "joining.offer_not_me": Purpose.CONFIRM,
    "joining.not_me": Purpose.CONFIRM,
}


def _rules_with_a_token(app: Flask) -> dict[str, str]:
    """Endpoint and path of every page that a link of a mail can lead to."""
    return {
        rule.endpoint: rule.rule
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments and policy_of(app, rule.endpoint) is Public.EVERYBODY
    }


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_token_of_one_purpose_does_nothing_at_the_pages_of_another(
    app: Flask, alice: Alice, purpose: Purpose
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    seconds = int((alice.mailer.clock() + own_link.LASTS).timestamp())
    before = alice.as_she_is()
    rules = _rules_with_a_token(app)
    assert set(rules) == set(OPENS)
    took: list[str] = []

    ids = itertools.product((alice.id, alice.delivery), (0, 1, seconds))
    for (endpoint, rule), (first, second) in itertools.product(rules.items(), ids):
        if OPENS[endpoint] is purpose:
            continue
        seal = alice.mailer.tokens.seal
        path = rule.replace("<token>", seal(purpose, first, second))
        client = Browser(app)
        form = {"newsletter": [UPDATE, EVENTS], "name": "Mallory", "counted": "no"}
        answers = (client.get(path), client.post_bare(path, data=form))
        took += [
            f"{endpoint}: {answer.status_code}"
            for answer in answers
            if answer.status_code not in {404, 405, 410, 429}
        ]

    assert took == []
    assert alice.as_she_is() == before


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
