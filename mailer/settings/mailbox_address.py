"""The mailbox that bounces come back to, as an operator writes it in ``BOUNCE_MAILBOX``.

``imaps://user:password@host:port/Folder?ca=FILE`` is TLS from the first octet, port 993 (RFC 8314
3.2). ``imap://`` turns to TLS by STARTTLS, port 143, and never sends a password without it: only a
server on this machine may be spoken to in clear, unless ``starttls=required``. The certificate is
always verified; ``ca`` names a file of authorities to trust instead of the system's.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mailer.settings.hosts import is_loopback

_SHAPE: Final = "imaps://user:password@host:port/Folder"
_INBOX: Final = ("INBOX",)


class Security(StrEnum):
    """When a connection turns to TLS."""

    CLEAR = "clear"  # to this machine only
    STARTTLS = "starttls"  # STARTTLS or nothing
    TLS = "tls"  # from the first octet


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """A folder on an IMAP server; neither ``repr`` nor ``str`` shows whose it is.

    ``folder`` is its name level by level, since only the server knows what it writes between them.
    """

    host: str
    port: int
    security: Security
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: tuple[str, ...] = _INBOX
    ca: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def key(self) -> str:
        """16 hexadecimal characters that tell this mailbox from any other."""
        identity = "\0".join((self.host, str(self.port), self.user, *self.folder))
        return sha256(identity.encode()).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> "MailboxAddress":
        """Read what an operator wrote; a ValueError ends a sentence that began with the setting.

        No sentence repeats any of it, for there is a password in it.
        """
        parts, port = _split(text.strip())
        options = _options(parts.query)
        host = parts.hostname or ""
        security = _security(parts.scheme, host, options)
        return cls(
            host=host,
            port=port or (993 if security is Security.TLS else 143),
            security=security,
            user=_plain(parts.username or "", "user"),
            password=_plain(parts.password or "", "password"),
            folder=_folder(parts.path),
            ca=options.get("ca"),
        )


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(
            f"write {_SHAPE} and percent-encode / ? # @ : [ ] in the user and the password"
        ) from None
    host = parts.hostname or ""
    if parts.scheme not in {"imaps", "imap"} or not host or port == 0:
        raise ValueError(f"write {_SHAPE}")
    if not (host.isascii() and host.isprintable()) or " " in host:
        raise ValueError("it names no host that can be used")
    if parts.fragment:
        raise ValueError("percent-encode # in the user, the password and the folder")
    if not parts.username or not parts.password:
        raise ValueError("it needs a user and a password")
    return parts, port


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if (
        not options.keys() <= {"ca", "starttls"}
        or options.get("starttls", "required") != "required"
    ):
        raise ValueError("the options behind the ? are ca=FILE and starttls=required")
    if "ca" in options and not Path(options["ca"]).is_file():
        raise ValueError("the file named by ca is not there")
    return options


def _security(scheme: str, host: str, options: dict[str, str]) -> Security:
    if scheme == "imaps":
        if "starttls" in options:
            raise ValueError("starttls goes with imap://, since imaps:// is always TLS")
        return Security.TLS
    return (
        Security.CLEAR if is_loopback(host) and not options.get("starttls") else Security.STARTTLS
    )


def _plain(written: str, what: str) -> str:
    try:
        value = unquote(written, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"the {what} is no UTF-8 behind its percent signs") from None
    if any(character in value for character in "\r\n\0"):
        raise ValueError(f"the {what} has a line end or a null character in it")
    return value


def _folder(path: str) -> tuple[str, ...]:
    # A slash between levels stands for whatever the server writes there; %2F is a slash in a name.
    levels = tuple(_plain(level, "folder") for level in path.strip("/").split("/"))
    if not path.strip("/"):
        return _INBOX
    if not all(levels):
        raise ValueError("the folder has a level without a name")
    return levels
