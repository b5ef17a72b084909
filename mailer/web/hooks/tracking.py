"""Pixels and links: a bare WSGI function in front of Flask, since it answers thousands a second.

A hit is appended to the spool and answered; no database is touched on the way. A link leads only
where the campaign's own table of links says (standards for redirects: 302, never cached, no
referrer), and that table is read once per campaign and process.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Protocol

from mailer.receipts.tracking.machines import is_automatic
from mailer.receipts.tracking.spool import Hit, SpoolWriter
from mailer.security.tokens import Purpose, Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The smallest picture there is: a transparent GIF of one pixel, 43 octets.
PIXEL: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_QUIET: Final = [
    ("Cache-Control", "no-store, private, max-age=0"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex"),
    ("X-Content-Type-Options", "nosniff"),
]
_PIXEL_HEADERS: Final = [
    ("Content-Type", "image/gif"),
    ("Content-Length", str(len(PIXEL))),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    *_QUIET,
]
_NOT_HERE: Final = b"This link is not one of ours, or it has been changed on its way."
_TRY_AGAIN: Final = b"This link cannot be looked up just now. Please try again in a minute."


class Links(Protocol):
    """Where a campaign's links lead."""

    def url(self, campaign_id: int, number: int) -> str | None:
        """The address, None for no such link; LookupError when it cannot be found out now."""
        ...


def tracking(
    app: "WSGIApplication", *, tokens: Tokens, spool: SpoolWriter, links: Links
) -> "WSGIApplication":
    """``app`` with ``/o/<token>.gif`` and ``/c/<token>/<number>`` answered before it."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        method: str = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            return app(environ, start_response)
        if path.startswith("/o/"):
            # The same picture whatever the token, so that nobody learns which ones are real.
            if method == "GET" and path.endswith(".gif"):
                _spool(spool, path[3:-4], 0, environ)
            start_response("200 OK", list(_PIXEL_HEADERS))
            return [PIXEL] if method == "GET" else []
        if path.startswith("/c/"):
            return _click(path[3:], method, environ, start_response)
        return app(environ, start_response)

    def _click(
        rest: str,
        method: str,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        token, _, digits = rest.partition("/")
        ids = tokens.open(Purpose.TRACK, token)
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
        if ids is None or not number:
            return _plain(start_response, "404 Not Found", _NOT_HERE, method)
        try:
            url = links.url(ids[1], number)
        except LookupError:
            return _plain(start_response, "503 Service Unavailable", _TRY_AGAIN, method)
        if url is None:
            return _plain(start_response, "404 Not Found", _NOT_HERE, method)
        if method == "GET":
            _spool(spool, token, number, environ)
        start_response("302 Found", [("Location", url), ("Content-Length", "0"), *_QUIET])
        return []

    return answer


def _spool(spool: SpoolWriter, token: str, link: int, environ: dict[str, Any]) -> None:
    if len(token) == 32 and token.isascii() and " " not in token and "\n" not in token:
        spool.append(Hit(time.time_ns() // 1_000_000, token, link, is_automatic(environ)))


def _plain(
    start_response: Callable[..., Any], status: str, body: bytes, method: str
) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        *_QUIET,
    ]
    start_response(status, headers)
    return [body] if method == "GET" else []
