"""No link of a subscriber ends at the staff's sign-in: each leads to asking for one's own link."""

import pytest
from sqlalchemy import select

from contacts.models import Contact
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.public.alice import Alice, alice, mailed, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module

ASK = 'href="/choices"'


@pytest.mark.parametrize(
    "path",
    [
        "/p/broken",
        "/u/broken",
        "/choices/broken",
        "/confirm/broken",
        "/confirm/broken/not-me",
        "/join/none",
        "/no/such/page",
    ],
)
def test_a_broken_link_leads_to_asking_for_ones_own(
    alice: Alice, visitor: Browser, path: str
) -> None:
    answer = visitor.get(path)

    assert answer.status_code in {404, 410}
    assert ASK in answer.text.partition("<main")[2].partition("</main")[0]
    assert 'href="/login' not in answer.text


def test_a_broken_link_is_no_better_when_it_is_posted(alice: Alice, visitor: Browser) -> None:
    for path in ("/p/broken", "/p/broken/stop", "/u/broken", "/join/none", "/join/none/again"):
        answer = visitor.submit("/choices", to=path)
        assert answer.status_code == 404, path
        assert ASK in answer.text, path


def test_a_wrong_address_of_a_sign_up_page_names_no_newsletter(
    alice: Alice, visitor: Browser
) -> None:
    page = visitor.get("/join/none").text

    assert "Members" not in page
    assert "members-update" not in page


def test_a_link_is_mailed_to_an_address_that_is_here(alice: Alice, visitor: Browser) -> None:
    visitor.submit("/choices", {"email": "Alice@Aldmor.example"})
    [mail] = mailed(alice.mailer)

    assert mail.to_address == "alice@aldmor.example"
    link = mail.button_url.removeprefix(alice.mailer.settings.site)
    assert "Cllr Alice Adeyemi" in visitor.get(link).text


def test_the_answer_is_the_same_for_an_address_that_is_not(alice: Alice, visitor: Browser) -> None:
    here = visitor.submit("/choices", {"email": "alice@aldmor.example"})
    not_here = visitor.submit("/choices", {"email": "alastair@aldmor.example"})

    assert here.status_code == not_here.status_code == 200
    assert here.text == not_here.text
    assert {each.to_address for each in mailed(alice.mailer)} == {"alice@aldmor.example"}


def test_people_of_one_mailbox_each_get_a_link_of_their_own(alice: Alice, visitor: Browser) -> None:
    with alice.mailer.database.writing() as session:
        bob = session.scalars(select(Contact).where(Contact.name == "Bob Bell")).one()
        bob.email = bob.address_key = "alice@aldmor.example"

    visitor.submit("/choices", {"email": "alice@aldmor.example"})

    assert len({each.button_url for each in mailed(alice.mailer)}) == 2


def test_no_mail_goes_to_somebody_who_is_left_alone(alice: Alice, visitor: Browser) -> None:
    visitor.submit("/choices", {"email": "carol@carrdale.example"})

    assert mailed(alice.mailer) == []


def test_what_is_no_address_is_said_beside_the_field(alice: Alice, visitor: Browser) -> None:
    answer = visitor.submit("/choices", {"email": "alice"})

    assert answer.status_code == 422
    assert "there is no @ in it" in visible_text(answer)
    assert 'value="alice"' in answer.text
