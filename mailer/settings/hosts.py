"""Which hosts can only mean this machine, and texts that mean networks."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Networks = Sequence[IPv4Network | IPv6Network]


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def networks_of(texts: Iterable[str]) -> Networks:
    """Networks from texts like 10.0.0.5 and 10.1.0.0/16; ValueError names one that isn't."""
    found: list[IPv4Network | IPv6Network] = []
    for text in texts:
        try:
            found.append(IPv6Network(text) if ":" in text else IPv4Network(text))
        except ValueError:
            raise ValueError(
                f"{text!r} is no address and no network: write them like 10.0.0.5, 10.1.0.0/16"
            ) from None
    return found
