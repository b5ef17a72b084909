"""Guesses at passwords, links and tokens, against a running server: they end, and others work."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from flask_security import hash_password

from app import create_app
from contacts.database import Database
from mailer.accounts import operators
from mailer.models import Power
from mailer.security.tokens import Purpose, Tokens
from tests.attacks.conftest import House
from tests.factories import TESTER, a_mailer, a_newsletter

WHO, GOOD = "vera@network.example", "correct horse battery"


@pytest.fixture(scope="module")
def database(house: House) -> Iterator[Database]:
    """The house's database, with an operator who has a password, and a newsletter."""
    opened = Database(house.installation.database_url)
    mailer = a_mailer(opened, house.installation.folder)
    with create_app(mailer).app_context(), opened.writing() as session:
        now = mailer.clock()
        vera = operators.create(
            session, email=WHO, name="Vera", power=Power.ADMIN, actor=TESTER, now=now
        )
        vera.password = hash_password(GOOD)
        a_newsletter(session, "news")
    yield opened
    opened.dispose()


class Guesser:
    """A visitor with an address of its own, and one browser."""

    def __init__(self, house: House, address: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", house.port, timeout=30)
        self._headers = {"X-Forwarded-For": f"198.51.100.1, {address}"}  # the first is made up
        self._token = ""

    def sign_in(self, password: str, email: str = WHO) -> int:
        if not self._token:
            page = self.ask("GET", "/login")
            found = re.search(r'name="csrf_token"[^>]*? value="([^"]+)"', page[1])
            assert found
            self._token = found[1]
        form = {"csrf_token": self._token, "email": email, "password": password}
        return self.ask("POST", "/login", urlencode(form))[0]

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body, {**self._headers, **kind})
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if cookie := answer.headers.get("Set-Cookie"):
            self._headers = {**self._headers, "Cookie": cookie.partition(";")[0]}
        return answer.status, text


@pytest.mark.usefixtures("database")
def test_a_hundred_wrong_passwords_do_not_get_far_and_keep_nobody_out(house: House) -> None:
    mallory, vera = Guesser(house, "203.0.113.66"), Guesser(house, "192.0.2.9")

    tries = [mallory.sign_in(f"guess {n}") for n in range(100)]

    assert tries == [200] * 10 + [429] * 90
    assert mallory.sign_in(GOOD) == 429
    assert vera.sign_in(GOOD) == 302


@pytest.mark.usefixtures("database")
def test_pages_answer_while_many_guess_at_once(house: House) -> None:
    statuses: list[int] = []

    def guess(n: int) -> None:
        guesser = Guesser(house, f"203.0.113.{100 + n}")
        statuses.extend(guesser.sign_in("guess") for _ in range(2))

    guessers = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
    for guesser in guessers:
        guesser.start()
    healthy = [house.ask("GET", "/health").status for _ in range(20)]
    for guesser in guessers:
        guesser.join(120)

    assert healthy == [200] * 20
    assert len(statuses) == 16


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("visitors", [1, 40])
def test_however_many_guess_at_once_pages_do_not_wait_for_them(house: House, visitors: int) -> None:
    guessers = [Guesser(house, f"203.0.{112 + visitors}.{n % visitors}") for n in range(40)]
    with ThreadPoolExecutor(40) as mallory:
        for number, guesser in enumerate(guessers):
            mallory.submit(guesser.sign_in, "guess", f"nobody{number}@network.example")
        time.sleep(0.5)
        began = time.monotonic()
        assert house.ask("GET", "/health").status == 200
        took = time.monotonic() - began

    assert took < 2


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "path", ["/u/{}", "/p/{}", "/p/{}/stop", "/u/{}/undo", "/confirm/{}", "/login/{}"]
)
def test_guesses_at_links_end(house: House, path: str) -> None:
    mallory = Guesser(house, f"203.0.113.{len(path)}")

    statuses = [mallory.ask("GET", path.format("A" * 30 + f"{n:02d}"))[0] for n in range(60)]

    assert not {200, 302} & set(statuses) or path.endswith(("stop", "undo"))
    if path.count("/") == 2:  # the others take no GET
        assert statuses[-1] == 429


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.CHOICES])
def test_a_token_for_something_else_unsubscribes_nobody(house: House, purpose: Purpose) -> None:
    tokens = Tokens(house.installation.environment["SECRET_KEY"].encode())
    wrong = tokens.seal(purpose, 1, 1)
    changed = tokens.seal(Purpose.CHOICES, 1)[:-1] + "_"
    someone = Guesser(house, f"192.0.2.{50 + list(Purpose).index(purpose)}")

    for token in (wrong, changed):
        assert someone.ask("GET", f"/p/{token}")[0] == 404
        assert someone.ask("GET", f"/u/{token}")[0] == 404
        status, text = someone.ask("POST", f"/u/{token}", "List-Unsubscribe=One-Click")
        assert (status, text) == (200, "Done.\n")  # which says nothing to whoever guesses
