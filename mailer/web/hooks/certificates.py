"""Amazon's signing certificates: fetched from the one host they come from, and kept.

The address has been checked by whoever asks (``receipts.providers.sns``): https, Amazon's own host,
a certificate's path. Nothing else is fetched here, and no redirect is followed.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final, TypeVar
from urllib.request import HTTPRedirectHandler, build_opener

from werkzeug.exceptions import ServiceUnavailable

T = TypeVar("T")

_SECONDS: Final = 5
_LONGEST: Final = 32 * 1024
_KEPT: Final = 8
_LET_BE: Final = 60.0  # seconds


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Certificates:
    """Certificates by address, fetched one at a time: whoever makes addresses up holds one thread.

    What cannot be fetched is a 503: the provider tries again, and this is let be for a while.
    """

    def __init__(self, tell_time: Callable[[], float] = time.monotonic) -> None:
        self._tell_time = tell_time
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._opener = build_opener(_NoRedirects)

    def fetch(self, url: str) -> bytes:
        """The certificate at ``url``, as PEM."""
        with self._lock:
            if url in self._kept:
                return self._kept[url]
            if self._failed.get(url, 0.0) > self._tell_time():
                raise ServiceUnavailable
        if not self._fetching.acquire(blocking=False):
            raise ServiceUnavailable
        try:
            with self._opener.open(url, timeout=_SECONDS) as answer:
                found: bytes = answer.read(_LONGEST)
        except (OSError, HTTPException) as fault:
            self._keep(self._failed, url, self._tell_time() + _LET_BE)
            raise ServiceUnavailable from fault
        finally:
            self._fetching.release()
        self._keep(self._kept, url, found)
        return found

    def _keep(self, where: "OrderedDict[str, T]", url: str, what: T) -> None:
        with self._lock:
            where[url] = what
            while len(where) > _KEPT:
                where.popitem(last=False)
