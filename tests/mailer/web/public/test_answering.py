"""The page of a poll: looking sends nothing, one button does, and nobody is given away."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts.models import Contact
from mailer.models import Delivery, GivenAnswer, Version
from mailer.security.tokens import Purpose
from tests.factories import NOW, Cast, a_poll
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock
from tests.mailer.web.public.alice import TEXT, Alice, alice, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module


@pytest.fixture(autouse=True)
def in_december(clock: MovedClock) -> None:
    """An hour after the issue went out."""
    clock.moved = NOW + timedelta(hours=1) - clock()


def given(alice: Alice) -> list[tuple[int | None, int]]:
    """Who gave which answer."""
    with alice.mailer.database.reading() as session:
        rows = session.execute(select(GivenAnswer.contact_id, GivenAnswer.number))
        return [(contact_id, number) for contact_id, number in rows]


def change(alice: Alice, **poll: object) -> None:
    """Let another poll have been sent."""
    with alice.mailer.database.writing() as session:
        version = session.scalars(select(Version)).one()
        version.document = {"version": 1, "blocks": [TEXT, a_poll(**poll)]}


def answer(visitor: Browser, page: str, number: int) -> str:
    sent = visitor.post_bare(page, data={"answer": str(number)})
    assert sent.status_code == 200
    return visible_text(sent)


def test_scanners_that_follow_every_link_answer_nothing(alice: Alice, visitor: Browser) -> None:
    for number in (1, 2, 3):
        assert visitor.get(f"{alice.asked}/{number}").status_code == 200
        assert visitor.head(f"{alice.asked}/{number}").status_code == 200

    assert given(alice) == []


def test_the_answer_of_the_link_is_chosen_and_one_button_sends_it(
    alice: Alice, visitor: Browser
) -> None:
    page = visitor.get(f"{alice.asked}/2").text

    assert re.findall(r'value="(\d)"\s+checked', page) == ["2"]
    assert re.findall(r"<button[^>]*>([^<]*)", page) == ["Send my answer"]
    assert f'action="{alice.asked}"' in page
    assert "Friday 18 December 2026" in page


def test_an_answer_needs_no_cookie_and_no_leave_to_count(
    alice: Alice, visitor: Browser, cast: Cast
) -> None:
    with alice.mailer.database.writing() as session:
        session.get_one(Contact, cast.alice).tracking_allowed = False

    thanks = answer(visitor, alice.asked, 2)

    assert "Thank you Your answer is kept: Care" in thanks
    assert given(alice) == [(cast.alice, 2)]


def test_another_answer_takes_the_place_of_the_first_and_the_page_says_so(
    alice: Alice, visitor: Browser, cast: Cast
) -> None:
    before = visible_text(visitor.get(f"{alice.asked}/1"))
    answer(visitor, alice.asked, 1)
    after = visible_text(visitor.get(f"{alice.asked}/3"))
    answer(visitor, alice.asked, 3)

    assert "has been sent already" not in before
    assert "has been sent already. Another one takes its place." in after
    assert given(alice) == [(cast.alice, 3)]


def test_a_forwarded_copy_shows_whose_answer_it_is_and_neither_name_nor_earlier_answer(
    alice: Alice, visitor: Browser
) -> None:
    answer(visitor, alice.asked, 2)

    page = visitor.get(f"{alice.asked}/1")

    assert "counts as that of al••••@aldmor.example" in visible_text(page)
    assert not [each for each in ("Alice", "Adeyemi", "alice@") if each in page.text]
    assert re.findall(r'value="(\d)"\s+checked', page.text) == ["1"]


@pytest.mark.parametrize("form", [{}, {"answer": ""}, {"answer": "4"}, {"answer": "x"}])
def test_a_form_without_an_answer_says_what_to_do(
    alice: Alice, visitor: Browser, form: dict[str, str]
) -> None:
    sent = visitor.post_bare(alice.asked, data=form)

    assert sent.status_code == 422
    assert "Choose an answer." in visible_text(sent)
    assert given(alice) == []


def test_the_authors_thanks_are_said(alice: Alice, visitor: Browser) -> None:
    change(alice, thanks="See you in {{organisation|summer}}.")

    assert "See you in summer." in answer(visitor, alice.asked, 1)


def test_numbers_are_shown_to_whoever_has_answered_where_the_poll_says_so(
    alice: Alice, visitor: Browser
) -> None:
    kept_back = answer(visitor, alice.asked, 1)
    change(alice, show_results=True)
    before = visible_text(visitor.get(f"{alice.asked}/1"))
    shown = answer(visitor, alice.asked, 1)

    assert "What people answered" not in kept_back + before
    assert "1 person has answered." in shown
    assert "Homes 1 Care 0 Energy 0" in shown
    assert "Adeyemi" not in shown


@pytest.mark.parametrize(
    ("shows", "says"), [(True, "Care 1 Energy 0"), (False, "What came out is not shown here.")]
)
def test_a_poll_that_has_closed_says_so_and_takes_nothing(
    alice: Alice, visitor: Browser, clock: MovedClock, cast: Cast, *, shows: bool, says: str
) -> None:
    change(alice, show_results=shows)
    answer(visitor, alice.asked, 2)
    clock.moved += timedelta(days=11)

    looked = visitor.get(f"{alice.asked}/1")
    sent = visitor.post_bare(alice.asked, data={"answer": "1"})

    assert (looked.status_code, sent.status_code) == (200, 410)
    for page in (looked, sent):
        assert "This poll has closed" in visible_text(page)
        assert says in visible_text(page)
        assert "<form" not in page.text
    assert given(alice) == [(cast.alice, 2)]


def test_every_broken_link_has_the_same_answer(alice: Alice, visitor: Browser, cast: Cast) -> None:
    seal = alice.mailer.tokens.seal
    change(alice, visible_to=["supporter"])
    not_for_her = visitor.get(f"{alice.asked}/1")
    change(alice)
    token = alice.asked.split("/")[2]
    broken = [
        visitor.get(each)
        for each in (
            f"/a/{'A' * 32}/school/1",
            f"/a/{token[:-1]}/school/1",
            f"/a/{seal(Purpose.ANSWER, 10**6)}/school/1",
            f"/a/{seal(Purpose.CHOICES, alice.delivery)}/school/1",
            f"/a/{token}/t/1",
            f"/a/{token}/nothing/1",
            f"{alice.asked}/0",
            f"{alice.asked}/4",
        )
    ]
    posted = [
        visitor.post_bare(each, data={"answer": "1"})
        for each in (f"/a/{'A' * 32}/school", f"/a/{token}/t")
    ]

    assert {each.status_code for each in (not_for_her, *broken, *posted)} == {404}
    assert len({visible_text(each) for each in (not_for_her, *broken, *posted)}) == 1
    assert given(alice) == []


def test_the_link_of_somebody_who_was_erased_leads_nowhere(
    alice: Alice, visitor: Browser, cast: Cast
) -> None:
    answer(visitor, alice.asked, 2)
    with alice.mailer.database.writing() as session:
        session.delete(session.get_one(Contact, cast.alice))

    assert visitor.get(f"{alice.asked}/1").status_code == 404
    assert visitor.post_bare(alice.asked, data={"answer": "1"}).status_code == 404
    assert given(alice) == [(None, 2)]


def test_the_links_of_a_preview_lead_to_a_page_that_says_so(alice: Alice, visitor: Browser) -> None:
    nobodys = f"/a/{alice.mailer.tokens.seal(Purpose.ANSWER, 0)}/school"

    looked = visitor.get(f"{nobodys}/1")
    sent = visitor.post_bare(nobodys, data={"answer": "1"})

    for page in (looked, sent):
        assert page.status_code == 200
        assert "No answer was sent" in visible_text(page)
    assert given(alice) == []


def test_guesses_and_floods_end(alice: Alice, visitor: Browser) -> None:
    guesses = [visitor.get(f"/a/{number:032}/school/1").status_code for number in range(25)]
    presses = [visitor.post_bare(alice.asked, data={"answer": "1"}).status_code for _ in range(62)]

    assert (guesses[0], guesses[-1]) == (404, 429)
    assert (presses[0], presses[-1]) == (200, 429)


def test_the_question_is_in_its_own_language(alice: Alice, visitor: Browser) -> None:
    change(alice, language="ar", question="ما رأيكم؟")

    page = visitor.get(f"{alice.asked}/1").text

    assert re.search(r'<h1\s+lang="ar" dir="rtl">ما رأيكم؟</h1>', page)


def test_every_copy_leads_to_the_page_of_its_own_person(alice: Alice, visitor: Browser) -> None:
    with alice.mailer.database.reading() as session:
        ids = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
    pages = [
        visible_text(visitor.get(f"/a/{alice.mailer.tokens.seal(Purpose.ANSWER, each)}/school/1"))
        for each in ids
    ]

    assert ["al••••@aldmor" in pages[0], "bo••••@bexmoor" in pages[1]] == [True, True]
