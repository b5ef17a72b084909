"""Who may call what, and that looking changes nothing."""

import hashlib
import re
from collections import Counter
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import IntegerConverter, Rule

from contacts.database import Base
from contacts.membership import categories
from contacts.membership.categories import CategoryDetails
from mailer.bootstrap import Mailer
from mailer.campaigns import binning, editing, sending
from mailer.campaigns.drafts import versions
from mailer.campaigns.freezing import freeze
from mailer.demo import network
from mailer.models import (
    Batch,
    Delivery,
    DeliveryStatus,
    GivenAnswer,
    KeptCount,
    Power,
    Receipt,
    ReceiptKind,
    Verdict,
    VersionReason,
)
from mailer.settings.environment import Gate
from mailer.web.policy import Public, door_of, policy_of
from tests.factories import TESTER, a_campaign
from tests.mailer.web.admin.contacts.test_unreadable_mail import HTML, aside
from tests.mailer.web.browser import Browser
from tests.mailer.web.conftest import SignIn

_PAGES_OF_A_KIND = 4
_V, _C, _E, _A = Power.VIEWER, Power.CONTRIBUTOR, Power.EDITOR, Power.APPROVER
_MAY = {
    _V: {_V},
    _C: {_V, _C},
    _E: {_V, _C, _E},
    _A: {_V, _C, _E, _A},
    Power.ADMIN: {_V, _C, _E, _A, Power.ADMIN},
}
_WRITTEN_IN = {
    "blocks",
    "composing",
    "drafts",
    "pictures",
    "deciding",
    "from_library",
    "library_items",
}
_APPROVING = {"sending.approve", "deciding.ask_for_changes", "deciding.pass_on"}
_FRAMES = {
    "composing.preview",
    "drafts.preview",
    "inbox.body",
    "on_the_mail.show",
}  # mail, whose styles are inline by nature


def _routes(app: Flask, *powers: Power) -> list[tuple[str, str]]:
    """Method and URL of every page with one of these powers."""
    found = []
    for rule in app.url_map.iter_rules():
        if policy_of(app, rule.endpoint) in powers and not door_of(app, rule.endpoint):
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(method, _url(app, rule)) for method in methods]
    return found


def _url(app: Flask, rule: Rule) -> str:
    values: dict[str, str | int] = dict.fromkeys(rule.arguments, "something")
    with app.test_request_context():
        for name, converter in rule._converters.items():
            kind = type(converter).__name__
            if isinstance(converter, IntegerConverter):
                values[name] = 1
            elif kind == "AnyConverter":
                values[name] = sorted(converter.items)[0]  # type: ignore[attr-defined]
        built = rule.build(values)
    assert built
    return built[1]


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None
    ]

    assert silent == []


def test_no_role_reaches_a_route_beyond_it_and_the_refusal_names_who_can(
    app: Flask, sign_in: SignIn
) -> None:
    admin = sign_in(Power.ADMIN)
    assert admin.get("/settings/people").status_code == 200
    for held in Power:
        browser, beyond = sign_in(held), [each for each in Power if each not in _MAY[held]]
        for method, url in _routes(app, *beyond):
            answer = browser.get(url) if method == "GET" else browser.submit("/", to=url)
            assert answer.status_code == 403, (held, method, url)
            assert "can do this. " in answer.text, (held, method, url)
            assert "Vera Admin" in answer.text, (held, method, url)


def test_every_role_reaches_the_routes_within_it(app: Flask, sign_in: SignIn) -> None:
    for held, within in _MAY.items():
        browser = sign_in(held)
        for method, url in _routes(app, *within):
            if "/login" in url or "security" in url:
                continue
            answer = browser.get(url) if method == "GET" else browser.post_bare(url)
            assert answer.status_code != 403, (held, method, url)


