"""The page of numbers: who may read it, how it is written, and how often it is counted anew."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app import create_app
from contacts.database import Database
from mailer.accounts import api_tokens, operators
from mailer.bootstrap import Mailer
from mailer.models import Power
from mailer.operations.metrics import Measure
from mailer.web.front.environ import PROXIED
from mailer.web.metrics import Kept, text
from tests.factories import TESTER, a_mailer

LINE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? -?[0-9.e+-]+')


@pytest.fixture
def mailer(sqlite_url: str, tmp_path: Path, public_url: str) -> Iterator[Mailer]:
    database = Database(sqlite_url)
    made = a_mailer(database, tmp_path)
    yield replace(made, settings=made.settings.model_copy(update={"public_url": public_url}))
    database.dispose()


@pytest.fixture
def public_url() -> str:
    """None, as on trial; a test may ask for another."""
    return ""


def get(mailer: Mailer, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    client = create_app(mailer).test_client()
    named: dict[str, Any] = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/metrics", headers=named, environ_base={"REMOTE_ADDR": address})


def a_token(mailer: Mailer) -> str:
    now = mailer.clock()
    with mailer.database.writing() as session:
        operators.create(
            session, email="v@a.example", name="", power=Power.VIEWER, actor=TESTER, now=now
        )
        return api_tokens.make(session, "v@a.example", name="graphs", actor=TESTER, now=now)[1]


def test_this_machine_reads_it_in_the_format(mailer: Mailer) -> None:
    answer = get(mailer)

    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert answer.text.endswith("\n")
    assert not [line for line in lines if not (line.startswith("# ") or LINE.fullmatch(line))]
    assert 'circular_relay_up{relay="1"} 1' in lines
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(set(typed)) == len(typed) > 10


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("2001:db8::7", {}),
        ("127.0.0.1", {"X_Forwarded_For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", {"Authorization": "Bearer wrong"}),
    ],
)
def test_anybody_else_needs_a_token(mailer: Mailer, address: str, headers: dict[str, str]) -> None:
    assert get(mailer, address, **headers).status_code == 401
    token = f"Bearer {a_token(mailer)}"
    assert get(mailer, address, **{**headers, "Authorization": token}).status_code == 200


@pytest.mark.parametrize("public_url", ["https://news.network.example"])
def test_behind_a_proxy_this_machine_is_anybody(mailer: Mailer) -> None:
    assert get(mailer).status_code == 401
    assert get(mailer, Authorization=f"Bearer {a_token(mailer)}").status_code == 200


def test_large_numbers_are_whole_and_words_are_escaped() -> None:
    written = text([Measure("x", "X.", [({"of": 'a"b\\c\nd'}, 1_234_567), ({}, 0.5), ({}, True)])])

    assert written.splitlines()[2:] == [
        'circular_x{of="a\\"b\\\\c\\nd"} 1234567',
        "circular_x 0.5",
        "circular_x 1",
    ]


def test_a_slow_count_is_cached_longer() -> None:
    now = 0.0
    made = 0

    def make() -> str:
        nonlocal now, made
        now, made = now + 2.0, made + 1
        return str(made)

    kept = Kept(lambda: now)
    first = kept.get(make)
    now += 39.0
    still = kept.get(make)
    now += 1.0

    assert (first, still, kept.get(make)) == ("1", "1", "2")


def test_a_request_during_a_count_gets_the_last_answer() -> None:
    now = 0.0
    kept = Kept(lambda: now)
    kept.get(lambda: "old")
    now = 100.0

    def make() -> str:
        assert kept.get(lambda: "never") == "old"
        return "new"

    assert kept.get(make) == "new"


@pytest.mark.parametrize("host", ["news.network.example", "192.0.2.1:8000", "localhost.example"])
def test_under_another_name_this_machine_may_be_a_proxy(mailer: Mailer, host: str) -> None:
    assert get(mailer, Host=host).status_code == 401


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
def test_whatever_a_proxy_adds_gives_it_away(mailer: Mailer, header: str) -> None:
    assert get(mailer, **{header: "192.0.2.1"}).status_code == 401


def test_what_the_front_door_has_seen_of_a_proxy_counts(mailer: Mailer) -> None:
    client = create_app(mailer).test_client()

    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1", PROXIED: True})

    assert answer.status_code == 401
