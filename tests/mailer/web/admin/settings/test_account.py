"""A password of one's own: set on the account page, and good for signing in from then on."""

import pytest
from flask import Flask
from sqlalchemy import select

from mailer.bootstrap import Mailer
from mailer.models import Operator
from tests.mailer.web.browser import Browser, visible_text

PASSWORD = "a long enough phrase"  # of a test's own operator


@pytest.mark.parametrize(("typed", "lets_in"), [(PASSWORD, True), ("another long phrase", False)])
def test_a_password_that_was_set_signs_in_and_no_other_does(
    app: Flask, mailer: Mailer, editor: Browser, typed: str, lets_in: bool
) -> None:
    page = visible_text(editor.submit("/account", {"password": PASSWORD}))
    other = Browser(app)
    other.submit("/login", {"email": "editor@network.example", "password": typed})

    with mailer.database.reading() as session:
        kept = session.scalars(select(Operator.password)).one() or ""
    assert "Your password is set" in page
    assert kept.startswith("$argon2id$")
    assert (other.get("/people/").status_code == 200) is lets_in


def test_a_short_password_is_asked_for_again(editor: Browser) -> None:
    answer = editor.submit("/account", {"password": "short"})
    assert answer.status_code == 422
