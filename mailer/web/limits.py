"""RateLimits: how often somebody may try, and never in the way of a credential that is good.

Three kinds, each a 429 with the true wait. ``visits`` bounds how often one visitor uses a form.
``guessed`` counts wrong credentials of a visitor: a link, a token, a secret that is nobody's.
``used`` bounds how often one good credential is shown, by whomever. A visitor is an address, or the
network that one household has of IPv6; ``TRUSTED_PROXIES`` lets one be told from another.

Counts are kept on Redis, or in the process where there is none; also while Redis is away.
"""

import functools
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final, NoReturn, TypeVar

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

View = TypeVar("View", bound=Callable[..., Any])
log = structlog.get_logger(__name__)

_GUESSES: Final = "20/minute;200/hour"
_USES: Final = "60/minute;600/hour"
_ANSWERS_WITHIN: Final = 0.5  # seconds: somebody waits to unsubscribe
_LET_BE: Final = 10.0  # seconds that a storage which did not answer is not asked again
_HOUSEHOLD: Final = 64  # bits of an IPv6 address that one customer of a provider has


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts that are counted together: so many, by this name, of these subjects."""

    name: str
    bound: str  # "20/minute;200/hour"

    @property
    def items(self) -> list[RateLimitItem]:
        return parse_many(self.bound)


class RateLimits:
    """Counts attempts; where the storage is away, by itself, and asks it again after a while."""

    def __init__(
        self, storage: Storage, *, tell_time: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept = FixedWindowRateLimiter(storage)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._tell_time = tell_time
        self._ask_again_at = tell_time()

    def count(self, attempts: Attempts, *subjects: str) -> float:
        """Count one; the seconds to wait if that was one too many, else 0."""
        return self._wait(attempts, subjects, lambda kept, item, keys: kept.hit(item, *keys))

    def look(self, attempts: Attempts, *subjects: str) -> float:
        """The same without counting one."""
        return self._wait(attempts, subjects, lambda kept, item, keys: kept.test(item, *keys))

    def _wait(
        self,
        attempts: Attempts,
        subjects: tuple[str, ...],
        ask: Callable[[FixedWindowRateLimiter, RateLimitItem, list[str]], bool],
    ) -> float:
        # Digests: addresses of people and of machines are nobody's business in a storage.
        keys = [attempts.name, *(hashlib.sha256(each.encode()).hexdigest() for each in subjects)]
        if self._tell_time() >= self._ask_again_at:
            try:
                return _longest_wait(self._kept, attempts, keys, ask)
            except StorageError as fault:
                self._ask_again_at = self._tell_time() + _LET_BE
                log.warning(
                    "limits are counted in this process", why=type(fault.storage_error).__name__
                )
        return _longest_wait(self._own, attempts, keys, ask)


def set_up(app: Flask, *, storage_url: str) -> None:
    """Count the attempts of this application."""
    app.extensions["limits"] = RateLimits(storage_at(storage_url))


def storage_at(url: str) -> Storage:
    """Where attempts are counted; one that does not answer at once counts as away."""
    waits: dict[str, float | str] = {}
    if not url.startswith("memory:"):
        waits = {"socket_timeout": _ANSWERS_WITHIN, "socket_connect_timeout": _ANSWERS_WITHIN}
    found = storage_from_string(url, wrap_exceptions=True, **waits)
    assert isinstance(found, Storage)
    return found


def visits(bound: str) -> Callable[[View], View]:
    """Let one visitor send this form so often, counting every time."""

    def limit(view: View) -> View:
        attempts = Attempts(f"visits of {view.__module__}.{view.__name__}", bound)

        @functools.wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            if wait := limits().count(attempts, visitor()):
                refuse(wait)
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]  # it has the view's shape

    return limit


def guessed(what: str) -> None:
    """Count a wrong credential of this visitor; the request ends when there were too many."""
    if wait := count_guess(what):
        refuse(wait)


def count_guess(what: str) -> float:
    """Count a wrong credential of this visitor; the seconds to wait when there were too many."""
    return limits().count(Attempts(f"guesses of {what}", _GUESSES), visitor())


def used(what: str, credential: str) -> None:
    """Count a use of a good credential; the request ends when there were too many."""
    if wait := limits().count(Attempts(f"uses of {what}", _USES), credential):
        refuse(wait)


def refuse(wait: float) -> NoReturn:
    """End the request with a 429 that says how long to wait."""
    raise TooManyRequests(retry_after=max(1, math.ceil(wait)))


def in_words(seconds: float) -> str:
    """A wait as a person says it, never shorter than it is: "40 seconds", "3 minutes"."""
    if seconds < 100:
        return "1 second" if seconds <= 1 else f"{math.ceil(seconds)} seconds"
    if seconds < 100 * 60:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 3600)} hours"


def limits() -> RateLimits:
    """The counts of this application."""
    found: RateLimits = current_app.extensions["limits"]
    return found


def visitor() -> str:
    """Who is asking, as far as limits can tell people apart."""
    return visitor_at(request.remote_addr or "")


def visitor_at(remote_address: str) -> str:
    """The visitor who comes from this address."""
    try:
        address = ip_address(remote_address)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _HOUSEHOLD), strict=False))
    return str(address)


def _longest_wait(
    limiter: FixedWindowRateLimiter,
    attempts: Attempts,
    keys: list[str],
    ask: Callable[[FixedWindowRateLimiter, RateLimitItem, list[str]], bool],
) -> float:
    over = [item for item in attempts.items if not ask(limiter, item, keys)]
    ends = [limiter.get_window_stats(item, *keys).reset_time for item in over]
    return max((max(1.0, end - time.time()) for end in ends), default=0.0)