def test_contributors_write_and_approvers_alone_approve(app: Flask) -> None:
    by_role: dict[Power, set[str]] = {power: set() for power in Power}
    for rule in app.url_map.iter_rules():
        needed = policy_of(app, rule.endpoint)
        if isinstance(needed, Power) and "POST" in (rule.methods or set()):
            by_role[needed].add(rule.endpoint)

    assert {each.partition(".")[0] for each in by_role[Power.CONTRIBUTOR]} == _WRITTEN_IN
    assert by_role[Power.APPROVER] == _APPROVING
    assert {"sending.submit", "sending.plan", "sending.send", "people.add"} <= by_role[Power.EDITOR]


def test_a_form_asks_for_a_contributor_unless_it_is_about_oneself(app: Flask) -> None:
    of_oneself = ("security.", "account.", "notifications.", "send_dates.", "home.read_since")
    looser = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        and policy_of(app, rule.endpoint) is Power.VIEWER
        and not rule.endpoint.startswith(of_oneself)
    ]

    assert looser == []


def test_somebody_unknown_is_sent_to_the_sign_in_page_and_back(
    app: Flask, visitor: Browser
) -> None:
    for method, url in _routes(app, *Power):
        if method == "GET":
            answer = visitor.get(url)
            assert answer.status_code == 302, url
            assert answer.headers["Location"].startswith("/login?next="), url


def test_a_form_without_its_token_is_refused(app: Flask, editor: Browser) -> None:
    bare = editor.post_bare("/people/new", data={"name": "Mallory"})

    assert bare.status_code in {302, 400}


def test_a_page_that_is_not_there_says_so_to_everybody(visitor: Browser) -> None:
    assert visitor.get("/no/such/page").status_code == 404


@pytest.mark.slow
def test_looking_at_every_page_changes_no_row_and_breaks_nothing(
    app: Flask, mailer: Mailer, sign_in: SignIn
) -> None:
    network.load(mailer)
    _send_something(mailer)
    aside(mailer, HTML)
    with mailer.database.writing() as session:  # a category that can be removed
        categories.add(session, CategoryDetails("Friend"), actor=TESTER, now=mailer.clock())
    browser = sign_in(Power.ADMIN)
    before = _fingerprint(mailer)

    pages = _crawl(app, browser)

    assert _fingerprint(mailer) == before
    assert not [(url, status) for url, (status, _) in pages.items() if status >= 400]
    seen = {_endpoint(app, url) for url in pages}
    lookable = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set())
        and isinstance(policy_of(app, rule.endpoint), Power)
        and not door_of(app, rule.endpoint)
        and not rule.endpoint.startswith("security.")
    }
    # There is no caught mail, no imported file and no issue that is held on this network; script
    # alone asks for the strip.
    unseen = ("inbox.", "imports.", "composing.strip", "deciding.skipping")
    assert not {name for name in lookable - seen if not name.startswith(unseen)}
    for url, (_, html) in pages.items():
        if _endpoint(app, url) in _FRAMES or not html:
            continue
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", html), url
        assert len(re.findall(r"<h1\b", html)) == 1, url
        ids = Counter(re.findall(r'\sid="([^"]+)"', html))
        assert not [name for name, times in ids.items() if times > 1], url
        pointed = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
        assert pointed <= set(ids), url


def _crawl(app: Flask, browser: Browser) -> dict[str, tuple[int, str]]:
    """Every page that links lead to, a few of each kind: its status and its HTML."""
    waiting, pages, kinds = ["/"], {}, Counter[str]()
    for rule in app.url_map.iter_rules():
        if policy_of(app, rule.endpoint) in list(Power) and not rule.arguments:
            waiting += [rule.rule] if "GET" in (rule.methods or set()) else []
    while waiting:
        url = waiting.pop(0)
        kind = _endpoint(app, url)
        if url in pages or kind is None or kinds[kind] >= _PAGES_OF_A_KIND:
            continue
        kinds[kind] += 1
        answer = browser.get(url)
        is_page = answer.mimetype == "text/html" and answer.status_code < 300
        pages[url] = answer.status_code, answer.text if is_page else ""
        waiting += [
            unescape(found) for found in re.findall(r'(?:href|src)="(/[^"#]*)', pages[url][1])
        ]
        if 300 <= answer.status_code < 400:
            waiting.append(answer.headers["Location"])
    return pages


