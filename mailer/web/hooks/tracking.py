"""Pixels and links: answered in front of Flask, since there may be thousands a second.

A hit is appended to the spool and answered; no database is touched on the way. A link leads only
where the campaign's own table of links says (standards for redirects: 302, never cached, no
referrer), and that table is read once per campaign and process.
"""

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from mailer.composition.parts import UNSEEN_LINK
from mailer.receipts.tracking.machines import HeaderValues, Machines
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
_NOTHING: Final = b"Nothing is behind this link. It is there for machines that follow every link."
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


class _Asking(NamedTuple):
    """Who asks, and how."""

    method: str
    headers: HeaderValues
    visitor: str


class Tracking:
    """A WSGI application: ``/o/<token>.gif`` and ``/c/<token>/<number>``, and ``app`` behind it."""

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        tokens: Tokens,
        spool: SpoolWriter,
        links: Links,
        machines: Machines,
    ) -> None:
        self._app = app
        self._machines = machines
        self._tokens = tokens
        self._spool = spool
        self._links = links

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        answer = None
        if path.startswith(PATHS):
            headers, visitor = _headers_of(environ), environ.get("REMOTE_ADDR", "")
            answer = self._answer(path, _Asking(method, headers, visitor), self._links.url)
        if answer is None:
            return self._app(environ, start_response)
        status = HTTPStatus(answer.status)
        start_response(f"{status} {status.phrase}", answer.headers)
        return [answer.body]

    def at_once(
        self, path: str, method: str, headers: HeaderValues, visitor: str
    ) -> TrackingAnswer | None:
        """The answer, where it takes no database; None for what the WSGI application answers.

        ``path`` is one that begins like one of ``PATHS``, ``visitor`` an address of IP.
        """
        return self._answer(path, _Asking(method, headers, visitor), self._kept_url)

    def _kept_url(self, campaign_id: int, number: int) -> str | None:
        if not self._links.kept(campaign_id):
            raise _TakesLonger
        return self._links.url(campaign_id, number)

    def _answer(
        self,
        path: str,
        asking: _Asking,
        url_of: Callable[[int, int], str | None],
    ) -> TrackingAnswer | None:
        if asking.method not in {"GET", "HEAD"}:
            return None
        if path.startswith(_PICTURE):
            return self._picture(path, asking)
        try:
            return self._lead_on(path, asking, url_of)
        except _TakesLonger:
            return None
        except LookupError:
            return _plain(503, _TRY_AGAIN, asking.method)

    def _picture(self, path: str, asking: _Asking) -> TrackingAnswer:
        # The same picture whatever the token, so that nobody learns which ones are real.
        token = path[3:-4] if path.endswith(".gif") else ""
        ids = self._tokens.open(Purpose.TRACK, token)
        if ids is not None:
            self._note(token, ids[1], 0, asking)
        return TrackingAnswer(200, _PIXEL_HEADERS, PIXEL if asking.method == "GET" else b"")

    def _lead_on(
        self, path: str, asking: _Asking, url_of: Callable[[int, int], str | None]
    ) -> TrackingAnswer:
        token, _, digits = path[3:].partition("/")
        ids = self._tokens.open(Purpose.TRACK, token)
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
        if ids is None or not number:
            return _plain(404, _NOT_HERE, asking.method)
        url = url_of(ids[1], number) if number != UNSEEN_LINK else ""
        if url is None:
            return _plain(404, _NOT_HERE, asking.method)
        self._note(token, ids[1], number, asking)
        if not url:
            return _plain(200, _NOTHING, asking.method)
        return TrackingAnswer(302, [("Location", url), ("Content-Length", "0"), *_QUIET], b"")

    def _note(self, token: str, campaign_id: int, link: int, asking: _Asking) -> None:
        seen = self._machines.look(asking.method, asking.headers, asking.visitor, campaign_id)
        now = time.time_ns() // 1_000_000
        self._spool.append(Hit(now, token, link, seen.letters, seen.source))


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
