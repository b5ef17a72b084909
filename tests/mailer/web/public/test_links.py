"""Links that travel in mail only take away; what gives needs a fresh link to the mailbox."""

import itertools
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from contacts.models import Contact
from mailer.notices import own_link
from mailer.security.tokens import Purpose, Tokens
from mailer.web.policy import Public, policy_of
from tests.factories import Cast
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock
from tests.mailer.web.public.alice import EVENTS, NAME, UPDATE, Alice, alice, mailed, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module


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
    "answering.offer": Purpose.ANSWER,
    "calendar.show": Purpose.EVENT,
    "answering.send": Purpose.ANSWER,
    "online.show": Purpose.ONLINE,
    "own_choices.show": Purpose.OWN_CHOICES,
    "own_choices.save": Purpose.OWN_CHOICES,
    "own_choices.stop": Purpose.OWN_CHOICES,
    "joining.offer": Purpose.CONFIRM,
    "joining.confirm": Purpose.CONFIRM,
    "joining.confirm_again": Purpose.CONFIRM,
    "joining.offer_not_me": Purpose.CONFIRM,
    "joining.not_me": Purpose.CONFIRM,
    "stories.form": Purpose.STORY,
    "stories.send": Purpose.STORY,
    "stories.decline": Purpose.STORY,
    "send_dates.feed": Purpose.OFFICER_CALENDAR,
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
        path = (
            path.replace("<block_id>", "school")
            .replace("<int:number>", "1")
            .replace("<key>", "0" * 10)
        )
        client = Browser(app)
        form = {"newsletter": [UPDATE, EVENTS], "name": "Mallory", "counted": "no", "answer": "1"}
        answers = (client.get(path), client.post_bare(path, data=form))
        took += [
            f"{endpoint}: {answer.status_code}"
            for answer in answers
            if answer.status_code not in {404, 405, 410, 429}
        ]

    assert took == []
    assert alice.as_she_is() == before
