"""Text and numbers that nobody types: no route breaks on them, and none keeps the writer long."""

import io
import re
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from contacts.database import Database
from contacts.models import Newsletter, SuppressionReason
from contacts.permission.suppressions import suppress
from contacts.segments import library, parse
from mailer.accounts import api_tokens, operators, sign_in_links
from mailer.bootstrap import Mailer
from mailer.campaigns import schedules, sending
from mailer.campaigns.freezing import freeze
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NthWeekday
from mailer.clock import UK
from mailer.models import GivenAnswer, Installation, Operator, Power
from mailer.security.tokens import Purpose
from mailer.settings.environment import Gate
from mailer.web.policy import Public, policy_of
from tests.factories import TESTER, a_campaign, a_cast, a_document, a_mailer, a_poll, an_item
from tests.mailer.web.admin.contacts.test_unreadable_mail import aside
from tests.mailer.web.browser import SITE
from tests.mailer.web.hostile import (
    HOSTILE,
    SHARPEST,
    PageForm,
    filled,
    forms_of,
    names_in_queries,
    paths_with,
)

_BUDGET: Final = 0.5  # seconds that one request may hold the writer
_ENDS: Final = re.compile(r"remove|clear|logout|end|revoke|stop|skip|launch|/send|/off")
_SLOW: Final = {"security.login", "account.save", "relay_tests.test"}  # argon2, and a relay
_OF_A_KIND: Final = 2  # pages and forms of one route that are tried
_BLOCKS: Final = (
    {"id": "s", "type": "story", "headline": "News", "text": "Hello"},
    {"id": "e", "type": "event_list", "events": [{"title": "Lab", "start": "2026-12-01"}]},
    {"id": "i", "type": "image", "url": "https://a.example/i.png", "alt": "A"},
)
_MAIL: Final = (
    b"From: =?utf-8?q?a=00b?= <a\x00b@elsewhere.example>\r\nSubject: =?utf-8?b?7aCA?= \xed\xa0\x80"
    b" =?utf-8?q?a=00b?=\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\x00\xed\xa0\x80\r\n"
)
_BODIES: Final = (
    '{"per_second": "\\u0000", "\\ud800": 1}',
    '{"per_second": NaN}',
    '{"per_hour": 1e999, "per_day": 1e3}',
    f'{{"per_hour": {"9" * 30}}}',
    f'{{"per_hour": {"9" * 5_000}}}',
    '{"per_hour": "\\u0000\\ud800", "per_day": -1}',
    f'{{"per_hour": "{"9" * 5_000}"}}',
    '"\\ud800"',
    "[" * 5_000,
    '{"RecordType": "Bounce", "Type": "HardBounce", "ID": "\\u0000\\ud800"}',
    '{"RecordType": "Bounce", "Email": "a\\u0000b@a.example", "Details": "\\u0000\\ud800"}',
    '{"RecordType": "Bounce", "Type": "\\ud800", "ID": 1e999, "BouncedAt": "9999999999999999"}',
    '{"event": "hard_bounce", "email": "a\\u0000@a.example", "id": "\\ud800", "ts": 1e300}',
)


class TimedDatabase(Database):
    """A database that knows for how long a transaction that writes was open at the longest."""

    longest = 0.0

    @contextmanager
    def writing(self, *, patience: float | None = None) -> Iterator[Session]:
        with super().writing(patience=patience) as session:
            began = time.monotonic()
            try:
                yield session
            finally:
                self.longest = max(self.longest, time.monotonic() - began)


class Attack:
    """One person's requests on an installation, and what was wrong with the answers."""

    _visitors = count(1)  # each request comes from another address: no limit is in the way

    def __init__(self, app: Flask, database: TimedDatabase, secret: "Secrets | None") -> None:
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []
        self._app = app
        self._database = database
        self._secrets = secret
        self._sign_in()

    def get(self, url: str) -> TestResponse:
        return self._send("GET", url)

    def post(self, url: str, body: str) -> TestResponse:
        answer = self._post(url, body)
        if self._secrets and "/login" in answer.headers.get("Location", ""):
            self._sign_in()
            answer = self._post(url, body)
        return answer

    def send(self, url: str, **how: Any) -> TestResponse:
        """Any other kind of request."""
        return self._send(how.pop("method", "POST"), url, **how)

    def page(self, url: str) -> TestResponse:
        """A page as it is, outside of the account."""
        return self._client.get(url, base_url=SITE)

    @property
    def token(self) -> str:
        return self._token

    def _post(self, url: str, body: str) -> TestResponse:
        return self._send(
            "POST",
            url,
            data=f"{body}&csrf_token={self._token}".encode(),
            content_type="application/x-www-form-urlencoded",
            headers={"Referer": SITE + "/"},
        )

    def _send(self, method: str, url: str, **how: Any) -> TestResponse:
        for _ in range(2):  # another process of the machine may have had the time
            self._database.longest = 0.0
            number = next(self._visitors)
            path = unquote_to_bytes(url.partition("?")[0]).decode("latin-1")  # as servers have it
            visitor = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            environ = {"REMOTE_ADDR": visitor, "PATH_INFO": path}
            answer = self._client.open(
                url, method=method, base_url=SITE, environ_overrides=environ, **how
            )
            if self._database.longest < _BUDGET:
                break
        else:
            self.faults.append(
                f"{method} {url[:200]} held the writer {self._database.longest:.1f} s"
            )
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            self.faults.append(
                f"{method} {url[:200]} {str(how.get('data'))[:300]}: {answer.status}"
            )
        return answer

    def _sign_in(self) -> None:
        self._client = self._app.test_client()
        self._client.post("/login/x", base_url=SITE)
        if self._secrets:
            path = f"/login/{self._secrets()}"
            token = _token_of(self.page(path).text)
            self._client.post(
                path, data={"csrf_token": token}, base_url=SITE, headers={"Referer": SITE + path}
            )
        self._token = _token_of(self.page("/account" if self._secrets else "/login").text)


