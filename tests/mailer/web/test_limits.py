"""Limits that hold: a few wrong tries are answered, then 429, and a good credential always is."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from limits.errors import StorageError
from limits.storage import MemoryStorage
from werkzeug.exceptions import TooManyRequests

from app import create_app
from contacts.database import Database
from mailer.accounts import operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.models import Power
from mailer.web.limits import Attempts, RateLimits, in_words, storage_at
from mailer.web.policy import Public, policy_of
from mailer.web.sign_in import passwords
from tests.factories import TESTER, a_mailer, a_newsletter
from tests.mailer.receipts.providers.requests import MAILGUN_KEY, SENDGRID_KEY, TOPIC
from tests.mailer.web.browser import SITE

GOOD, WRONG = "correct horse battery", "not it at all"
WHO = "vera@network.example"
# Nothing to guess, and nothing is sent or kept by them.
_NO_CREDENTIAL = {"security.logout"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    name = "postgres_url" if request.param == "postgresql" else "sqlite_url"
    opened = Database(request.getfixturevalue(name))
    yield opened
    opened.dispose()


@pytest.fixture
def mailer(database: Database, tmp_path: Path) -> Mailer:
    return a_mailer(
        database,
        tmp_path,
        ses_topics=TOPIC,
        sendgrid_public_key=SENDGRID_KEY,
        mailgun_signing_keys=MAILGUN_KEY,
        postmark_secrets="hook:northhaven",
        brevo_secrets="hook:aldmor",
    )


@pytest.fixture
def app(mailer: Mailer) -> Flask:
    made = create_app(mailer)
    made.config["WTF_CSRF_ENABLED"] = False  # what is limited here lies behind it
    now = mailer.clock()
    with made.app_context(), mailer.database.writing() as session:
        a_newsletter(session, "news")
        vera = operators.create(
            session, email=WHO, name="Vera", power=Power.EDITOR, actor=TESTER, now=now
        )
        vera.password = hash_password(GOOD)
    return made


def client(app: Flask, address: str = "192.0.2.1") -> FlaskClient:
    made = app.test_client()
    made.environ_base["REMOTE_ADDR"] = address
    return made


def sign_in(who: FlaskClient, password: str, email: str = WHO) -> int:
    return who.post(
        "/login", data={"email": email, "password": password}, base_url=SITE
    ).status_code


def test_every_form_of_strangers_reaches_its_limit(app: Flask) -> None:
    unlimited: list[str] = []
    for rule in app.url_map.iter_rules():
        if policy_of(app, rule.endpoint) is not Public.EVERYBODY or "POST" not in (
            rule.methods or ()
        ):
            continue
        path = re.sub(r"<[^>]+>", "news", rule.rule)
        stranger = client(app, f"198.51.100.{len(unlimited)}")
        statuses = {
            stranger.post(path, data={"email": "x", "password": "y"}, base_url=SITE).status_code
            for _ in range(70)
        }
        if 429 not in statuses and rule.endpoint not in _NO_CREDENTIAL:
            unlimited.append(rule.endpoint)

    assert unlimited == []


def test_wrong_passwords_are_refused_after_a_few_and_others_sign_in(app: Flask) -> None:
    mallory = client(app, "203.0.113.66")

    tries = [sign_in(mallory, WRONG) for _ in range(100)]

    assert tries == [200] * 10 + [429] * 90
    assert sign_in(mallory, GOOD) == 429  # so guessing on teaches nothing
    assert sign_in(client(app, "192.0.2.9"), GOOD) == 302


def test_one_visitor_cannot_try_many_accounts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HERE", Attempts("here", "4/hour"))  # checks take long
    mallory = client(app, "203.0.113.66")

    tries = [sign_in(mallory, WRONG, f"person{n}@network.example") for n in range(6)]

    assert tries == [200] * 4 + [429] * 2


def test_guesses_from_everywhere_end_but_not_in_the_owners_browser(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_FROM_EVERYWHERE", Attempts("everywhere", "4/hour"))
    owner = client(app, "192.0.2.9")
    assert sign_in(owner, GOOD) == 302
    owner.post("/logout", base_url=SITE)

    tries = [sign_in(client(app, f"203.0.113.{n}"), WRONG) for n in range(6)]

    assert tries == [200] * 4 + [429] * 2
    assert sign_in(client(app, "198.51.100.200"), GOOD) == 429
    assert sign_in(owner, GOOD) == 302


def test_wrong_passwords_at_the_same_moment_are_no_more_than_one_after_another(app: Flask) -> None:
    def guess(_: int) -> int:
        return sign_in(client(app, "203.0.113.66"), WRONG)

    with ThreadPoolExecutor(2) as mallory:  # more of one visitor have no place in the line
        tries = list(mallory.map(guess, range(40)))

    assert tries.count(200) == 10
    assert set(tries) == {200, 429}


def test_few_wait_for_a_password_to_be_checked_and_fewer_of_one_visitor() -> None:
    line, ended = passwords.Line(most=3, of_one=2, patience=20), threading.Event()
    tried: list[str] = []

    def wait(who: str) -> None:
        try:
            with line.turn(who, is_known=who == "owner"):
                tried.append(who)
                ended.wait(20)
        except TooManyRequests:
            tried.append(f"{who} refused")

    with ThreadPoolExecutor(6) as visitors:
        for each in ("mallory", "mallory", "mallory", "vera", "wim", "owner"):
            visitors.submit(wait, each)
        until = time.monotonic() + 20
        while len(tried) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        at_once = list(tried)
        ended.set()

    assert at_once == ["mallory", "mallory refused", "wim refused"]
    assert sorted(tried) == [
        "mallory",
        "mallory",
        "mallory refused",
        "owner",
        "vera",
        "wim refused",
    ]


def test_the_neighbours_of_an_ipv6_network_are_one_visitor(app: Flask) -> None:
    for n in range(10):
        sign_in(client(app, f"2001:db8::{n}"), WRONG)

    assert sign_in(client(app, "2001:db8::ffff"), WRONG) == 429
    assert sign_in(client(app, "2001:db8:0:1::1"), WRONG) == 200


def test_the_wait_is_true_and_said_in_words(app: Flask) -> None:
    mallory = client(app)
    for _ in range(10):
        sign_in(mallory, WRONG)

    answer = mallory.post("/login", data={"email": WHO, "password": WRONG}, base_url=SITE)

    seconds = int(answer.headers["Retry-After"])
    assert 500 < seconds <= 600
    assert f"Wait {in_words(seconds)}, then try again." in answer.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.5, "1 second"), (59.2, "60 seconds"), (121, "3 minutes"), (7201, "3 hours")],
)
def test_a_wait_is_never_said_shorter_than_it_is(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_a_good_sign_in_link_works_after_any_number_of_guesses(app: Flask, mailer: Mailer) -> None:
    now = mailer.clock()
    with mailer.database.writing() as session:
        vera = operators.create(
            session, email=WHO, name="", power=Power.EDITOR, actor=TESTER, now=now
        )
        secret = sign_in_links.make(session, vera, actor=TESTER, now=now)
    someone = client(app)

    guesses = [someone.get(f"/login/{n}", base_url=SITE).status_code for n in range(35)]

    assert guesses[0] == 410
    assert guesses[-1] == 429
    assert someone.get(f"/login/{secret}", base_url=SITE).status_code == 200
    assert someone.post(f"/login/{secret}", base_url=SITE).status_code == 302


def test_guesses_at_a_providers_secret_are_limited_and_not_each_logged(app: Flask) -> None:
    mallory = client(app)
    how: dict[str, Any] = {"base_url": SITE, "json": {}, "headers": {"Authorization": "Basic eDp5"}}

    tries = [mallory.post("/hooks/postmark", **how).status_code for _ in range(30)]

    assert tries == [403] * 20 + [429] * 10


def test_thirty_people_behind_one_proxy_sign_up(app: Flask) -> None:
    answers = [
        client(app, f"198.51.100.{n}").post(
            "/join/news", data={"email": f"person{n}@town{n}.example"}, base_url=SITE
        )
        for n in range(30)
    ]

    assert [each.status_code for each in answers] == [200] * 30


class Away(MemoryStorage):
    """A storage that does not answer; ``asked`` is how often it was asked."""

    asked = 0

    def incr(self, *_: Any, **__: Any) -> int:
        self.asked += 1
        raise StorageError(ConnectionError("away"))


def test_limits_hold_while_their_storage_is_away() -> None:
    kept, attempts = RateLimits(Away()), Attempts("tries", "2/minute")

    waits = [kept.count(attempts, "somebody") for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert waits[2] > 0


def test_a_storage_that_says_nothing_keeps_nobody_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it is connected to, and never reads
        kept = RateLimits(storage_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        began = time.monotonic()

        waits = [kept.count(Attempts("tries", "2/minute"), "somebody") for _ in range(3)]

    assert waits[2] > 0
    assert time.monotonic() - began < 3


def test_a_storage_that_was_away_is_asked_again_after_a_while() -> None:
    time_is, storage, attempts = [0.0], Away(), Attempts("tries", "2/minute")
    kept = RateLimits(storage, tell_time=lambda: time_is[0])

    for time_is[0] in (0, 5, 9, 11):
        kept.count(attempts, "somebody")

    assert storage.asked == 2


def test_an_address_is_not_kept_in_the_storage() -> None:
    storage = MemoryStorage()

    RateLimits(storage).count(Attempts("tries", "2/minute"), "vera@network.example")

    assert "vera" not in str(storage.storage)
