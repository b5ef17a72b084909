"""Presses at the same moment, as an impatient hand makes them, count once and are all answered."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from contacts.models import Consent, ConsentAct, ConsentPurpose
from contacts.permission.consents import wording
from mailer.bootstrap import Mailer
from tests.factories import NOW
from tests.mailer.web.browser import SITE, Browser
from tests.mailer.web.public.alice import EVENTS, UPDATE, Alice, alice, mailed, mailer

__all__ = ["alice", "mailer"]  # fixtures of this module

PRESSES = 6
ALL_GOOD = [200] * PRESSES


def press(app: Flask, path: str, data: Mapping[str, object] | None = None) -> list[int]:
    """The statuses of so many presses of one button, all at once."""
    app.config["WTF_CSRF_ENABLED"] = False  # each stands for a page that was opened before
    ready = threading.Barrier(PRESSES)

    def once(_: int) -> int:
        hand = app.test_client()
        ready.wait(20)
        return hand.post(path, data=data, base_url=SITE).status_code

    with ThreadPoolExecutor(PRESSES) as hands:
        return list(hands.map(once, range(PRESSES)))


def acts(alice: Alice, act: ConsentAct) -> int:
    """How often the ledger says so of her newsletters."""
    with alice.mailer.database.reading() as session:
        lines = select(func.count()).where(
            Consent.contact_id == alice.id,
            Consent.act == act,
            Consent.purpose == ConsentPurpose.MAILING,
        )
        return session.scalar(lines) or 0


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/u/{}", {"List-Unsubscribe": "One-Click"}),
        ("/u/{}", {}),
        ("/p/{}", {"counted": "no"}),
        ("/p/{}/stop", {}),
    ],
)
def test_a_goodbye_by_the_link_of_a_mail_is_one(
    app: Flask, alice: Alice, path: str, data: dict[str, str]
) -> None:
    assert press(app, path.format(alice.forwarded), data) == ALL_GOOD
    assert acts(alice, ConsentAct.WITHDRAWN) == 1


def test_a_press_is_taken_back_once(app: Flask, alice: Alice) -> None:
    press(app, f"/u/{alice.forwarded}")
    before = acts(alice, ConsentAct.GIVEN)

    assert press(app, f"/u/{alice.forwarded}/undo") == ALL_GOOD
    assert acts(alice, ConsentAct.GIVEN) == before + 1


def test_choices_are_kept_once(app: Flask, alice: Alice) -> None:
    chosen = {"newsletter": [UPDATE, EVENTS], "counted": "yes", "name": "Alice A"}
    before = acts(alice, ConsentAct.GIVEN)

    assert press(app, f"/choices/{alice.fresh()}", chosen) == ALL_GOOD
    assert acts(alice, ConsentAct.GIVEN) == before + 1
    assert alice.as_she_is() == ("Alice A", True, {UPDATE, EVENTS})


def test_everything_is_stopped_once(app: Flask, alice: Alice) -> None:
    assert press(app, f"/choices/{alice.fresh()}/stop") == ALL_GOOD
    assert acts(alice, ConsentAct.WITHDRAWN) == 1


@pytest.mark.parametrize(("button", "given"), [("", 1), ("/not-me", 0), ("/again", 0)])
def test_a_confirmation_is_one(
    app: Flask, alice: Alice, visitor: Browser, button: str, given: int
) -> None:
    visitor.submit("/join/events", {"email": "alice@aldmor.example"})
    link = mailed(alice.mailer)[-1].button_url.removeprefix(alice.mailer.settings.site)
    before = acts(alice, ConsentAct.GIVEN)

    assert press(app, link + button) == ALL_GOOD
    assert acts(alice, ConsentAct.GIVEN) == before + given


def test_two_people_may_be_the_first_to_agree_to_the_same_words(mailer: Mailer) -> None:
    ready = threading.Barrier(PRESSES)

    def agree(_: int) -> int | None:
        ready.wait(20)
        with mailer.database.writing() as session:
            return wording(session, "Send me the news.", now=NOW)

    with ThreadPoolExecutor(PRESSES) as people:
        assert len(set(people.map(agree, range(PRESSES)))) == 1
