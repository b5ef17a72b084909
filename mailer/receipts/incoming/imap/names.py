"""How an IMAP server writes the names of folders, and the strings around them (RFC 3501)."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

_STRING: Final = rb'"((?:[^"\\]|\\.)*)"'
_LEVELS: Final = re.compile(rb"\([^)]*\) (?:" + _STRING + rb"|NIL) ", re.I)
_NAMESPACE: Final = re.compile(rb"\(\(" + _STRING + rb" (?:" + _STRING + rb"|NIL)", re.I)
_NO_FOLDER: Final = re.compile(rb"\([^)]*\\no(?:nexistent|select)\b", re.I)
_NOT_PRINTABLE: Final = re.compile(r"[^ -~]+")


@dataclass(frozen=True, slots=True)
class Naming:
    """The prefix of our own folders, and the separator of levels; "" for a flat server."""

    prefix: str = ""
    separator: str = "/"

    def of(self, *levels: str) -> str:
        """A folder by its levels, as it is named from the top."""
        return (self.separator or " - ").join(levels)

    def ours(self, *levels: str) -> str:
        """A folder where the person whose mailbox it is may make one."""
        return self.prefix + self.of(*levels)


def naming_of(listed: object, namespace: object = None) -> Naming:
    """From the answers to ``LIST "" ""`` and, if it was asked, NAMESPACE (RFC 2342 5)."""
    found = _NAMESPACE.match(namespace) if isinstance(namespace, bytes) else None
    if found:
        return Naming(unescaped(found[1]).decode("ascii"), unescaped(found[2] or b"").decode())
    found = _LEVELS.match(listed) if isinstance(listed, bytes) else None
    return Naming(separator=unescaped(found[1] or b"").decode("ascii")) if found else Naming()


def is_a_folder(listed: object) -> bool:
    """Whether a line of LIST is about a folder that can hold messages."""
    line = listed[0] if isinstance(listed, tuple) else listed
    return isinstance(line, bytes) and not _NO_FOLDER.match(line)


def folder(name: str) -> str:
    """The name as commands have it: in modified UTF-7 (RFC 3501 5.1.3), and quoted."""
    return quoted(_NOT_PRINTABLE.sub(_shifted, name.replace("&", "&-")))


def quoted(text: str) -> str:
    """A quoted string; the caller has made sure that no line end is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unescaped(escaped: bytes) -> bytes:
    """What is inside a quoted string."""
    return re.sub(rb"\\(.)", rb"\1", escaped)


def _shifted(found: re.Match[str]) -> str:
    written = b64encode(found[0].encode("utf-16-be")).decode("ascii")
    return f"&{written.rstrip('=').replace('/', ',')}-"