def _endpoint(app: Flask, url: str) -> str | None:
    path = url.partition("?")[0]
    adapter = app.url_map.bind("news.network.example")
    if not adapter.test(path, "GET") or path.startswith(("/static", "/login", "/logout")):
        return None
    endpoint = str(adapter.match(path, "GET")[0])
    if door_of(app, endpoint) or policy_of(app, endpoint) is Public.EVERYBODY:
        return None
    return endpoint


def _fingerprint(mailer: Mailer) -> dict[str, str]:
    """Every row there is, but for counts that are kept: they say nothing that is not there."""
    with mailer.database.reading() as session:
        return {
            table.name: hashlib.sha256(
                repr(sorted(map(repr, session.execute(table.select())))).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
            if table.name != KeptCount.__tablename__
        }


def _send_something(mailer: Mailer) -> None:
    """An issue that has gone out and one on its way, so that there is something to look at."""
    gone, going = _launched(mailer, "2026-11"), _launched(mailer, "2026-10")
    with mailer.database.writing() as session:
        draft, now = editing.find(session, 1), mailer.clock()
        versions.keep(session, draft, VersionReason.TESTED, actor=TESTER, now=now)
        unwanted = a_campaign(session, draft.newsletter_id)
        binning.put_in_bin(session, unwanted.id, actor=TESTER, now=now)
    freeze(mailer.database, gone, clock=mailer.clock)
    freeze(mailer.database, going, clock=mailer.clock)
    with mailer.database.writing() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.campaign_id == gone, Delivery.status == DeliveryStatus.PENDING)
            .values(status=DeliveryStatus.ACCEPTED, code=250, text="OK")
        )
        session.execute(update(Batch).where(Batch.campaign_id == gone).values(open=False))
        session.flush()
        sending.finish_if_done(session, gone, now=mailer.clock())
        clicked = session.scalars(
            select(Delivery.id).where(
                Delivery.campaign_id == gone, Delivery.status == DeliveryStatus.ACCEPTED
            )
        ).first()
        session.add(
            Receipt(
                campaign_id=gone,
                delivery_id=clicked,
                kind=ReceiptKind.CLICKED,
                verdict=Verdict.PERSON,
                link=1,
                at=mailer.clock(),
            )
        )
        session.add(
            GivenAnswer(campaign_id=gone, block_id="summer-school", number=1, at=mailer.clock())
        )


def _launched(mailer: Mailer, slug: str) -> int:
    with mailer.database.writing() as session:
        planned = editing.find(session, 1)
        issue = editing.create(
            session,
            planned.newsletter,
            name=f"Members' Update of {slug}",
            subject=f"News of {slug}",
            document=planned.document,
            slug=slug,
            actor=TESTER,
            now=mailer.clock(),
        )
        sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=mailer.clock())
        return issue.id


@pytest.mark.parametrize("number", ["9" * 19, "9" * 30, "9" * 400, "0" * 40, "٣"])
def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(
    app: Flask, sign_in: SignIn, number: str
) -> None:
    """Every route with a number in its path, and every list with its page in the query."""
    rules = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule]
    admin = sign_in(Power.ADMIN)

    for rule in rules:
        path = re.sub(r"<int:\w+>", number, rule.rule)
        path = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", path)
        path = re.sub(r"<[^>]+>", "x", path)
        answer = admin.get(path) if "GET" in (rule.methods or ()) else admin.post_bare(path)
        assert answer.status_code in {302, 400, 404, 405}, (rule.rule, answer.status_code)
    for listed in ("/people/", "/issues/", "/organisations/", "/do-not-email/"):
        assert admin.get(f"{listed}?page={number}").status_code == 200

    assert len(rules) > 10
