"""Who the visitor is: whoever connects, unless a proxy of ours speaks for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest

from mailer.settings.hosts import networks_of
from mailer.web.front.environ import REFUSED, RequestHeaders, environ_of


class Fields(list[tuple[str, str]]):
    def items(self) -> Iterable[tuple[str, str]]:
        return self

    def get(self, name: str, default: str, /) -> str:
        return dict(self).get(name, default)


@dataclass
class Request:
    headers: RequestHeaders = field(default_factory=Fields)
    client: str = "10.0.0.1:4321"
    path: str = "/"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    scheme: str = "http"
    method: str = "GET"
    query_string: str = ""


def environ(*headers: tuple[str, str], trusted: str = "10.0.0.0/8", **of: str) -> dict[str, Any]:
    request = Request(Fields(headers), **of)
    return environ_of(request, BytesIO(), trusted=networks_of(trusted.split()))


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),  # what stands before was written by a stranger
        ("192.0.2.7, 10.0.0.2", "192.0.2.7"),  # two proxies of ours
        ("192.0.2.7:5123", "192.0.2.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("unknown", "10.0.0.1"),
        ("<script>", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_a_proxy_of_ours_is_believed_about_the_visitor(forwarded: str, visitor: str) -> None:
    assert environ(("x-forwarded-for", forwarded))["REMOTE_ADDR"] == visitor


def test_a_stranger_is_not_believed() -> None:
    claims = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "https")]

    found = environ(*claims, client="198.51.100.4:99")

    assert found["REMOTE_ADDR"] == "198.51.100.4"
    assert found["wsgi.url_scheme"] == "http"
    assert "HTTP_X_FORWARDED_FOR" not in found


def test_nobody_is_believed_where_no_proxy_is_named() -> None:
    found = environ(("x-forwarded-for", "192.0.2.7"), trusted="", client="127.0.0.1:99")

    assert found["REMOTE_ADDR"] == "127.0.0.1"


def test_the_scheme_is_the_one_that_the_proxy_was_asked_by() -> None:
    assert environ(("x-forwarded-proto", "https"))["wsgi.url_scheme"] == "https"
    assert environ(("x-forwarded-proto", "gopher"))["wsgi.url_scheme"] == "http"


def test_a_header_with_an_underscore_is_not_taken_for_one_with_a_hyphen() -> None:
    found = environ(("x_forwarded_for", "192.0.2.7"), ("user_agent", "A"), ("user-agent", "B"))

    assert found["HTTP_USER_AGENT"] == "B"
    assert found["REMOTE_ADDR"] == "10.0.0.1"


def test_an_address_that_was_mapped_to_ipv6_is_the_one_it_was() -> None:
    assert environ(client="[::ffff:192.0.2.1]:80", trusted="")["REMOTE_ADDR"] == "192.0.2.1"


def test_headers_that_came_twice_are_joined() -> None:
    found = environ(("cookie", "a=b"), ("cookie", "c=d"), ("accept", "x"), ("accept", "y"))

    assert (found["HTTP_COOKIE"], found["HTTP_ACCEPT"]) == ("a=b; c=d", "x,y")


def test_a_path_is_octets_in_latin_1() -> None:
    assert environ(path="/caf\u00e9")["PATH_INFO"].encode("latin-1") == "/caf\u00e9".encode()


@pytest.mark.parametrize("wrong", ["10.0.0.1/33", "proxy", "10.0.0.1/8", "::1/129"])
def test_a_proxy_that_is_no_network_is_refused_at_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no address and no network"):
        networks_of([wrong])


@pytest.mark.parametrize(
    "host",
    ["news.example.org", "news.example.org.:8000", "localhost:1", "192.0.2.1", "[2001:db8::1]:80"],
)
def test_a_host_is_taken_as_it_is(host: str) -> None:
    found = environ(("host", host))

    assert found["HTTP_HOST"] == host
    assert REFUSED not in found


@pytest.mark.parametrize(
    "host", ["", "a" * 64, "a..b", "a b", "a@b:c", "a,b", "[::1", "é.example", "a:b", "a.b:999999"]
)
def test_what_is_no_host_is_refused_and_reaches_no_library(host: str) -> None:
    found = environ(("host", host))

    assert found[REFUSED] == 400
    assert "HTTP_HOST" not in found
