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
