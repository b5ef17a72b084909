"""What a person told us to stop is answered as done, with or without the database, and is done."""

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app import create_app
from contacts.actors import ActorKind
from contacts.database import Database
from contacts.models import Subscription, SubscriptionStatus, Suppression
from mailer.bootstrap import Mailer
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery
from mailer.receipts.withdrawals import folder, withdrawals
from mailer.receipts.withdrawals.withdrawals import Withdrawals
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign, a_mailer
from tests.mailer.web.browser import SITE, Browser, visible_text
from tests.outages import away, fill_the_disk

ONE_CLICK = {"data": {"List-Unsubscribe": "One-Click"}}


@pytest.fixture
def mailer(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailer:
    monkeypatch.setattr(withdrawals, "_PATIENCE", 0.2)
    return a_mailer(database, tmp_path)


@pytest.fixture
def app(mailer: Mailer) -> Flask:
    return create_app(mailer)


@pytest.fixture
def token(mailer: Mailer, cast: Cast) -> str:
    """The one in the mail that Alice got."""
    with mailer.database.writing() as session:
        issue_id = a_campaign(session, cast.newsletter).id
        sending.launch(session, issue_id, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(mailer.database, issue_id, clock=lambda: NOW)
    with mailer.database.reading() as session:
        delivery_id = session.scalar(select(Delivery.id).where(Delivery.contact_id == cast.alice))
    assert delivery_id
    return mailer.tokens.seal(Purpose.CHOICES, delivery_id)


def standing(mailer: Mailer, cast: Cast) -> SubscriptionStatus:
    with mailer.database.reading() as session:
        return session.get_one(Subscription, (cast.alice, cast.newsletter)).status


def waiting(mailer: Mailer) -> int:
    return folder.count(mailer.settings.withdrawals_dir)


def opened(visitor: Browser, page: str) -> dict[str, str]:
    """The hidden field of a form that was opened before."""
    found = re.search(r'name="csrf_token"[^>]*? value="([^"]+)"', visitor.get(page).text)
    assert found
    return {"csrf_token": found[1]}


def press(visitor: Browser, page: str, to: str, form: dict[str, str]) -> TestResponse:
    return visitor._client.post(to, data=form, base_url=SITE, headers={"Referer": SITE + page})


def test_one_click_is_done_while_the_database_is_away(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    usual = visitor.post_bare(f"/u/{mailer.tokens.seal(Purpose.CHOICES, 10**6)}", **ONE_CLICK)
    with away(mailer.database):
        began = time.monotonic()
        answer = visitor.post_bare(f"/u/{token}", **ONE_CLICK)
        took = time.monotonic() - began
    before = standing(mailer, cast)
    Withdrawals(mailer).apply_all()

    assert (answer.status_code, answer.text) == (200, "Done. You are unsubscribed.\n")
    assert took < 5
    assert (usual.status_code, usual.text) == (200, "Done.\n")
    assert before is SubscriptionStatus.SUBSCRIBED
    assert standing(mailer, cast) is SubscriptionStatus.UNSUBSCRIBED


def test_the_button_is_done_while_the_database_is_away(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    with away(mailer.database):
        answer = visitor.post_bare(f"/u/{token}")
    [name] = folder.names(mailer.settings.withdrawals_dir)
    kept = folder.read(mailer.settings.withdrawals_dir, name)

    assert answer.status_code == 200
    assert "You won’t get this newsletter any more." in visible_text(answer)
    assert "Sign me back up" not in answer.text
    assert kept
    assert kept.withdrawal
    assert kept.withdrawal.how is ActorKind.UNSUBSCRIBE_PAGE


def test_the_page_has_its_button_while_the_database_is_away(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    if mailer.database.is_sqlite:
        pytest.skip("a busy SQLite can be read")
    with away(mailer.database):
        page = visitor.get(f"/u/{token}")
        foreign = visitor.get(f"/u/{'A' * 32}")

    assert page.status_code == 200
    assert "Unsubscribe from this newsletter?" in visible_text(page)
    assert foreign.status_code == 404


def test_stopping_everything_is_done_while_the_database_is_away(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser
) -> None:
    form = opened(visitor, f"/p/{token}")
    with away(mailer.database):
        answer = press(visitor, f"/p/{token}", f"/p/{token}/stop", form)
    Withdrawals(mailer).apply_all()

    assert answer.status_code == 200
    assert "You won’t get any more from us." in visible_text(answer)
    with mailer.database.reading() as session:
        held = session.scalars(
            select(Suppression).where(Suppression.address_key == "alice@aldmor.example")
        ).one()
    assert held.reason == "unsubscribed"


def test_choices_that_cannot_be_saved_are_said_not_to_be(
    mailer: Mailer, cast: Cast, token: str, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.database.BUSY_SECONDS", 0.1)
    mailer.database.dispose()
    form = opened(visitor, f"/p/{token}")
    if mailer.database.is_sqlite:
        with mailer.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 100")
    with away(mailer.database):
        answer = press(visitor, f"/p/{token}", f"/p/{token}", {**form, "counted": "no"})

    assert answer.status_code == 503
    assert "Nothing was saved" in visible_text(answer)
    assert waiting(mailer) == 0


@pytest.mark.parametrize("unknown", ["x", "A" * 32])
def test_a_foreign_token_keeps_nothing(
    mailer: Mailer, cast: Cast, visitor: Browser, unknown: str
) -> None:
    with away(mailer.database):
        one_click = visitor.post_bare(f"/u/{unknown}", **ONE_CLICK)
        button = visitor.post_bare(f"/u/{unknown}")

    assert (one_click.status_code, one_click.text) == (200, "Done.\n")
    assert button.status_code == 404
    assert waiting(mailer) == 0


def _too_much(*_: object, **__: object) -> None:
    fault = sqlite3.OperationalError("database or disk is full")
    fault.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise OperationalError("UPDATE", {}, fault)


class TestOnAFullDisk:
    """SQLite is on the disk that is full; PostgreSQL has one of its own."""

    @pytest.fixture
    def mailer(self, sqlite_url: str, tmp_path: Path) -> Iterator[Mailer]:
        database = Database(sqlite_url)
        yield a_mailer(database, tmp_path)
        database.dispose()

    def test_a_withdrawal_takes_the_room_that_was_kept_for_it(
        self,
        mailer: Mailer,
        cast: Cast,
        token: str,
        visitor: Browser,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        folder.keep_ready(mailer.settings.withdrawals_dir, number=1, spare=0)
        with monkeypatch.context() as full:
            fill_the_disk(full)
            full.setattr(withdrawals, "apply", _too_much)
            answer = visitor.post_bare(f"/u/{token}", **ONE_CLICK)
            second = mailer.tokens.seal(Purpose.CHOICES, 10**6)
            no_room = visitor.post_bare(f"/u/{second}", **ONE_CLICK)

        assert (answer.status_code, answer.text) == (200, "Done. You are unsubscribed.\n")
        assert waiting(mailer) == 1
        assert no_room.status_code == 507
