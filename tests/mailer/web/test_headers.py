"""The headers of every answer."""

import re

import pytest
from flask import Flask

from mailer.web.security import CSP
from tests.factories import Cast
from tests.mailer.web.browser import Browser


@pytest.mark.parametrize("path", ["/login", "/join/members-update", "/no/such/page", "/health"])
def test_nothing_from_elsewhere_and_nothing_inline_is_allowed(
    visitor: Browser, cast: Cast, path: str
) -> None:
    headers = visitor.get(path).headers

    policy = dict(
        each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["frame-ancestors"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "max-age" in headers["Strict-Transport-Security"]


def test_pages_of_operators_carry_them_too(editor: Browser) -> None:
    assert editor.get("/people/").headers["Content-Security-Policy"] == CSP


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Browser) -> None:
    cookie = visitor.get("/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie


def test_style_sheets_may_be_kept(visitor: Browser) -> None:
    assert visitor.get("/static/css/base.css").headers["Cache-Control"] != "no-store"


@pytest.mark.parametrize(
    ("asked_by", "is_sent"),
    [
        ("https://news.network.example", True),
        ("http://news.network.example", True),  # a proxy that does not say how it was asked
        ("http://127.0.0.1:8000", False),
        ("http://other.example", False),
    ],
)
def test_browsers_are_told_to_stay_with_https_where_they_came_by_it(
    app: Flask, asked_by: str, is_sent: bool
) -> None:
    answer = app.test_client().get("/login", base_url=asked_by)

    assert ("Strict-Transport-Security" in answer.headers) is is_sent


@pytest.mark.parametrize("path", ["/people", "/people?page=2", "/static//css/base.css"])
def test_an_address_with_another_slash_leads_nowhere_else(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, base_url="https://elsewhere.example")

    assert answer.status_code == 308
    assert re.fullmatch(r"/[a-z][a-z./]*(\?page=2)?", answer.headers["Location"])
    assert "elsewhere" not in answer.text
