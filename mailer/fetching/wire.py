"""One HTTP request over one connection, to an address that was judged, within bounds.

The deadline is that of the whole exchange, not of each read, so a server that sends an octet now
and then keeps nobody waiting. No cookies, no credentials, no proxy of the environment.
"""

import io
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from types import MappingProxyType
from typing import Final

from mailer.fetching.guard import Address, Target
from mailer.fetching.refusals import NotFetched, Why

_HEADERS: Final = 64_000  # octets
_CHUNK: Final = 16_384
_LONGEST_VALUE: Final = 300
_CONTEXT: Final = ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How long one exchange may take, and how many octets of a body are taken, also unpacked."""

    seconds: float = 10.0
    octets: int = 1_000_000


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server said. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Deadline:
    """What is left of the time for an exchange."""

    def __init__(self, seconds: float, steady: Callable[[], float]) -> None:
        self._steady, self._end = steady, steady() + seconds

    def left(self) -> float:
        left = self._end - self._steady()
        if left <= 0:
            raise NotFetched(Why.AWAY, "It did not answer in time.")
        return left


class _Bounded(io.RawIOBase):
    """What a socket sends, until the deadline and so many octets at most."""

    def __init__(self, sock: socket.socket, deadline: _Deadline, most: int) -> None:
        self._sock, self._deadline, self.most = sock, deadline, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # the base class has no better type
        if self.most <= 0:
            raise NotFetched(Why.TOO_MUCH, "It answered with more than is taken.")
        self._sock.settimeout(self._deadline.left())
        number = self._sock.recv_into(view[: min(len(view), self.most)])
        self.most -= number
        return number


class _Readable:
    """What the library’s response reads from in place of a socket."""

    def __init__(self, raw: _Bounded) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._raw, _CHUNK)


def exchange(
    method: str,
    target: Target,
    address: Address,
    *,
    agent: str,
    limits: FetchLimits,
    steady: Callable[[], float],
    asked: Mapping[str, str] = MappingProxyType({}),
) -> HttpAnswer:
    """Ask once, with ``asked`` as more headers of the request; NotFetched where there was no answer
    that could be read."""
    deadline = _Deadline(limits.seconds, steady)
    try:
        with _connected(target, address, deadline) as sock:
            sock.settimeout(deadline.left())
            sock.sendall(_request(method, target, agent, asked))
            return _answer(sock, method, deadline, limits)
    except ssl.SSLCertVerificationError:
        raise NotFetched(Why.UNREADABLE, "Its certificate is not valid.") from None
    except (TimeoutError, ConnectionError, OSError) as error:
        sentence = "It did not answer in time." if isinstance(error, TimeoutError) else "No answer."
        raise NotFetched(Why.AWAY, sentence) from None
    except (HTTPException, zlib.error, ValueError):
        raise NotFetched(Why.UNREADABLE, "Its answer could not be read.") from None


def _connected(target: Target, address: Address, deadline: _Deadline) -> socket.socket:
    sock = socket.create_connection((str(address), target.port), timeout=deadline.left())
    if target.scheme == "http":
        return sock
    try:
        sock.settimeout(deadline.left())
        return _CONTEXT.wrap_socket(sock, server_hostname=target.host)
    except BaseException:
        sock.close()
        raise


def _request(method: str, target: Target, agent: str, asked: Mapping[str, str]) -> bytes:
    lines = (
        f"{method} {target.path} HTTP/1.1",
        f"Host: {target.host_header}",
        f"User-Agent: {agent}",
        "Accept: */*",
        "Accept-Encoding: gzip, identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in asked.items() if _is_plain(value)),
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _is_plain(value: str) -> bool:
    """Whether it can stand in a header: what a server said of its last answer is sent back."""
    return value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALUE


def _answer(
    sock: socket.socket, method: str, deadline: _Deadline, limits: FetchLimits
) -> HttpAnswer:
    raw = _Bounded(sock, deadline, _HEADERS)
    response = HTTPResponse(_Readable(raw), method=method)  # type: ignore[arg-type]
    with response:
        response.begin()
        raw.most = limits.octets + _HEADERS  # and what wraps the chunks
        headers = {name.lower(): value for name, value in response.getheaders()}
        unpack = _unpacker(headers)
        body = b""
        while not response.isclosed() and (piece := response.read1(_CHUNK)):
            body += unpack(piece, limits.octets + 1 - len(body))
            if len(body) > limits.octets:
                raise NotFetched(Why.TOO_MUCH, "It answered with more than is taken.")
        return HttpAnswer(response.status, headers, body)


def _unpacker(headers: Mapping[str, str]) -> Callable[[bytes, int], bytes]:
    """Unpacks a piece to so many octets at most, however well it was packed."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed in {"", "identity"}:
        return lambda piece, most: piece[:most]
    if packed not in {"gzip", "x-gzip"}:
        raise NotFetched(Why.UNREADABLE, "Its answer is packed in a way that was not asked for.")
    return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress
