"""Amazon's signing certificates: fetched from the one host they come from, and kept.

The address has been checked by whoever asks (``receipts.providers.sns``): https, Amazon's own host,
a certificate's path. Nothing else is fetched here, and no redirect is followed.
"""

import threading
from collections import OrderedDict
from typing import Any, Final
from urllib.request import HTTPRedirectHandler, build_opener

_SECONDS: Final = 5
_LONGEST: Final = 32 * 1024
_KEPT: Final = 8


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Certificates:
    """Certificates by address. Errors of the network are the caller's: the provider tries again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self._opener = build_opener(_NoRedirects)

    def fetch(self, url: str) -> bytes:
        """The certificate at ``url``, as PEM."""
        with self._lock:
            if url in self._kept:
                return self._kept[url]
        with self._opener.open(url, timeout=_SECONDS) as answer:
            found: bytes = answer.read(_LONGEST)
        with self._lock:
            self._kept[url] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found
