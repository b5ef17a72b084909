"""Who gets in by a token, who does not, and what they are told."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from mailer.accounts import api_tokens, operators
from mailer.bootstrap import Mailer
from mailer.models import ApiToken, Operator, Power
from mailer.web.auth import csrf
from mailer.web.policy import door_of, policy_of
from tests.factories import TESTER
from tests.mailer.web.api.conftest import Program, Programs
from tests.mailer.web.browser import Browser
from tests.mailer.web.conftest import SignIn
from tests.mailer.web.test_policies import _url

RELAYS = "/api/v1/relays"


def routes(app: Flask) -> list[tuple[str, str, Power]]:
    """Method, URL and wanted power of every route that programs use."""
    found = []
    for rule in app.url_map.iter_rules():
        wanted = policy_of(app, rule.endpoint)
        if door_of(app, rule.endpoint):
            assert isinstance(wanted, Power)
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            found += [(method, _url(app, rule), wanted) for method in methods]
    return found


def test_without_a_token_every_route_is_closed(app: Flask, stranger: Program) -> None:
    every = routes(app)

    answers = [stranger.call(method, url) for method, url, _ in every if url != "/metrics"]

    assert len(every) >= 7
    for answer in answers:
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_token_of_somebody_removed_lets_no_program_in(
    mailer: Mailer, program: Programs
) -> None:
    editor = program(Power.EDITOR)
    before = editor.get(RELAYS)
    with mailer.database.writing() as session:
        operators.remove(session, "editor@network.example", actor=TESTER, now=mailer.clock())

    assert before.status_code != 401
    assert editor.get(RELAYS).status_code == 401


def test_a_session_of_the_admin_is_no_identity_in_the_api(app: Flask, sign_in: SignIn) -> None:
    admin: Browser = sign_in(Power.ADMIN)

    for method, url, _ in routes(app):
        if method == "GET":
            assert admin.get(url).status_code == 401, url


def test_a_token_has_its_operators_power_and_no_more(app: Flask, program: Programs) -> None:
    viewer, editor = program(Power.VIEWER), program(Power.EDITOR)

    for method, url, wanted in routes(app):
        if url == "/metrics":
            continue
        assert (viewer.call(method, url).status_code == 403) is (wanted is not Power.VIEWER), url
        assert (editor.call(method, url).status_code == 403) is (wanted is Power.ADMIN), url


def test_what_changes_something_is_not_for_viewers(app: Flask) -> None:
    assert [
        (method, url)
        for method, url, wanted in routes(app)
        if method != "GET" and wanted is Power.VIEWER
    ] == []


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer circular_1_short", "Bearer é"])
def test_an_invalid_token_is_refused(stranger: Program, header: str) -> None:
    answer = stranger.get(RELAYS, headers={"Authorization": header})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_is_refused_at_once(mailer: Mailer, program: Programs) -> None:
    mine = program(Power.VIEWER)
    before = mine.get(RELAYS).status_code

    with mailer.database.writing() as session:
        api_tokens.revoke(session, 1, actor=TESTER, now=mailer.clock())

    assert (before, mine.get(RELAYS).status_code) == (200, 401)


def test_tokens_of_somebody_who_left_are_refused(mailer: Mailer, program: Programs) -> None:
    mine = program(Power.ADMIN)
    with mailer.database.writing() as session:
        session.get_one(Operator, mine.operator_id).active = False

    assert mine.get(RELAYS).status_code == 401


def test_failures_are_limited_and_good_tokens_are_not(stranger: Program, program: Programs) -> None:
    mine = program(Power.VIEWER)
    wrong = {"Authorization": "Bearer " + mine.token[:-4] + "AAAA"}

    tries = [stranger.get(RELAYS, headers=wrong) for _ in range(22)]

    assert [each.status_code for each in tries] == [401] * 20 + [429] * 2
    assert 1 <= int(tries[-1].headers["Retry-After"]) <= 60
    assert mine.get(RELAYS).status_code == 200


def test_the_day_of_the_last_use_is_kept(mailer: Mailer, program: Programs) -> None:
    mine = program(Power.VIEWER)
    with mailer.database.writing() as session:
        old = mailer.clock().date() - timedelta(days=3)
        session.scalars(select(ApiToken)).one().last_used_on = old

    mine.get(RELAYS)

    with mailer.database.reading() as session:
        assert session.scalars(select(ApiToken)).one().last_used_on == mailer.clock().date()


def test_not_found_is_a_problem_document(stranger: Program) -> None:
    lost = stranger.get("/api/v2/relays")

    assert (lost.status_code, lost.mimetype) == (404, "application/problem+json")


def test_another_method_says_which_are_there(program: Programs) -> None:
    answer = program(Power.ADMIN).call("PUT", RELAYS)

    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


def test_only_what_no_cookie_opens_is_exempt_from_the_tokens_of_forms(app: Flask) -> None:
    exempt = {blueprint.name for blueprint in csrf._exempt_blueprints}

    assert exempt == {"api_campaigns", "api_relays"}
    assert exempt <= set(app.extensions["doors"])


def test_forms_of_people_still_need_their_token(editor: Browser) -> None:
    assert editor.post_bare("/account", data={"password": "x" * 20}).status_code in {302, 400}


def test_a_browser_that_shows_a_token_as_well_waits_for_nobody(
    mailer: Mailer, sign_in: SignIn
) -> None:
    """Libraries look at the cookie and begin to write; the use of the token is written apart."""
    browser = sign_in(Power.ADMIN)
    with mailer.database.writing() as session:
        _, secret = api_tokens.make(
            session, "admin@network.example", name="robot", actor=TESTER, now=mailer.clock()
        )

    statuses: list[int] = []

    def pause() -> None:
        shown = {"Authorization": f"Bearer {secret}"}
        statuses.append(browser.post("/api/v1/campaigns/1/pause", headers=shown).status_code)

    asking = Thread(target=pause, daemon=True)
    asking.start()
    asking.join(20)

    assert statuses == [404]
