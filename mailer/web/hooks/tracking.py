"""Pixels and links: answered in front of Flask, since there may be thousands a second.

A hit is appended to the spool and answered; no database is touched on the way. A link leads only
where the campaign's own table of links says (standards for redirects: 302, never cached, no
referrer), and that table is read once per campaign and process.
"""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from mailer.receipts.tracking.machines import HeaderValues, is_automatic
from mailer.receipts.tracking.spool import Hit, SpoolWriter
from mailer.security.tokens import Purpose, Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PICTURE: Final = "/o/"
PATHS: Final = (_PICTURE, "/c/")
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

    def kept(self, campaign_id: int) -> bool:
        """Whether ``url`` answers about this campaign at once, without a database."""
        ...


class TrackingAnswer(NamedTuple):
    """A whole answer of HTTP."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Tracking:
    """A WSGI application: ``/o/<token>.gif`` and ``/c/<token>/<number>``, and ``app`` behind it."""

    def __init__(
        self, app: "WSGIApplication", *, tokens: Tokens, spool: SpoolWriter, links: Links
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._spool = spool
        self._links = links

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        answer = None
        if path.startswith(PATHS):
            answer = self._answer(path, method, _headers_of(environ), self._links.url)
        if answer is None:
            return self._app(environ, start_response)
        status = HTTPStatus(answer.status)
        start_response(f"{status} {status.phrase}", answer.headers)
        return [answer.body]

    def at_once(self, path: str, method: str, headers: HeaderValues) -> TrackingAnswer | None:
        """The answer, where it takes no database; None for what the WSGI application answers.

        ``path`` is one that begins like one of ``PATHS``.
        """
        return self._answer(path, method, headers, self._kept_url)

    def _kept_url(self, campaign_id: int, number: int) -> str | None:
        if not self._links.kept(campaign_id):
            raise _TakesLonger
        return self._links.url(campaign_id, number)

    def _answer(
        self,
        path: str,
        method: str,
        headers: HeaderValues,
        url_of: Callable[[int, int], str | None],
    ) -> TrackingAnswer | None:
        if method not in {"GET", "HEAD"}:
            return None
        if path.startswith(_PICTURE):
            # The same picture whatever the token, so that nobody learns which ones are real.
            if method == "GET" and path.endswith(".gif"):
                token = path[3:-4]
                if self._tokens.open(Purpose.TRACK, token):
                    self._note(token, 0, headers)
            return TrackingAnswer(200, _PIXEL_HEADERS, PIXEL if method == "GET" else b"")
        try:
            url = self._url(path[3:], url_of)
        except _TakesLonger:
            return None
        except LookupError:
            return _plain(503, _TRY_AGAIN, method)
        if url is None:
            return _plain(404, _NOT_HERE, method)
        if method == "GET":
            token, _, number = path[3:].partition("/")
            self._note(token, int(number), headers)
        return TrackingAnswer(302, [("Location", url), ("Content-Length", "0"), *_QUIET], b"")

    def _url(self, reference: str, url_of: Callable[[int, int], str | None]) -> str | None:
        token, _, digits = reference.partition("/")
        ids = self._tokens.open(Purpose.TRACK, token)
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
        return url_of(ids[1], number) if ids is not None and number else None

    def _note(self, token: str, link: int, headers: HeaderValues) -> None:
        self._spool.append(Hit(time.time_ns() // 1_000_000, token, link, is_automatic(headers)))


class _TakesLonger(Exception):
    """It cannot be answered at once."""


def _headers_of(environ: "WSGIEnvironment") -> dict[str, str]:
    return {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _plain(status: int, body: bytes, method: str) -> TrackingAnswer:
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        *_QUIET,
    ]
    return TrackingAnswer(status, headers, body if method == "GET" else b"")