def _token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*? value="([^"]+)"', page)
    assert found
    return found[1]


class Secrets:
    """Links to sign in by, for one operator."""

    def __init__(self, mailer: Mailer, power: Power) -> None:
        self._mailer = mailer
        with mailer.database.writing() as session:
            self.id = operators.create(
                session,
                email=f"{power}@network.example",
                name="Vera Voss",
                power=power,
                actor=TESTER,
                now=mailer.clock(),
            ).id

    def __call__(self) -> str:
        with self._mailer.database.writing() as session:
            operator = session.get_one(Operator, self.id)
            return sign_in_links.make(session, operator, actor=TESTER, now=self._mailer.clock())


@pytest.fixture
def timed(request: pytest.FixtureRequest, database: Database) -> Iterator[TimedDatabase]:
    made = TimedDatabase(database.engine.url.render_as_string(hide_password=False))
    yield made
    made.dispose()


@pytest.fixture
def mailer(timed: TimedDatabase, tmp_path: Path) -> Mailer:
    """An installation with something of everything."""
    made = a_mailer(
        timed, tmp_path, postmark_secrets="hook:northhaven", brevo_secrets="hook:aldmor"
    )
    now = made.clock()
    with timed.writing() as session:
        session.add(Installation(id=1, network_name="N", postal_address="A", created_at=now))
        cast = a_cast(session)
        rules = {
            "match": "all",
            "rules": [{"field": "category", "op": "any_of", "values": ["full"]}],
        }
        library.save(session, name="Full members", group=parse(rules), segment=None, now=now)
        a_campaign(session, cast.newsletter, a_document(*_BLOCKS))
        gone = a_campaign(session, cast.newsletter, a_document(a_poll(closes="")))
        sending.launch(session, gone.id, actor=TESTER, gate=Gate.OPEN, now=now)
        comes = Recurrence(NthWeekday(2, 1), "10:00", UK, now.date())
        plan = Plan(comes=comes, segment_id=None, draft_days_before=20, subject="News")
        schedules.make(session, session.get_one(Newsletter, cast.newsletter), plan, now=now)
        for kind in ("story", "event"):
            an_item(session, kind)
        session.add(GivenAnswer(campaign_id=gone.id, block_id="school", number=1, at=now))
        suppress(session, "dan@a.example", SuppressionReason.DO_NOT_EMAIL, source=TESTER, now=now)
    freeze(timed, gone.id, clock=made.clock)
    aside(made, _MAIL)
    return made


def test_no_route_breaks_on_hostile_text_and_none_keeps_the_writer_long(
    mailer: Mailer, timed: TimedDatabase
) -> None:
    app = create_app(mailer)
    admin = Attack(app, timed, Secrets(mailer, Power.ADMIN))
    viewer = Attack(app, timed, Secrets(mailer, Power.VIEWER))
    stranger = Attack(app, timed, None)
    _upload(admin, "people.csv")
    token = mailer.tokens.seal(Purpose.CHOICES, 1)
    poll = f"/a/{mailer.tokens.seal(Purpose.ANSWER, 1)}/school/1"
    known = _Site(app, admin, [f"/u/{token}", f"/p/{token}", poll, "/join/members-update"])

    for attack, values in ((admin, list(HOSTILE)), (viewer, ["NUL"]), (stranger, ["NUL"])):
        _ask_pages(known, attack, values)
    _call_api(mailer, admin)
    for name in HOSTILE:
        _upload(admin, name)
    for endpoint, form in known.forms:
        every = known.is_public(endpoint)
        _send_form(form, stranger, every=every and endpoint not in _SLOW)
        _send_form(form, viewer, every=False)
    for endpoint, form in known.forms:
        _send_form(form, admin, every=endpoint not in _SLOW)

    assert admin.faults + viewer.faults + stranger.faults == []
    assert {200, 302, 400, 404, 422} <= set(admin.statuses)
    assert len(known.forms) > 30
    assert admin.statuses.total() > 1_500


