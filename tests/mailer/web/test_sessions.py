"""Signing in and out: each session is looked up at every request, and ends, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from contacts.database import Database
from mailer.accounts import operators, sessions, sign_in_links
from mailer.bootstrap import Mailer
from mailer.models import Operator, OperatorSession, Power
from tests.factories import TESTER, a_mailer
from tests.mailer.web.browser import SITE, Browser, visible_text
from tests.mailer.web.conftest import MovedClock, SignIn

PASSWORD = "a long enough phrase"
EDITOR = {"email": "editor@network.example", "password": PASSWORD}


@pytest.fixture
def mailer(database: Database, tmp_path: Path, clock: MovedClock) -> Mailer:
    return replace(a_mailer(database, tmp_path), clock=clock)


@pytest.fixture
def with_password(app: Flask, editor: Browser) -> Callable[[], Browser]:
    """The editor has a password; makes browsers that sign in with it."""
    assert editor.submit("/account", {"password": PASSWORD}).status_code == 200

    def enter() -> Browser:
        browser = Browser(app)
        assert browser.submit("/login", EDITOR).status_code == 200
        assert is_in(browser)
        return browser

    return enter


def is_in(browser: Browser) -> bool:
    return browser.get("/people/").status_code == 200


def only(mailer: Mailer) -> OperatorSession:
    with mailer.database.reading() as session:
        return session.scalars(select(OperatorSession)).one()


def test_a_copied_cookie_is_good_for_nothing_after_sign_out(editor: Browser) -> None:
    thief = editor.copy()
    before = is_in(thief)

    editor.submit("/", to="/logout")
    after = thief.get("/people/?q=ann")

    assert before
    assert not is_in(editor)
    assert after.status_code == 302
    assert after.headers["Location"] == "/login?next=/people/?q%3Dann"


def test_whoever_was_signed_out_is_told_so_once_and_comes_back_where_they_were(
    with_password: Callable[[], Browser], mailer: Mailer
) -> None:
    browser = with_password()
    with mailer.database.writing() as session:
        session.execute(update(OperatorSession).values(ended_at=mailer.clock()))

    told = browser.get("/people/", follow_redirects=True)
    again = browser.get("/people/", follow_redirects=True)
    back = browser.submit("/login?next=/people/", EDITOR, follow=False)

    assert "You were signed out. Sign in again to go on." in visible_text(told)
    assert "You were signed out" not in visible_text(again)
    assert back.headers["Location"] == "/people/"
    assert is_in(browser)


def test_somebody_who_was_never_signed_in_is_not_told_so(visitor: Browser) -> None:
    page = visitor.get("/people/", follow_redirects=True)

    assert "You were signed out" not in visible_text(page)


@pytest.mark.parametrize("by", ["password", "link"])
def test_every_sign_in_has_a_session_of_its_own(
    app: Flask, mailer: Mailer, with_password: Callable[[], Browser], by: str
) -> None:
    one = with_password()
    thief = one.copy()
    if by == "password":
        one.submit("/", to="/logout")
        one.submit("/login", EDITOR)
    else:
        with mailer.database.writing() as session:
            operator = operators.find(session, EDITOR["email"])
            link = sign_in_links.make(session, operator, actor=TESTER, now=mailer.clock())
        one.submit(f"/login/{link}")

    assert is_in(one)
    assert not is_in(thief)


def test_a_cookie_from_before_the_sign_in_does_not_come_in_with_it(
    app: Flask, with_password: Callable[[], Browser]
) -> None:
    victim = Browser(app)
    victim.get("/login")
    planted = victim.copy()

    victim.submit("/login", EDITOR)

    assert is_in(victim)
    assert not is_in(planted)
    assert victim.cookie() != planted.cookie()


def test_a_cookie_that_names_the_operator_and_no_session_lets_nobody_in(
    app: Flask, mailer: Mailer, editor: Browser
) -> None:
    """As cookies were made by versions before there were sessions."""
    client = app.test_client()
    with mailer.database.reading() as session:
        old = session.scalars(select(Operator.fs_uniquifier)).one()
    with client.session_transaction(base_url=SITE) as cookie:
        cookie["_user_id"] = old

    assert client.get("/people/", base_url=SITE).status_code == 302


def test_a_session_ends_when_nobody_is_there(editor: Browser, clock: MovedClock) -> None:
    clock.moved = sessions.IDLE - timedelta(minutes=1)
    kept = is_in(editor)
    clock.moved += sessions.IDLE - timedelta(minutes=1)
    kept_again = is_in(editor)
    clock.moved += sessions.IDLE

    assert kept
    assert kept_again
    assert not is_in(editor)


def test_a_session_ends_after_its_life_though_it_is_in_use(
    editor: Browser, clock: MovedClock
) -> None:
    while clock.moved < sessions.LIFE - timedelta(hours=6):
        assert is_in(editor)
        clock.moved += timedelta(hours=6)
    clock.moved = sessions.LIFE

    assert not is_in(editor)


def test_looking_writes_down_the_use_once_in_five_minutes(
    mailer: Mailer, editor: Browser, clock: MovedClock
) -> None:
    begun = only(mailer).last_seen_at
    clock.moved = timedelta(minutes=4)
    editor.get("/people/")
    early = only(mailer).last_seen_at
    clock.moved = timedelta(minutes=6)
    editor.get("/people/")
    late = only(mailer).last_seen_at
    clock.moved = timedelta(minutes=12)
    editor.submit("/account", {"password": "short"})

    assert early == begun
    assert late - begun >= timedelta(minutes=6)
    assert only(mailer).last_seen_at - late >= timedelta(minutes=5)


def test_whoever_is_removed_is_out_at_once(
    mailer: Mailer, sign_in: SignIn, editor: Browser
) -> None:
    sign_in(Power.ADMIN)
    with mailer.database.writing() as session:
        editor_row = operators.find(session, EDITOR["email"])
        link = sign_in_links.make(session, editor_row, actor=TESTER, now=mailer.clock())
    before = is_in(editor)

    with mailer.database.writing() as session:
        operators.remove(session, EDITOR["email"], actor=TESTER, now=mailer.clock())

    assert before
    assert not is_in(editor)
    assert editor.get(f"/login/{link}").status_code == 410


def test_a_removed_operators_password_signs_nobody_in(
    mailer: Mailer, app: Flask, sign_in: SignIn, with_password: Callable[[], Browser]
) -> None:
    sign_in(Power.ADMIN)
    with mailer.database.writing() as session:
        operators.remove(session, EDITOR["email"], actor=TESTER, now=mailer.clock())
    browser = Browser(app)

    browser.submit("/login", EDITOR)

    assert not is_in(browser)


def test_nothing_that_signs_in_is_kept_in_the_browser_beyond_the_session(
    app: Flask, with_password: Callable[[], Browser]
) -> None:
    browser = Browser(app)

    answer = browser.submit("/login", {**EDITOR, "remember": "y"}, follow=False)

    cookies = {each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"circular", "circular_known"}  # the other one only says who was here
    assert "Expires" not in cookies["circular"]
    assert "editor" not in cookies["circular_known"]
    for cookie in cookies.values():
        for word in ("HttpOnly", "Secure", "SameSite=Lax"):
            assert word in cookie
    assert is_in(browser)
    assert browser.cookie("remember_token") == ""


def test_the_library_hands_out_no_token_and_takes_none(
    app: Flask, with_password: Callable[[], Browser]
) -> None:
    """Flask-Security has tokens of its own, which would outlive every session."""
    program = Browser(app)
    answer = program.submit(
        "/login",
        EDITOR,
        to="/login?include_auth_token",
        follow=False,
        headers={"Accept": "application/json"},
    )
    with app.test_request_context():
        operator = app.extensions["security"].datastore.find_user(email=EDITOR["email"])
        token = operator.get_auth_token()
    shown = app.test_client().get("/people/", headers={"Authentication-Token": token})

    assert answer.status_code == 302
    assert "token" not in answer.text
    assert shown.status_code == 302
    assert app.test_client().get(f"/people/?auth_token={token}").status_code == 302
