"""Real servers on loopback are asked, and each kind of bad one is given up."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from mailer.fetching.asking import AddressFetcher, Answered, AskingAllowance, resolve
from mailer.fetching.guard import Guard
from mailer.fetching.refusals import NotFetched, Why
from mailer.fetching.wire import FetchLimits

Talk = Callable[[socket.socket, str], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello"
LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass
class Site:
    """A server that says what a test has it say, and what it was asked."""

    port: int
    heard: list[str] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://site.org:{self.port}{path}"

    def fetcher(self, *, seconds: float = 5.0, octets: int = 10_000) -> AddressFetcher:
        guard = Guard(LOOPBACK, frozenset({self.port}))
        return AddressFetcher(guard, FetchLimits(seconds, octets), names=_here)


def _here(host: str, port: int, *, seconds: float) -> Sequence[str]:
    del port, seconds
    return {"private.org": ["10.0.0.1"], "metadata.org": ["169.254.169.254"]}.get(
        host, ["127.0.0.1"]
    )


@contextmanager
def serving(talk: Talk) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Site(listening.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    asked = connection.recv(65_536).decode()
                    site.heard.append(asked)
                    try:
                        talk(connection, asked)
                    except OSError:
                        continue  # whoever asked has gone

        threading.Thread(target=serve, daemon=True).start()
        yield site
        listening.shutdown(socket.SHUT_RDWR)


def saying(answer: bytes) -> Talk:
    return lambda connection, _: connection.sendall(answer)


def status(code: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} Words", *headers, "Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_an_address_that_works_is_asked_for_its_head_alone() -> None:
    with serving(saying(status(200))) as site:
        answer = site.fetcher().ask(site.url("/a?b=c"))

    assert (answer.answered, answer.status) == (Answered.FINE, 200)
    (asked,) = site.heard
    assert asked.startswith("HEAD /a?b=c HTTP/1.1\r\n")
    assert f"Host: site.org:{site.port}\r\n" in asked
    assert "User-Agent: Circular-link-check/" in asked
    assert "Cookie" not in asked
    assert "Authorization" not in asked


def test_a_site_that_does_not_know_head_is_asked_again() -> None:
    def talk(connection: socket.socket, asked: str) -> None:
        connection.sendall(status(405) if asked.startswith("HEAD") else OK)

    with serving(talk) as site:
        assert site.fetcher().ask(site.url()).answered is Answered.FINE

    assert [each[:4] for each in site.heard] == ["HEAD", "GET "]


@pytest.mark.parametrize(
    ("code", "answered", "sentence"),
    [
        (404, Answered.BROKEN, "404 Page not found."),
        (410, Answered.BROKEN, "410 Gone."),
        (500, Answered.BROKEN, "500 Internal Server Error."),
        (401, Answered.BLOCKED, "401 Unauthorized."),
        (403, Answered.BLOCKED, "403 Forbidden."),
        (405, Answered.BLOCKED, "405 Method Not Allowed."),
        (429, Answered.BLOCKED, "429 Too Many Requests."),
        (503, Answered.BLOCKED, "503 Service Unavailable."),
        (999, Answered.BLOCKED, "999."),
    ],
)
def test_what_a_status_means(code: int, answered: Answered, sentence: str) -> None:
    with serving(saying(status(code))) as site:
        answer = site.fetcher().ask(site.url())

    assert (answer.answered, answer.sentence) == (answered, sentence)


def test_redirects_are_followed_five_times_and_no_more() -> None:
    with serving(saying(status(302, "Location: /again"))) as site:
        answer = site.fetcher().ask(site.url())

    assert answer.answered is Answered.BLOCKED
    assert len(site.heard) == 6


@pytest.mark.parametrize(
    "to",
    [
        "http://private.org/",
        "http://metadata.org/latest/meta-data/",
        "http://site.org:25/",
        "ftp://site.org/",
        "file:///etc/passwd",
        "http://user:secret@site.org/",
    ],
)
def test_a_redirect_is_judged_like_the_first_address(to: str) -> None:
    with serving(saying(status(302, f"Location: {to}"))) as site, pytest.raises(NotFetched) as no:
        site.fetcher().fetch(site.url())

    assert no.value.why is Why.REFUSED
    assert len(site.heard) == 1


def test_a_name_that_leads_into_a_private_network_is_not_connected_to() -> None:
    with serving(saying(OK)) as site:
        fetcher = AddressFetcher(Guard(ports=frozenset({site.port})), names=_here)
        answer = fetcher.ask(site.url())

    assert (answer.answered, answer.sentence) == (
        Answered.NOT_ASKED,
        "It leads into a private network.",
    )
    assert site.heard == []


def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    asked: list[str] = []

    def names(host: str, port: int, *, seconds: float) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with serving(saying(OK)) as site:
        guard = Guard(LOOPBACK, frozenset({site.port}))
        answer = AddressFetcher(guard, names=names).fetch(site.url())

    assert (answer.status, answer.body, asked) == (200, b"Hello", ["site.org"])


def test_the_time_bounds_the_whole_and_not_each_read() -> None:
    def drip(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _each in range(50):
            connection.sendall(b"x")
            time.sleep(0.1)

    with serving(drip) as site:
        began = time.monotonic()
        answer = site.fetcher(seconds=0.5).ask(site.url())

    assert answer.answered is Answered.BLOCKED
    assert answer.sentence == "It did not answer in time."
    assert time.monotonic() - began < 2


def test_a_body_without_end_is_given_up() -> None:
    def pour(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 10_000)

    with serving(pour) as site, pytest.raises(NotFetched) as no:
        site.fetcher().fetch(site.url())

    assert no.value.why is Why.TOO_MUCH


def test_headers_without_end_are_given_up() -> None:
    def pour(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 1_000 + b"\r\n")

    with serving(pour) as site:
        assert site.fetcher().ask(site.url()).answered is Answered.BLOCKED


def test_a_small_body_that_unpacks_to_a_large_one_is_given_up() -> None:
    packed = gzip.compress(b"x" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"

    with serving(saying(head.encode() + packed)) as site, pytest.raises(NotFetched) as no:
        site.fetcher(octets=100_000).fetch(site.url())

    assert no.value.why is Why.TOO_MUCH


def test_a_packed_body_is_unpacked() -> None:
    packed = gzip.compress(b"Hello")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"

    with serving(saying(head.encode() + packed)) as site:
        assert site.fetcher().fetch(site.url()).body == b"Hello"


def test_chunks_are_put_together() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nHel\r\n2\r\nlo\r\n0\r\n\r\n"
    )

    with serving(saying(chunked)) as site:
        assert site.fetcher().fetch(site.url()).body == b"Hello"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with serving(saying(answer)) as site, pytest.raises(NotFetched):
        site.fetcher().fetch(site.url())


def test_nobody_at_home_is_not_a_broken_link() -> None:
    with serving(saying(OK)) as site:
        pass

    assert site.fetcher().ask(site.url()).answered is Answered.BLOCKED


def test_a_name_that_is_not_there_is_a_broken_link() -> None:
    def names(host: str, port: int, *, seconds: float) -> Sequence[str]:
        del port, seconds
        raise NotFetched(Why.NO_SUCH_NAME, f"There is no site called {host}.")

    answer = AddressFetcher(names=names).ask("https://gone.org/")

    assert (answer.answered, answer.sentence) == (
        Answered.BROKEN,
        "There is no site called gone.org.",
    )


@pytest.mark.parametrize("host", ["www.aldmor.example", "a.test", "localhost", "x.invalid"])
def test_names_that_nobody_can_have_are_not_asked(host: str) -> None:
    def names(*_: object, **__: object) -> Sequence[str]:
        raise AssertionError("asked DNS")

    assert AddressFetcher(names=names).ask(f"https://{host}/").answered is Answered.NOT_ASKED


def test_a_run_has_so_many_requests_in_all_and_of_each_host() -> None:
    allowance = AskingAllowance(requests=3, of_a_host=2)

    with serving(saying(status(200))) as site:
        asked = [site.fetcher().ask(site.url(), allowance=allowance).answered for _ in range(3)]

    assert asked == [Answered.FINE, Answered.FINE, Answered.LATER]
    assert len(site.heard) == 2


def test_the_system_resolves_addresses_as_they_are() -> None:
    assert list(resolve("127.0.0.1", 80, seconds=5)) == ["127.0.0.1"]
    assert list(resolve("2130706433", 80, seconds=5)) == ["127.0.0.1"]
