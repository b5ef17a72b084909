"""The gateway: granian's requests to the application's, which one of a few threads then answers.

A thread is taken when the whole body is here and given back when the whole answer is made, so no
client can keep one by sending or reading slowly.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, Protocol

import structlog

from mailer.settings.hosts import Networks
from mailer.web.front.bodies import Allowance, Bodies, BodyRefused
from mailer.web.front.environ import (
    REFUSED,
    RequestHeaders,
    RequestScope,
    environ_of,
    visitor_of,
)
from mailer.web.front.sockets import limit_unread

log = structlog.get_logger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = tuple[int, list[tuple[str, str]], bytes]
AtOnce = Callable[[str, str, RequestHeaders, str], Answer | None]  # path, method, ..., visitor
Allowed = Callable[[dict[str, Any]], Allowance]

_THREADS: Final = 8
_FAULT: Final = b"Something went wrong, and it has been noted.\n"
_PLAIN: Final = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
_CLOSE: Final = ("Connection", "close")  # what is left of a body must not look like a request


class HttpExchange(AsyncIterable[bytes], Protocol):
    """One exchange: the body to read, and the answer to give."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


class Gateway:
    """Takes requests in and has ``application`` answer them, in a thread.

    ``at_once`` is asked first about paths that begin like ``quick``; it must not wait for anything.
    ``allowed`` says what a request may bring whose body is not small; larger ones lie in ``folder``
    meanwhile. ``trusted`` are the proxies that are believed about the visitor.
    """

    def __init__(
        self,
        application: Application,
        *,
        quick: tuple[str, ...],
        at_once: AtOnce,
        allowed: Allowed,
        folder: Path,
        trusted: Networks,
        bodies: Bodies | None = None,
        threads: int = _THREADS,
    ) -> None:
        self._application = application
        self._quick = quick
        self._at_once = at_once
        self._allowed = allowed
        self._trusted = trusted
        self._folder = folder
        self._bodies = bodies
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="web")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called once, before granian listens."""
        loop.call_later(0, limit_unread, loop)

    async def __rsgi__(self, scope: RequestScope, exchange: HttpExchange) -> None:
        """Answer one request."""
        if scope.path.startswith(self._quick):
            visitor = visitor_of(scope, self._trusted)
            answer = self._at_once(scope.path, scope.method, scope.headers, visitor)
            if answer is not None:
                exchange.response_bytes(*answer)
                return
        body, refused = await self._taken(scope, exchange)
        environ = environ_of(scope, body, trusted=self._trusted)
        if refused:
            environ[REFUSED] = refused
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(
            self._threads, _answer, self._application, environ
        )
        exchange.response_bytes(status, [*headers, _CLOSE] if refused else headers, content)

    async def _taken(self, scope: RequestScope, exchange: HttpExchange) -> tuple[IO[bytes], int]:
        """The body, and 0, or an empty one and the status that says why it was not taken."""
        try:
            return await self._body_of(scope, exchange), 0
        except BodyRefused as refused:
            return BytesIO(), refused.status
        except OSError as fault:
            log.warning("a body could not be kept", why=fault.strerror)
            return BytesIO(), 507

    async def _body_of(self, scope: RequestScope, exchange: HttpExchange) -> IO[bytes]:
        headers = dict(scope.headers.items())
        declared = headers.get("content-length")
        if declared is None and "transfer-encoding" not in headers:
            return BytesIO()
        if self._bodies is None:  # it belongs to the loop that it was made in
            self._bodies = Bodies(self._folder)

        async def allow() -> Allowance:
            environ = environ_of(scope, BytesIO(), trusted=self._trusted)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._allowed, environ)

        return await self._bodies.read(
            exchange,
            declared=int(declared) if declared is not None else None,
            waits=headers.get("expect", "").lower() == "100-continue",
            allow=allow,
        )


def _answer(application: Application, environ: dict[str, Any]) -> Answer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        begun[:] = [(status, headers)]
        return _no_write

    pieces: Iterable[bytes] = ()
    try:
        pieces = application(environ, start_response)
        body = b"".join(pieces)
        status, headers = begun[0]
        return int(status[:3]), headers, body
    except Exception:  # whatever it is, the client is owed an answer and the thread is needed
        log.exception("a request met a fault of ours")
        return 500, _PLAIN, _FAULT
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
        environ["wsgi.input"].close()


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("answers are given as iterables")
