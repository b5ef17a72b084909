"""The addresses that mail is sent from, as far as they can be known here.

A relay given by a public address most likely sends from that address. One given by a name has
addresses too, but usually sends from others. Only its operator knows which addresses a relay on
this network sends from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from mailer.domains.answers import IpAddress, Resolver

# RFC 1122, 1918, 3927, 4193, 4291 and 6598.
_INTERNAL: Final = [
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"),
    )
]
_MOST: Final = 8  # addresses of one relay that are looked at


@dataclass(frozen=True, slots=True)
class Origin:
    """A relay's host, with the public addresses it may send from.

    ``certain`` where the host was given as such an address; otherwise they are a hint.
    """

    host: str
    addresses: tuple[IpAddress, ...] = ()
    certain: bool = False


def origins(resolver: Resolver, hosts: Iterable[str]) -> tuple[Origin, ...]:
    """Where the relays on ``hosts`` send from."""
    return tuple(_origin(resolver, host) for host in hosts)


def known_addresses(found: Iterable[Origin]) -> list[IpAddress]:
    """The addresses that mail is sent from for certain."""
    return [address for origin in found if origin.certain for address in origin.addresses]


def _origin(resolver: Resolver, host: str) -> Origin:
    try:
        address = ip_address(host)
    except ValueError:
        if host.lower().rstrip(".") == "localhost":
            return Origin(host)
        addresses = resolver.addresses(host).records
        return Origin(host, tuple(filter(_is_public, addresses))[:_MOST])
    return Origin(host, (address,), certain=True) if _is_public(address) else Origin(host)


def _is_public(address: IpAddress) -> bool:
    return not any(address in network for network in _INTERNAL)
