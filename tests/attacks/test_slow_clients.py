"""Clients that send nothing, slowly or too much: everybody else is served meanwhile."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from mailer.security.tokens import Purpose, Tokens
from tests.attacks.conftest import House

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
BEGUN = [
    ("/u/AAAA", FORM, b"L"),
    ("/login", FORM, b"e"),
    ("/hooks/postmark", "application/json", b"{"),
    ("/join/news", PARTS, b"--x\r\nContent-Disposition: form-data; name="),
    ("/nowhere", FORM, b""),
]
MANY = 64  # eight times the threads that answer


def begin(house: House, path: str, kind: str, begun: bytes) -> socket.socket:
    client = house.connect()
    client.sendall(
        f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Type: {kind}\r\n"
        "Content-Length: 60000\r\n\r\n".encode()
        + begun
    )
    return client


@pytest.mark.parametrize(("path", "kind", "begun"), BEGUN)
def test_half_a_body_holds_nobody_up(house: House, path: str, kind: str, begun: bytes) -> None:
    with ExitStack() as held:
        for _ in range(MANY):
            held.enter_context(begin(house, path, kind, begun))

        assert house.ask("GET", "/health").status == 200


def test_large_bodies_that_one_stranger_never_ends_keep_no_provider_out(house: House) -> None:
    report, json = b" " * 100_000, {"Content-Type": "application/json"}
    with ExitStack() as held:
        for _ in range(MANY):
            client = held.enter_context(house.connect())
            client.sendall(
                b"POST /hooks/ses HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: 203.0.113.7\r\n"
                b"Content-Length: 1000000\r\n\r\n" + report
            )
        assert house.ask("GET", "/health").status == 200

        provider = house.ask("POST", "/hooks/ses", report, {**json, "X-Forwarded-For": "192.0.2.4"})
        mallory = house.ask(
            "POST", "/hooks/ses", report, {**json, "X-Forwarded-For": "203.0.113.7"}
        )

    assert (provider.status, mallory.status) == (404, 503)  # it is not set up here, but was read


def test_half_a_head_holds_nobody_up(house: House) -> None:
    with ExitStack() as held:
        for _ in range(MANY):
            held.enter_context(house.connect()).sendall(b"GET / HTTP/1.1\r\nX-Slow: ")

        assert house.ask("GET", "/health").status == 200


def test_clients_that_read_nothing_hold_nobody_up(house: House) -> None:
    with ExitStack() as held:
        for _ in range(MANY):
            client = held.enter_context(house.connect())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.sendall(b"GET /login HTTP/1.1\r\nHost: here\r\n\r\n" * 20)

        assert house.ask("GET", "/health").status == 200


def test_a_hundred_people_use_their_links_beside_two_hundred_slow_clients(house: House) -> None:
    secret = house.installation.environment["SECRET_KEY"].encode()
    link = "/p/" + Tokens(secret).seal(Purpose.CHOICES, 1)  # of nobody: an answer is an answer
    with ExitStack() as held:
        for number in range(200):
            held.enter_context(begin(house, *BEGUN[number % len(BEGUN)]))
        with ThreadPoolExecutor(20) as people:
            answers = list(people.map(lambda _: house.ask("GET", link).status, range(100)))

    assert set(answers) == {404}


@pytest.mark.parametrize("path", ["/nowhere", "/u/x", "/join/news", "/hooks/ses", "/login", "/"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_of_a_stranger_is_refused_and_not_kept(
    house: House, path: str, chunked: bool
) -> None:
    before = house.memory()

    with ThreadPoolExecutor(4) as strangers:
        answers = list(strangers.map(lambda _: send_much(house, path, chunked=chunked), range(4)))

    assert set(answers) <= {b"413", b""}  # "" is a client that was cut off before it listened
    assert house.memory() - before < 24 * 1024 * 1024
    assert house.ask("GET", "/health").status == 200


def send_much(house: House, path: str, *, chunked: bool, megabytes: int = 32) -> bytes:
    """Send without listening, as a careless program does; the status that came, or none."""
    piece = b"x" * 1024 * 1024
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {megabytes * len(piece)}"
    with house.connect() as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: here\r\n{how}\r\n\r\n".encode())
        try:
            for _ in range(megabytes):
                client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            return client.recv(4096)[9:12]
        except ConnectionError:
            return b""


def test_a_client_that_asks_first_is_refused_before_it_sends(house: House) -> None:
    with house.connect() as client:
        client.sendall(
            b"POST /join/news HTTP/1.1\r\nHost: here\r\nContent-Length: 200000000\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_leaves_halfway_leaves_no_thread_behind(house: House) -> None:
    for path, kind, begun in BEGUN * 20:
        begin(house, path, kind, begun).close()

    assert house.ask("GET", "/health").status == 200


def test_hundreds_of_requests_at_once_are_all_answered(house: House) -> None:
    answers: list[int] = []
    lock = threading.Lock()

    def ask() -> None:
        status = house.ask("GET", "/login").status
        with lock:
            answers.append(status)

    people = [threading.Thread(target=ask) for _ in range(200)]
    for person in people:
        person.start()
    for person in people:
        person.join(60)

    assert answers == [200] * 200
