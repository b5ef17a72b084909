"""The pages of errors are made whatever state the request has left its transaction in."""

from flask import Flask

from contacts.models import Tag
from mailer.models import Power
from mailer.web.policy import policy
from mailer.web.transactions import session
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import SignIn


def test_a_fault_in_the_midst_of_writing_is_a_page_in_its_usual_dress(
    app: Flask, sign_in: SignIn
) -> None:
    @policy(Power.EDITOR)
    def breaks() -> str:
        session().add_all([Tag(slug="twice", name="a"), Tag(slug="twice", name="b")])
        session().flush()
        return ""

    app.add_url_rule("/breaks", view_func=breaks, methods=["POST"])
    browser: Browser = sign_in(Power.EDITOR)

    answer = browser.submit("/people/new", to="/breaks")

    assert answer.status_code == 500
    assert "Something went wrong" in visible_text(answer)
    assert "Vera Editor" in visible_text(answer)


def test_a_page_that_is_not_there_offers_the_search_to_whoever_is_signed_in(
    sign_in: SignIn, visitor: Browser
) -> None:
    found = sign_in(Power.VIEWER).get("/nothing-is-here")
    stranger = visitor.get("/nothing-is-here")

    assert (found.status_code, stranger.status_code) == (404, 404)
    assert "Look for it" in visible_text(found)
    assert 'action="/search"' in found.text.partition("<main")[2]
    assert "Look for it" not in visible_text(stranger)
