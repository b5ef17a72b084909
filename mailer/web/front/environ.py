"""What a request says of itself, as WSGI has it (PEP 3333), and who is believed about the visitor.

A proxy puts the visitor's address into ``X-Forwarded-For`` and ``X-Forwarded-Proto``. Everybody can
write these headers, so they count only from an address that TRUSTED_PROXIES names; from anybody
else they are not seen.
"""

import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import IO, Any, Final, Protocol

from mailer.settings.hosts import Networks

REFUSED: Final = "circular.refused"  # in the environ: why it is not served, as HTTP's number
PROXIED: Final = "circular.proxied"  # in the environ: some header says that a proxy stands between
_FORWARDING: Final = {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "via"}
_NOT_HTTP: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# RFC 9112 section 3.2: what is no host is answered with 400, and here it reaches no library.
_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,20}\.?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
)


class RequestHeaders(Protocol):
    """The headers of a request: lower-case names, in their order, some more than once."""

    def items(self) -> Iterable[tuple[str, str]]: ...

    def get(self, name: str, default: str, /) -> str: ...


class RequestScope(Protocol):
    """A request without its body, as granian gives it."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    headers: RequestHeaders


def environ_of(scope: RequestScope, body: IO[bytes], *, trusted: Networks) -> dict[str, Any]:
    """The environ of a request whose body has come."""
    fields: dict[str, list[str]] = {}
    for name, value in scope.headers.items():
        fields.setdefault(name, []).append(value)
    peer = _host(scope.client)
    believed = _is_in(peer, trusted)
    visitor = visitor_of(scope, trusted)
    scheme = scope.scheme
    if believed and (said := fields.get("x-forwarded-proto")):
        scheme = "https" if said[-1].rpartition(",")[2].strip().lower() == "https" else "http"
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": visitor,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,  # it is whole: its end is the body's end
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        PROXIED: not _FORWARDING.isdisjoint(fields),
    }
    for name, values in fields.items():
        # With "-" and "_" folded into one, a stranger's X_Forwarded_For would look like a proxy's.
        if "_" in name or name in _FORWARDING or name == "transfer-encoding":
            continue
        key = _NOT_HTTP.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = ("; " if name == "cookie" else ",").join(values)
    if "HTTP_HOST" in environ and not _HOST.fullmatch(environ["HTTP_HOST"]):
        del environ["HTTP_HOST"]
        environ[REFUSED] = 400
    return environ


def visitor_of(scope: RequestScope, trusted: Networks) -> str:
    """The address of the visitor, an empty text where there is none."""
    peer = _host(scope.client)
    if not _is_in(peer, trusted):
        return peer
    forwarded = [value for name, value in scope.headers.items() if name == "x-forwarded-for"]
    return _visitor(peer, forwarded, trusted)


def _visitor(peer: str, forwarded: list[str], trusted: Networks) -> str:
    # From the right: each proxy adds who spoke to it, and the first that is not ours is the last
    # whose word was written by one of ours.
    visitor = peer
    for word in reversed(",".join(forwarded).split(",")):
        address = _host(word.strip())
        if not address:
            return visitor
        visitor = address
        if not _is_in(address, trusted):
            return visitor
    return visitor


def _host(address: str) -> str:
    """The address without a port: "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1"."""
    if address.startswith("["):
        return _plain(address[1:].partition("]")[0])
    if address.count(":") == 1:
        return _plain(address.partition(":")[0])
    return _plain(address)


@lru_cache(maxsize=1024)
def _plain(address: str) -> str:
    # One that came to a socket of both families looks like ::ffff:192.0.2.1.
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def _is_in(address: str, networks: Networks) -> bool:
    return bool(address) and any(ip_address(address) in each for each in networks)
