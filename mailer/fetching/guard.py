"""Where a request may go: to public addresses only, whatever a name or a redirect says.

An address is judged after its name was resolved, and the connection is made to the address that
was judged, so a name that answers differently the second time gains nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import quote, urlsplit

from mailer.fetching.refusals import NotFetched, Why

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2_000
# Beyond what the registries of special addresses say: addresses that carry an IPv4 one inside
# (RFC 4291 2.5.5, 3056, 4380, 6052, 8215), and the metadata servers that stand on public ones.
_REFUSED: Final = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A web address taken apart, fit to be written on the wire."""

    scheme: str
    host: str  # ASCII, as DNS has it
    port: int
    path: str  # with the query

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be asked. ``networks`` and ``ports`` are let through beside the public ones: only
    tests have any."""

    networks: Sequence[Network] = ()
    ports: frozenset[int] = frozenset()

    def target(self, url: str) -> Target:
        """The address taken apart; NotFetched where it may not be asked."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            raise NotFetched(Why.REFUSED, "It is not an address a browser could open.") from None
        if parts.scheme not in _PORTS or not host or len(url) > _LONGEST:
            raise NotFetched(Why.REFUSED, "Only http and https addresses are asked.")
        if "@" in parts.netloc:
            raise NotFetched(Why.REFUSED, "It has a user name or a password in it.")
        port = _PORTS[parts.scheme] if port is None else port
        if port not in {*_PORTS.values(), *self.ports}:
            raise NotFetched(Why.REFUSED, f"Only the ports of the web are asked, not {port}.")
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        if parts.query:
            path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
        return Target(parts.scheme, _ascii(host), port, path)

    def public(self, addresses: Sequence[str]) -> list[Address]:
        """The addresses of a name, if all of them may be connected to; NotFetched otherwise.

        One that may not is reason enough: who mixes them means no good.
        """
        found = [ip_address(each.partition("%")[0]) for each in addresses]
        if not all(map(self.allows, found)):
            raise NotFetched(Why.REFUSED, "It leads into a private network.")
        return found

    def allows(self, address: Address) -> bool:
        """Whether one address may be connected to."""
        if any(address in each for each in self.networks if each.version == address.version):
            return True
        if any(address in each for each in _REFUSED if each.version == address.version):
            return False
        return address.is_global and not (
            address.is_multicast
            or address.is_private
            or address.is_loopback
            or address.is_link_local
            or address.is_reserved
            or address.is_unspecified
        )


def _ascii(host: str) -> str:
    try:
        return ip_address(host).compressed
    except ValueError:
        pass
    try:
        written = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise NotFetched(Why.REFUSED, "Its host is no name that DNS could have.") from None
    if not written or any(sign <= " " or sign in '/\\?#@[]<>"' for sign in written):
        raise NotFetched(Why.REFUSED, "Its host is no name that DNS could have.")
    return written
