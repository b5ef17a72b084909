"""A web server that is killed while the composer saves loses nothing that it called saved."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from contacts.database import Database
from mailer import migrations
from mailer.accounts import operators, sign_in_links
from mailer.campaigns import editing
from mailer.clock import now
from mailer.models import Power
from tests.factories import TESTER, a_campaign, a_newsletter
from tests.killing import ROOT, Installation, descendants
from tests.services import free_port

_COMPOSER = "/issues/members-update/2026-12/compose"
_KILLS = 3
_SAVES = 12  # before each


class Composer:
    """One operator at the page of the composer, as its script talks to the server."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def sign_in(self, secret: str) -> None:
        self._ask(f"/login/{secret}", csrf_token=self._token(f"/login/{secret}"))

    def open(self) -> None:
        page = self._ask(f"{_COMPOSER}?open=t")
        self._csrf, self._revision = _value(page, "csrf_token"), _value(page, "revision")

    def save(self, text: str) -> None:
        """Returns when the server says that it has saved; OSError when nobody answers."""
        posted = {"csrf_token": self._csrf, "revision": self._revision, "text": text}
        answer = json.loads(self._ask(f"{_COMPOSER}/t", accept="application/json", **posted))
        assert answer["saved"]
        self._revision = answer["revision"]

    def _token(self, path: str) -> str:
        return _value(self._ask(path), "csrf_token")

    def _ask(self, path: str, *, accept: str = "text/html", **posted: str) -> str:
        data = urlencode(posted).encode() if posted else None
        request = Request(self._site + path, data, {"Accept": accept, "Origin": self._site})
        with self._opener.open(request, timeout=20) as answer:
            return str(answer.read().decode())


class Author:
    """Writes without a pause until nobody answers; counts what was sent and what was saved."""

    sent = saved = 0

    def write(self, composer: Composer) -> None:
        try:
            while True:
                self.sent += 1
                composer.save(f"Words {self.sent}")
                self.saved = self.sent
        except (OSError, HTTPException):
            return


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:500]
    return found[1]


@contextmanager
def web_server(installation: Installation) -> Iterator["subprocess.Popen[bytes]"]:
    with (installation.folder / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailer.web.server"],
            cwd=ROOT,
            env=installation.environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            for pid in [*descendants(process.pid), process.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.wait()


def _wait_for(site: str) -> None:
    opener, until = build_opener(), time.monotonic() + 60
    while time.monotonic() < until:
        try:
            opener.open(f"{site}/health", timeout=2).close()
        except HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the web server does not answer")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_called_saved_is_there_after_a_kill(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = (
        request.getfixturevalue("postgres_url")
        if kind == "postgresql"
        else f"sqlite:///{tmp_path / 'circular.db'}"
    )
    installation = Installation(tmp_path, free_port(), url)
    site = f"http://localhost:{installation.port}"
    database = Database(url)
    if kind == "sqlite":
        migrations.upgrade(database.engine)
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id, slug="2026-12").id
        editor = operators.create(
            session,
            email="ed@network.example",
            name="Ed",
            power=Power.EDITOR,
            actor=TESTER,
            now=now(),
        )
        secret = sign_in_links.make(session, editor, actor=TESTER, now=now())
    composer, author = Composer(site), Author()

    for kill in range(_KILLS):
        with web_server(installation) as server:
            _wait_for(site)
            if not kill:
                composer.sign_in(secret)
            composer.open()
            writing = threading.Thread(target=author.write, args=(composer,))
            writing.start()
            until = time.monotonic() + 20
            while author.saved < (kill + 1) * _SAVES and time.monotonic() < until:
                time.sleep(0.01)
            for pid in descendants(server.pid):
                os.kill(pid, signal.SIGKILL)
            server.kill()
            writing.join(30)
        with database.reading() as session:
            (block,) = editing.find(session, issue).document["blocks"]
        kept = int(block["text"].removeprefix("Words "))
        assert author.saved >= (kill + 1) * _SAVES
        assert author.saved <= kept <= author.sent
    database.dispose()
