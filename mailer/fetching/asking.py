"""What becomes of asking for an address: fetched, or asked whether it works."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin, urlsplit

from mailer.fetching.guard import Address, Guard, Target
from mailer.fetching.refusals import NotFetched, Why
from mailer.fetching.wire import FetchLimits, HttpAnswer, exchange

AGENT: Final = "Circular-link-check/1.0 (newsletter mailer; asks once an hour at most)"
_REDIRECTS: Final = 5
_ADDRESSES: Final = 2  # of one name
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
# Sites that keep programs out, and those that are away, say nothing of what people would see.
_BLOCKED: Final = frozenset({401, 403, 405, 406, 407, 408, 418, 425, 429, 451, 501, 502, 503, 504})
_RESERVED: Final = ("example", "test", "invalid", "localhost", "local", "internal", "onion")


class Answered(StrEnum):
    """What is known of an address."""

    FINE = "fine"
    BROKEN = "broken"
    BLOCKED = "blocked"  # whoever is there does not talk to programs, or not now
    LATER = "later"  # there was no more time for it
    NOT_ASKED = "not asked"  # no site can be there, such as in examples; or not by this program


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """What came of asking; ``sentence`` is such as “404 Page not found.”"""

    answered: Answered
    status: int | None
    sentence: str


@dataclass(slots=True)
class AskingAllowance:
    """How much of one run is left: requests in all, and of each host."""

    requests: int = 200
    of_a_host: int = 20
    _asked: Counter[str] = field(default_factory=Counter)

    def take(self, host: str) -> None:
        """Count a request; NotFetched when there were enough."""
        self._asked[host] += 1
        if self._asked.total() > self.requests or self._asked[host] > self.of_a_host:
            raise NotFetched(Why.LATER, "Enough was asked for now: the next check goes on.")


def resolve(host: str, port: int, *, seconds: float) -> Sequence[str]:
    """The addresses of a name. The system’s resolver has no deadline, so it is not waited for."""
    found: list[str] = []
    wrong: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(row[4][0]) for row in rows)
        except OSError as error:
            wrong.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if found and not asking.is_alive():
        return list(dict.fromkeys(found))
    if wrong and getattr(wrong[0], "errno", None) in {socket.EAI_NONAME, socket.EAI_NODATA}:
        raise NotFetched(Why.NO_SUCH_NAME, f"There is no site called {host[:80]}.")
    raise NotFetched(Why.AWAY, "DNS does not answer.")


@dataclass(frozen=True, slots=True)
class AddressFetcher:
    """The one way out. Each hop of a redirect is judged like the first."""

    guard: Guard = field(default_factory=Guard)
    limits: FetchLimits = field(default_factory=FetchLimits)
    agent: str = AGENT
    names: Callable[..., Sequence[str]] = resolve
    steady: Callable[[], float] = time.monotonic

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        allowance: AskingAllowance | None = None,
        asked: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpAnswer:
        """The answer at the end of at most five redirects; the time bounds all of them. ``asked``
        are more headers of the request."""
        end = self.steady() + self.limits.seconds
        for _ in range(_REDIRECTS + 1):
            target = self.guard.target(url)
            if allowance is not None:
                allowance.take(target.host)
            left = end - self.steady()
            if left <= 0:
                raise NotFetched(Why.AWAY, "It did not answer in time.")
            found = self.guard.public(self.names(target.host, target.port, seconds=left))
            answer = self._first_answer(method, target, found, end, asked)
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"].strip())
        raise NotFetched(Why.TOO_MUCH, "It leads from one address to the next without end.")

    def _first_answer(
        self,
        method: str,
        target: Target,
        found: Sequence[Address],
        end: float,
        asked: Mapping[str, str],
    ) -> HttpAnswer:
        """From the first address, or the second where nobody is at home at the first."""
        *others, last = sorted(found, key=lambda each: each.version)[:_ADDRESSES]
        for address in (*others, last):
            limits = FetchLimits(max(0.01, end - self.steady()), self.limits.octets)
            try:
                return exchange(
                    *(method, target, address),
                    agent=self.agent,
                    limits=limits,
                    steady=self.steady,
                    asked=asked,
                )
            except NotFetched as refusal:
                if refusal.why is not Why.AWAY or address is last:
                    raise
        raise AssertionError("a name without addresses was resolved")

    def ask(self, url: str, *, allowance: AskingAllowance | None = None) -> AddressAnswer:
        """Whether an address works: HEAD, and GET where a site does not know that."""
        if _is_reserved(url):
            return AddressAnswer(Answered.NOT_ASKED, None, "No site can have this name.")
        try:
            status = self.fetch(url, method="HEAD", allowance=allowance).status
            if status >= HTTPStatus.BAD_REQUEST:
                status = self._got(url, allowance)
        except NotFetched as refusal:
            return AddressAnswer(_MEANING[refusal.why], None, str(refusal))
        return AddressAnswer(_meaning(status), status, _words(status))

    def _got(self, url: str, allowance: AskingAllowance | None) -> int:
        try:
            return self.fetch(url, allowance=allowance).status
        except NotFetched as refusal:
            if refusal.why is Why.TOO_MUCH:  # there is a page, and more of it than is needed
                return HTTPStatus.OK
            raise


_MEANING: Final = {
    Why.REFUSED: Answered.NOT_ASKED,
    Why.NO_SUCH_NAME: Answered.BROKEN,
    Why.AWAY: Answered.BLOCKED,
    Why.TOO_MUCH: Answered.BLOCKED,
    Why.LATER: Answered.LATER,
    Why.UNREADABLE: Answered.BLOCKED,
}


def _meaning(status: int) -> Answered:
    if status < HTTPStatus.BAD_REQUEST:
        return Answered.FINE
    if status in _BLOCKED or status > HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return Answered.BLOCKED
    return Answered.BROKEN


def _words(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "404 Page not found."
    try:
        return f"{status} {HTTPStatus(status).phrase}."
    except ValueError:
        return f"{status}."


def _is_reserved(url: str) -> bool:
    """Names that nobody can register (RFC 2606, 6761, 6762, 7686)."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    return host.rpartition(".")[2] in _RESERVED
