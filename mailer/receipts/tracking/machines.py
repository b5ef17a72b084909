"""What one request says of who makes it; neither its address nor its user agent is kept.

Who is known stands in two files beside this: words of user agents, and networks of mail gateways.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from mailer.receipts.tracking.grounds import LETTERS, Ground

_PREFETCH: Final = ("purpose", "x-purpose", "sec-purpose", "x-moz")
_APPLE: Final = "mozilla/5.0"  # the whole of it
_PEOPLE: Final = "people"
_LONGEST_AGENT: Final = 1000  # characters that are looked at
_WIDTHS: Final = {4: 24, 6: 48}  # bits of an address that its neighbours share


class HeaderValues(Protocol):
    """The headers of a request, by their names in lower case."""

    def get(self, name: str, default: str, /) -> str: ...


class Seen(NamedTuple):
    """What is kept of a request: letters of grounds, and a source ("" where it says nothing).

    A source is 16 hexadecimal digits: the same for requests of one program in one network about one
    campaign, and without the key nobody finds out which network or program that was.
    """

    letters: str
    source: str


@dataclass(frozen=True, slots=True)
class _Agent:
    name: bytes
    letters: str
    is_proxy: bool  # of people who read elsewhere


class Machines:
    """Judges requests under one key."""

    def __init__(self, secret: bytes) -> None:
        self._keyed = blake2b(key=blake2b(b"sources:" + secret).digest(), digest_size=8)

    def look(self, method: str, headers: HeaderValues, visitor: str, campaign_id: int) -> Seen:
        """What is to be kept of a request of ``visitor``, an address of IP or an empty text."""
        known = _agent(headers.get("user-agent", ""))
        network, letters = _network(visitor)
        letters += known.letters
        if method == "HEAD":
            letters += LETTERS[Ground.HEAD]
        ahead = "".join([headers.get(name, "") for name in _PREFETCH])
        if ahead and "prefetch" in ahead.lower():
            letters += LETTERS[Ground.PREFETCH]
        if known.is_proxy or not network:
            return Seen(letters, "")
        keyed = self._keyed.copy()
        keyed.update(b"%d %b %b" % (campaign_id, network, known.name))
        return Seen(letters, keyed.hexdigest())


@lru_cache(maxsize=4096)
def _agent(header: str) -> _Agent:
    agent = header.strip().lower()[:_LONGEST_AGENT]
    name = agent.encode(errors="replace")
    if not agent:
        return _Agent(name, LETTERS[Ground.NO_AGENT], is_proxy=False)
    if agent == _APPLE:
        return _Agent(name, LETTERS[Ground.PRIVACY_PROXY], is_proxy=True)
    for what, word in _AGENTS:
        if word in agent:
            ground = Ground.LIBRARY if what == "library" else Ground.GATEWAY
            letters = "" if what == _PEOPLE else LETTERS[ground]
            return _Agent(name, letters, is_proxy=what == _PEOPLE)
    return _Agent(name, "", is_proxy=False)


@lru_cache(maxsize=4096)
def _network(visitor: str) -> tuple[bytes, str]:
    """The network of an address and the letters of its grounds; both empty for no address."""
    try:
        address = ip_address(visitor)
    except ValueError:
        return b"", ""
    number = int(address)
    shared = number >> (address.max_prefixlen - _WIDTHS[address.version])
    network = b"%d %d" % (address.version, shared)
    firsts, lasts = _NETWORKS[address.version]
    before = bisect_right(firsts, number) - 1
    is_gateway = before >= 0 and number <= lasts[before]
    return network, LETTERS[Ground.NETWORK] if is_gateway else ""


def _rows(name: str) -> Iterator[list[str]]:
    for line in (Path(__file__).parent / "known" / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _known_agents() -> Iterator[tuple[str, str]]:
    for what, word, _ in _rows("agents.tsv"):
        if what not in {_PEOPLE, "gateway", "library"} or word != word.lower():
            raise ValueError(f"agents.tsv: {what} {word}")
        yield what, word


def _known_networks() -> Iterator[IPv4Network | IPv6Network]:
    return (ip_network(network) for network, _ in _rows("networks.tsv"))


def _edges(version: int) -> tuple[list[int], list[int]]:
    """The first and the last address of each known network, as numbers in their order."""
    there = sorted(
        (int(each[0]), int(each[-1])) for each in _known_networks() if each.version == version
    )
    return [first for first, _ in there], [last for _, last in there]


_AGENTS: Final = tuple(_known_agents())
_NETWORKS: Final = {version: _edges(version) for version in _WIDTHS}