def _ask_pages(site: "_Site", attack: Attack, values: list[str]) -> None:
    names = sorted(names_in_queries())
    for rule in site.rules:
        for path in (path for each in values[::2] for path in site.paths(rule, HOSTILE[each])):
            if "GET" in (rule.methods or ()):
                attack.get(path)
            if "POST" in (rule.methods or ()):
                attack.post(path, "")
        if url := site.url(rule):
            for each in values:
                attack.get(url + "?" + "&".join(f"{name}={HOSTILE[each][:900]}" for name in names))


def _send_form(form: PageForm, attack: Attack, *, every: bool) -> None:
    """All fields at once, and where ``every`` is said, each by itself among good ones."""
    for value in HOSTILE.values() if every else (HOSTILE["NUL"], HOSTILE["long"]):
        attack.post(form.action, form.body(**dict.fromkeys(form.values, value)))
    for name in form.values if every else ():
        for each in SHARPEST:
            attack.post(form.action, form.body(**{name: HOSTILE[each]}))


def _call_api(mailer: Mailer, attack: Attack) -> None:
    """Bodies of programs: what JSON can say, and a form can't."""
    email, now = f"{Power.ADMIN}@network.example", mailer.clock()
    with mailer.database.writing() as session:
        _, secret = api_tokens.make(session, email, name="robot", actor=TESTER, now=now)
    for text in _BODIES:
        for path, method in (("relays/1", "PATCH"), ("campaigns/1/pause", "POST")):
            attack.send(
                f"/api/v1/{path}",
                method=method,
                data=text.encode(),
                headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            )
        for provider in ("postmark", "brevo"):
            known = f"Basic {b64encode(b'hook:northhaven').decode()}"
            attack.send(f"/hooks/{provider}", data=text.encode(), headers={"Authorization": known})


def _upload(attack: Attack, name: str) -> None:
    filename = HOSTILE.get(name, name).replace("%00", "\0").replace("%0D%0A", "\v")
    table = (io.BytesIO(b"Email,Name\nann@a.example,Ann\n"), filename)
    attack.send(
        "/contacts/import/",
        data={"csrf_token": attack.token, "file": table},
        headers={"Referer": SITE + "/"},
    )


class _Site:
    """The routes, what stands in their paths, and the forms of all pages that can be reached."""

    def __init__(self, app: Flask, admin: Attack, also: list[str]) -> None:
        self.rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
        self.forms: list[tuple[str, PageForm]] = []
        self._app = app
        self._adapter = app.url_map.bind("news.network.example")
        self._known: dict[str, dict[str, str]] = {}
        self._crawl(admin, also)
        self.forms.sort(key=lambda found: bool(_ENDS.search(found[1].action)))

    def is_public(self, endpoint: str) -> bool:
        return policy_of(self._app, endpoint) is Public.EVERYBODY

    def paths(self, rule: Rule, value: str) -> list[str]:
        return list(paths_with(rule.rule, self._of(rule), value))

    def url(self, rule: Rule) -> str:
        known = self._of(rule)
        if "GET" not in (rule.methods or ()) or not rule.arguments <= set(known):
            return ""
        return filled(rule.rule, known)

    def _of(self, rule: Rule) -> dict[str, str]:
        everything = {name: part for parts in self._known.values() for name, part in parts.items()}
        return everything | self._known.get(rule.endpoint, {})

    def _crawl(self, admin: Attack, also: list[str]) -> None:
        waiting, seen, kinds = ["/", *also], set[str](), Counter[str]()
        waiting += [rule.rule for rule in self.rules if not rule.arguments]
        while waiting:
            url = waiting.pop(0)
            path = url.partition("?")[0]
            if url in seen or not self._adapter.test(path, "GET"):
                continue
            seen.add(url)
            endpoint, parts = self._adapter.match(path, "GET")
            kinds[endpoint] += 1
            if kinds[endpoint] > _OF_A_KIND or path.startswith("/logout"):
                continue
            self._known.setdefault(endpoint, {name: str(part) for name, part in parts.items()})
            answer = admin.page(url)
            waiting += [
                unescape(found) for found in re.findall(r'(?:href|src)="(/[^"#]*)', answer.text)
            ]
            waiting += [answer.location] if answer.location else []
            for form in forms_of(url, answer.text):
                path = form.action.partition("?")[0]
                if self._adapter.test(path, "POST"):
                    target, parts = self._adapter.match(path, "POST")
                    kinds[f"POST {target}"] += 1
                    self._known.setdefault(target, {k: str(v) for k, v in parts.items()})
                    if kinds[f"POST {target}"] == 1:
                        self.forms.append((target, form))
