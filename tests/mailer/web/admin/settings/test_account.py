"""One's own account: a password that signs in, and the places where one is signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from contacts.models import AuditEntry
from mailer.accounts import operators, sessions, sign_in_links
from mailer.bootstrap import Mailer
from mailer.models import Operator, OperatorSession, Power
from tests.factories import TESTER
from tests.mailer.web.browser import Browser, visible_text
from tests.mailer.web.conftest import MovedClock, SignIn

EMAIL = "editor@network.example"
PASSWORD, ANOTHER = "a long enough phrase", "another long phrase"  # of a test's own operator
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


@pytest.fixture
def enter(app: Flask) -> Callable[..., Browser]:
    """Signs the editor in by a password, whether or not that lets them in."""

    def by(password: str = PASSWORD, **headers: str) -> Browser:
        browser = Browser(app)
        browser.submit("/login", {"email": EMAIL, "password": password}, headers=headers)
        return browser

    return by


@pytest.fixture
def with_password(editor: Browser, enter: Callable[..., Browser]) -> Browser:
    """The editor, who has a password, signed in by it."""
    editor.submit("/account", {"password": PASSWORD})
    return enter()


def is_in(browser: Browser) -> bool:
    return browser.get("/people/").status_code == 200


def kept(mailer: Mailer) -> str:
    with mailer.database.reading() as session:
        return session.scalars(select(Operator.password).where(Operator.email == EMAIL)).one() or ""


@pytest.mark.parametrize(("typed", "lets_in"), [(PASSWORD, True), (ANOTHER, False)])
def test_a_password_that_was_set_signs_in_and_no_other_does(
    mailer: Mailer, editor: Browser, enter: Callable[..., Browser], typed: str, lets_in: bool
) -> None:
    page = visible_text(editor.submit("/account", {"password": PASSWORD}))

    assert "Your password is set" in page
    assert kept(mailer).startswith("$argon2id$")
    assert is_in(enter(typed)) is lets_in


def test_a_letter_may_be_written_in_either_of_its_ways(
    editor: Browser, enter: Callable[..., Browser]
) -> None:
    composed, apart = "crème brûlée for six", "cre\u0300me bru\u0302le\u0301e for six"
    editor.submit("/account", {"password": composed})

    assert is_in(enter(composed))
    assert is_in(enter(apart))


@pytest.mark.parametrize("password", ["short", "x" * 201, ""])
def test_a_password_of_another_length_is_asked_for_again(editor: Browser, password: str) -> None:
    answer = editor.submit("/account", {"password": password})

    assert answer.status_code == 422
    assert "Write a password of 12 to 200 characters." in visible_text(answer)


def test_a_new_password_ends_every_other_session_and_unused_link(
    mailer: Mailer, with_password: Browser, enter: Callable[..., Browser]
) -> None:
    other, thief = enter(), with_password.copy()
    with mailer.database.writing() as session:
        operator = operators.find(session, EMAIL)
        link = sign_in_links.make(session, operator, actor=TESTER, now=mailer.clock())
    before = is_in(other), is_in(thief)

    with_password.submit("/account", {"present": PASSWORD, "password": ANOTHER})

    assert before == (True, True)
    assert is_in(with_password)
    assert not is_in(other)
    assert not is_in(thief), "it has the secret that this session had before"
    assert with_password.get(f"/login/{link}").status_code == 410
    assert is_in(enter(ANOTHER))
    assert not is_in(enter(PASSWORD))


@pytest.mark.parametrize("present", [{}, {"present": ""}, {"present": ANOTHER}])
def test_without_the_present_password_no_other_is_set(
    mailer: Mailer, with_password: Browser, present: dict[str, str]
) -> None:
    before, other = kept(mailer), with_password.copy()

    answer = with_password.submit("/account", {**present, "password": ANOTHER})

    assert answer.status_code == 422
    assert "That is not your present password. Type it again." in visible_text(answer)
    assert kept(mailer) == before
    assert is_in(other)
    with mailer.database.reading() as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.act == "password set"))
        assert len(acts.all()) == 1


def test_a_link_stands_for_a_forgotten_password_for_half_an_hour(
    mailer: Mailer, with_password: Browser, sign_in: SignIn, clock: MovedClock
) -> None:
    by_link = sign_in(Power.EDITOR)
    clock.moved = timedelta(minutes=29)
    asked = "Present password" in visible_text(by_link.get("/account"))
    in_time = by_link.submit("/account", {"password": ANOTHER})
    clock.moved = timedelta(minutes=31)
    too_late = by_link.submit("/account", {"password": PASSWORD})

    assert not asked
    assert "Your password is set" in visible_text(in_time)
    assert too_late.status_code == 422
    page = visible_text(by_link.get("/account"))
    assert "Present password" in page
    assert f"flask operators link {EMAIL}" in page


def test_somebody_without_a_password_needs_a_fresh_link(
    mailer: Mailer, editor: Browser, clock: MovedClock
) -> None:
    clock.moved = timedelta(minutes=31)

    page = visible_text(editor.get("/account"))
    answer = editor.submit("/", {"password": PASSWORD}, to="/account")

    assert "You have no password." in page
    assert f"flask operators link {EMAIL}" in page
    assert answer.status_code == 422
    assert "Sign in with a fresh link before you set a password." in visible_text(answer)
    assert kept(mailer) == ""


def test_the_places_where_one_is_signed_in_are_listed_and_ended(
    with_password: Browser, enter: Callable[..., Browser]
) -> None:
    other = enter(**{"User-Agent": FIREFOX})
    page = with_password.get("/account")
    text = visible_text(page)
    row = page.text.partition("Firefox on Linux")[2]
    path = re.search(r'action="(/account/sessions/\d+/end)"', row)
    assert path

    after = visible_text(with_password.submit("/account", to=path[1]))

    assert "Firefox on Linux" in text
    assert text.count("(this one)") == 1
    assert "That session has ended." in after
    assert "Firefox on Linux" not in after
    assert not is_in(other)
    assert is_in(with_password)


def test_one_press_signs_out_everywhere_else(
    with_password: Browser, enter: Callable[..., Browser]
) -> None:
    others = [enter(), enter()]

    page = visible_text(with_password.submit("/account", to="/account/sessions/end-others"))

    assert "You are signed out everywhere else." in page
    assert "Sign out everywhere else" not in page
    assert is_in(with_password)
    assert not any(map(is_in, others))


def test_nobody_ends_the_session_of_another(
    mailer: Mailer, editor: Browser, viewer: Browser
) -> None:
    with mailer.database.reading() as session:
        of_editor = session.scalars(
            select(OperatorSession)
            .join(Operator, Operator.id == OperatorSession.operator_id)
            .where(Operator.email == EMAIL)
        ).one()

    answer = viewer.submit("/account", to=f"/account/sessions/{of_editor.id}/end")
    others = viewer.submit("/account", to="/account/sessions/end-others")

    assert answer.status_code == 404
    assert others.status_code == 200
    assert is_in(editor)
    with mailer.database.reading() as session:
        assert len(sessions.listing(session, of_editor.operator_id, now=mailer.clock())) == 1
