"""Which addresses a request may go to."""

from ipaddress import ip_address, ip_network

import pytest

from mailer.fetching.guard import Guard
from mailer.fetching.refusals import NotFetched, Why

PRIVATE = [
    ("this host", "0.0.0.0"),
    ("loopback", "127.0.0.1"),
    ("loopback", "127.9.9.9"),
    ("loopback", "::1"),
    ("unspecified", "::"),
    ("private", "10.0.0.1"),
    ("private", "172.16.5.4"),
    ("private", "192.168.1.1"),
    ("unique local", "fd00::1"),
    ("link-local and metadata", "169.254.169.254"),
    ("link-local", "fe80::1"),
    ("site-local", "fec0::1"),
    ("shared by carriers", "100.64.0.1"),
    ("metadata", "100.100.100.200"),
    ("metadata", "168.63.129.16"),
    ("metadata", "192.0.0.192"),
    ("metadata", "fd00:ec2::254"),
    ("multicast", "224.0.0.1"),
    ("multicast", "ff02::1"),
    ("broadcast", "255.255.255.255"),
    ("reserved", "240.0.0.1"),
    ("benchmarks", "198.18.0.1"),
    ("documentation", "192.0.2.1"),
    ("documentation", "2001:db8::1"),
    ("IPv4 in IPv6", "::ffff:127.0.0.1"),
    ("IPv4 in IPv6", "::ffff:8.8.8.8"),
    ("IPv4 in IPv6", "::127.0.0.1"),
    ("6to4", "2002:7f00:1::1"),
    ("Teredo", "2001:0:53aa:64c::1"),
    ("NAT64", "64:ff9b::7f00:1"),
    ("NAT64 of a network", "64:ff9b:1::a00:1"),
]


@pytest.mark.parametrize(("kind", "address"), PRIVATE)
def test_addresses_that_are_not_public_are_refused(kind: str, address: str) -> None:
    assert not Guard().allows(ip_address(address)), kind


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert Guard().allows(ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(NotFetched, match="private network"):
        Guard().public(["93.184.215.14", "10.0.0.1"])


def test_a_scope_does_not_hide_an_address() -> None:
    with pytest.raises(NotFetched):
        Guard().public(["fe80::1%eth0"])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://site.org/x",
        "file:///etc/passwd",
        "gopher://site.org/",
        "javascript:alert(1)",
        "https://user:secret@site.org/",
        "https://site.org:22/",
        "https://site.org:8443/",
        "http://site.org:0/",
        "https://site.org:99999/",
        "https:///nowhere",
        "https://[::1",
        "https://a b.org/",
        "https://site.org/" + "x" * 2_000,
    ],
)
def test_addresses_that_are_never_asked(url: str) -> None:
    with pytest.raises(NotFetched) as refused:
        Guard().target(url)

    assert refused.value.why is Why.REFUSED


def test_an_address_is_written_so_that_nothing_in_it_ends_a_line() -> None:
    target = Guard().target("https://Café.Site.ORG./a b/ü?q=ä\r\nHost: evil")

    assert target.host == "xn--caf-dma.site.org"
    assert target.path == "/a%20b/%C3%BC?q=%C3%A4Host:%20evil"
    assert target.host_header == "xn--caf-dma.site.org"


def test_numbers_that_browsers_take_for_addresses_are_judged_once_resolved() -> None:
    assert Guard().target("http://2130706433/").host == "2130706433"
    assert Guard().target("http://[::ffff:127.0.0.1]/").host == "::ffff:7f00:1"


def test_a_network_of_a_test_is_let_through() -> None:
    guard = Guard(networks=[ip_network("127.0.0.0/8")], ports=frozenset({8080}))

    assert guard.allows(ip_address("127.0.0.1"))
    assert guard.target("http://site.org:8080/x").port == 8080
    assert not guard.allows(ip_address("10.0.0.1"))
