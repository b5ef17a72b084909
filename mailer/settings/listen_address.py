"""The address that the listener listens on: ``HOST:PORT`` for SMTP, ``lmtp:…`` for LMTP.

``lmtp:HOST:PORT`` is a port, ``lmtp:/path/of/socket`` a socket in a folder of this machine.
"""

from dataclasses import dataclass
from typing import Final

_SHAPE: Final = "write HOST:PORT, lmtp:HOST:PORT or lmtp:/path/of/socket"
_LONGEST_PATH: Final = 100  # the system's limit for a socket's path is a little higher


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """A port to listen at, or the path of a socket. Port 0 is any free one, in tests only."""

    host: str = ""
    port: int = 0
    path: str = ""
    lmtp: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Read what an operator wrote; a ValueError ends a sentence that began with the setting."""
        text = text.strip()
        place = text.removeprefix("lmtp:")
        lmtp = place != text
        if place.startswith("/"):
            return _socket(place, lmtp=lmtp)
        host, colon, port = place.rpartition(":")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise ValueError(f"{_SHAPE}, with brackets around an IPv6 address")
        if not colon or not host or not (host.isascii() and host.isprintable()) or " " in host:
            raise ValueError(_SHAPE)
        if not (port.isascii() and port.isdecimal()) or not 0 < int(port[:6]) <= 65535:
            raise ValueError("a port is a number from 1 to 65535")
        if lmtp and int(port) == 25:
            raise ValueError("port 25 is for SMTP, LMTP needs another (RFC 2033 5)")
        return cls(host=host, port=int(port), lmtp=lmtp)


def _socket(path: str, *, lmtp: bool) -> ListenAddress:
    if not lmtp:
        raise ValueError("a socket speaks LMTP, so write lmtp: before its path")
    if len(path.encode()) > _LONGEST_PATH or not path.isprintable() or path.endswith("/"):
        raise ValueError(f"the path of a socket is a file's, of {_LONGEST_PATH} octets at most")
    return ListenAddress(path=path, lmtp=True)
