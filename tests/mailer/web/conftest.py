"""An application on a database of the test's own, and people signed in to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from contacts.database import Database
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.clock import now
from mailer.models import Power
from tests.factories import TESTER, Cast, a_cast, a_mailer
from tests.mailer.web.browser import Browser

SignIn = Callable[[Power], Browser]


class MovedClock:
    """A clock that goes, and that a test moves on."""

    moved = timedelta()

    def __call__(self) -> datetime:
        return now() + self.moved


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path, clock: MovedClock) -> Iterator[Mailer]:
    """A mailer on SQLite; what the pages ask of the database is tested on both kinds elsewhere."""
    database = Database(sqlite_url)
    yield replace(a_mailer(database, tmp_path), clock=clock)
    database.dispose()


@pytest.fixture
def app(mailer: Mailer) -> Flask:
    return create_app(mailer)


@pytest.fixture
def cast(mailer: Mailer) -> Cast:
    """Alice, Bob and Carol."""
    with mailer.database.writing() as session:
        return a_cast(session)


@pytest.fixture
def sign_in(app: Flask, mailer: Mailer) -> SignIn:
    """Signs an operator of the wanted power in, by a link as they get it."""

    def enter(power: Power) -> Browser:
        at = mailer.clock()
        with mailer.database.writing() as session:
            email, name = f"{power}@network.example", f"Vera {power.capitalize()}"
            operator = operators.create(
                session, email=email, name=name, power=power, actor=TESTER, now=at
            )
            secret = sign_in_links.make(session, operator, actor=TESTER, now=at)
        browser = Browser(app)
        assert browser.submit(f"/login/{secret}").status_code == 200
        return browser

    return enter


@pytest.fixture
def viewer(sign_in: SignIn) -> Browser:
    return sign_in(Power.VIEWER)


@pytest.fixture
def editor(sign_in: SignIn) -> Browser:
    return sign_in(Power.EDITOR)


@pytest.fixture
def approver(sign_in: SignIn) -> Browser:
    return sign_in(Power.APPROVER)


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Somebody who is not signed in."""
    return Browser(app)
