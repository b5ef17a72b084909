"""Where mail is handed over: one relay's address, as an operator writes it in ``SMTP_URL``.

``smtp[s]://user:password@host:port?starttls=required|opportunistic|none&verify=yes|no&ca=FILE``

Defaults never send a secret in clear:

* ``smtps`` is TLS from the first octet, port 465 (RFC 8314 3.3).
* ``smtp`` to a loopback host asks for no TLS, port 25.
* ``smtp`` to any other host uses STARTTLS when it is offered. It is required on port 587 and
  wherever there are credentials; then a relay that does not offer it is refused.
* Certificates are verified, except under opportunistic TLS: an attacker who can forge one there can
  also strip the offer (RFC 7435 3). ``verify`` overrides either.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mailer.settings.hosts import is_loopback

_SHAPE: Final = "smtp://user:password@host:port or smtps://…"


class TlsMode(StrEnum):
    """When a connection turns to TLS."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"  # STARTTLS when it is offered
    STARTTLS = "starttls"  # STARTTLS or nothing
    IMPLICIT = "implicit"  # from the first octet


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """A relay that can be connected to; neither ``repr`` nor ``str`` shows the password."""

    host: str
    port: int
    tls: TlsMode = TlsMode.NONE
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    verify: bool = True
    ca: str | None = None  # a file of certificates to trust instead of the system's

    @property
    def loopback(self) -> bool:
        """Whether mail stays on this machine until the relay has it."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> "RelayAddress":
        """Read what an operator wrote; a ValueError ends a sentence that began with the setting.

        No sentence repeats any of it, for there is a password in it.
        """
        parts, port = _split(url)
        options = _options(parts.query)
        username, password = _credentials(parts)
        host = parts.hostname or ""
        tls = _mode(parts.scheme, host, port, options.get("starttls"), username is not None)
        verify = options.get("verify", "no" if tls is TlsMode.OPPORTUNISTIC else "yes")
        return cls(
            host=host,
            port=port or (465 if tls is TlsMode.IMPLICIT else 25),
            tls=tls,
            username=username,
            password=password,
            verify=verify == "yes",
            ca=options.get("ca"),
        )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise ValueError(
            "its host or port cannot be read; a port is a number from 1 to 65535"
        ) from None
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(f"begin with smtp:// or smtps://, like {_SHAPE}")
    host = parts.hostname or ""
    if not host.isascii() or not host.isprintable() or not host or " " in host:
        raise ValueError(f"it names no host that can be used; write {_SHAPE}")
    if port == 0:
        raise ValueError("a port is a number from 1 to 65535, not 0")
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("there is something behind the host; percent-encode / # ? in the password")
    return parts, port


def _options(query: str) -> dict[str, str]:
    known = {
        "starttls": {"required", "opportunistic", "none"},
        "verify": {"yes", "no"},
        "ca": None,
    }
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in options.items():
        if name not in known:
            raise ValueError("the options behind the ? are starttls=…, verify=… and ca=FILE")
        allowed = known[name]
        if allowed is not None and value not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(sorted(allowed))}")
    if "ca" in options and not Path(options["ca"]).is_file():
        raise ValueError("the file named by ca is not there")
    return options


def _credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    if not parts.username and not parts.password:
        return None, None
    if not parts.username or parts.password is None:
        raise ValueError("it needs both a user and a password, or neither")
    username, password = unquote(parts.username), unquote(parts.password)
    if "\0" in username + password:
        raise ValueError("there is a null character in the user or the password")
    return username, password


def _mode(scheme: str, host: str, port: int | None, starttls: str | None, secret: bool) -> TlsMode:
    if scheme == "smtps":
        if starttls is not None:
            raise ValueError("starttls goes with smtp://, since smtps:// is always TLS")
        return TlsMode.IMPLICIT
    if starttls == "none":
        if secret and not is_loopback(host):
            raise ValueError("the password would travel in clear; leave out starttls=none")
        return TlsMode.NONE
    if starttls == "required" or (starttls == "opportunistic" and secret):
        return TlsMode.STARTTLS
    if starttls == "opportunistic":
        return TlsMode.OPPORTUNISTIC
    if is_loopback(host):
        return TlsMode.NONE
    return TlsMode.STARTTLS if secret or port == 587 else TlsMode.OPPORTUNISTIC
