"""Questions to a real name server on loopback, and every way one can fail to answer."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from mailer.domains.answers import Answer, Gap, MailExchange
from mailer.domains.nameservers import NameServers
from tests.mailer.domains.zones import address

Respond = Callable[[dns.message.Message], bytes | None]
ZONE = {
    ("a.example.", "TXT"): ['"v=spf1 " "ip4:192.0.2.1" " -all"', '"caf\\195\\169 \\255"'],
    ("a.example.", "MX"): ["20 mx2.a.example.", "10 mx1.a.example."],
    ("null.example.", "MX"): ["0 ."],
    ("a.example.", "A"): ["192.0.2.1"],
    ("a.example.", "AAAA"): ["2001:db8::1"],
    ("four.example.", "A"): ["192.0.2.4"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["a.example."],
}


def from_zone(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    question = query.question[0]
    kind = dns.rdatatype.to_text(question.rdtype)
    name = question.name.to_text().lower()
    if found := ZONE.get((name, kind)):
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    elif not any(name == each for each, _ in ZONE):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


@contextmanager
def a_name_server(respond: Respond) -> Iterator[tuple[dns.resolver.Resolver, list[str]]]:
    """A server for this test, a resolver that asks nobody else, and the questions it got."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    wire, client = server.recvfrom(4096)
                except TimeoutError:
                    continue
                query = dns.message.from_wire(wire)
                asked.append(query.question[0].to_text())
                if answer := respond(query):
                    server.sendto(answer, client)

        serving = threading.Thread(target=serve)
        serving.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        resolver.timeout = 0.3
        try:
            yield resolver, asked
        finally:
            over.set()
            serving.join()


@pytest.fixture
def servers() -> Iterator[NameServers]:
    with a_name_server(from_zone) as (resolver, _):
        yield NameServers(resolver=resolver)


def test_strings_of_a_record_are_joined_whatever_octets_they_hold(servers: NameServers) -> None:
    assert set(servers.txt("a.example").records) == {
        "v=spf1 ip4:192.0.2.1 -all",
        "café \\xff",
    }


def test_the_preferred_exchange_comes_first_and_none_is_an_empty_host(
    servers: NameServers,
) -> None:
    assert servers.mx("a.example").records == (
        MailExchange(10, "mx1.a.example"),
        MailExchange(20, "mx2.a.example"),
    )
    assert servers.mx("null.example").records == (MailExchange(0, ""),)


def test_addresses_are_of_both_versions(servers: NameServers) -> None:
    assert set(servers.addresses("a.example").records) == {
        address("192.0.2.1"),
        address("2001:db8::1"),
    }
    assert servers.addresses("four.example").records == (address("192.0.2.4"),)


def test_an_address_has_its_names(servers: NameServers) -> None:
    assert servers.names_of(address("192.0.2.1")).records == ("a.example",)
    assert servers.names_of(address("2001:db8::7")).gap is Gap.NO_NAME


def test_no_name_and_no_record_are_told_apart(servers: NameServers) -> None:
    assert servers.txt("gone.example").gap is Gap.NO_NAME
    assert servers.addresses("gone.example").gap is Gap.NO_NAME
    assert servers.txt("four.example").gap is Gap.NO_RECORD
    assert servers.addresses("null.example").gap is Gap.NO_RECORD


@pytest.mark.parametrize(
    "name",
    ["a..example", ".", "", "x" * 64 + ".example", "a." * 200, "naïve.example", "a\\999.example"],
)
def test_a_text_that_is_no_name_has_no_records(servers: NameServers, name: str) -> None:
    assert servers.txt(name).gap in {Gap.NO_NAME, Gap.NO_RECORD}


def failing(query: dns.message.Message) -> bytes:
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.SERVFAIL)
    return response.to_wire()


@pytest.mark.parametrize(
    "respond",
    [failing, lambda _query: None, lambda _query: b"junk", lambda query: query.to_wire()[:20]],
    ids=["broken", "silent", "junk", "cut off"],
)
def test_without_an_answer_of_a_server_nothing_is_known(respond: Respond) -> None:
    with a_name_server(respond) as (resolver, _):
        servers = NameServers(seconds=1.0, resolver=resolver)
        started = time.monotonic()

        answers: list[Answer[object]] = [
            servers.txt("a.example"),  # type: ignore[list-item]  # answers of any kind
            servers.mx("a.example"),  # type: ignore[list-item]
            servers.addresses("a.example"),  # type: ignore[list-item]
            servers.names_of(address("192.0.2.1")),  # type: ignore[list-item]
        ]

    assert {answer.gap for answer in answers} == {Gap.UNANSWERED}
    assert time.monotonic() - started < 3


def test_a_question_is_asked_once_and_their_number_is_limited() -> None:
    with a_name_server(from_zone) as (resolver, asked):
        servers = NameServers(seconds=30, resolver=resolver)
        for _ in range(3):
            servers.txt("A.example")
        once = len(asked)
        answers = [servers.txt(f"x{place}.example") for place in range(200)]

    assert once == 1
    assert len(asked) == 150
    assert answers[-1].gap is Gap.UNANSWERED


def test_when_the_time_is_over_nothing_more_is_asked() -> None:
    with a_name_server(from_zone) as (resolver, asked):
        assert NameServers(seconds=0, resolver=resolver).txt("a.example").gap is Gap.UNANSWERED

    assert asked == []


def test_a_machine_without_name_servers_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unset(*_arguments: object) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", unset)

    assert NameServers().txt("a.example").gap is Gap.UNANSWERED
