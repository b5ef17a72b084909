"""Macros in SPF records: ``%{i}`` and its like (RFC 7208 section 7)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final
from urllib.parse import quote

from mailer.domains.answers import IpAddress

_MACRO: Final = re.compile(r"%(?:\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\}|([%_-]))", re.I)
_PLAIN: Final = {"%": "%", "_": " ", "-": "%20"}
_LONGEST_NAME: Final = 253


@dataclass(frozen=True, slots=True)
class Sending:
    """Whose mail is judged: from which address, with a return path at which domain.

    ``address`` None is an unknown address. The local part of a return path is always unknown: it
    differs for each copy.
    """

    return_domain: str
    address: IpAddress | None


def expand(spec: str, domain: str, sending: Sending) -> str | None:
    """The name that ``spec`` expands to at ``domain``; None when a macro has an unknown value."""
    values = _values(domain, sending)
    unknown = False

    def value_of(found: re.Match[str]) -> str:
        nonlocal unknown
        if found[5]:
            return _PLAIN[found[5]]
        value = values.get(found[1].lower())
        if value is None:
            unknown = True
            return ""
        parts = re.split(f"[{re.escape(found[4] or '.')}]", value)
        if found[3]:
            parts.reverse()
        most = int(found[2][:3] or 0) or len(parts)
        kept = ".".join(parts[-most:])
        return quote(kept, safe="") if found[1].isupper() else kept

    name = _MACRO.sub(value_of, spec).rstrip(".")
    if unknown:
        return None
    while len(name) > _LONGEST_NAME and "." in name:  # section 7.3: from the left, label by label
        name = name.partition(".")[2]
    return name


def _values(domain: str, sending: Sending) -> dict[str, str | None]:
    address = sending.address
    known: dict[str, str | None] = {"d": domain, "o": sending.return_domain, "p": "unknown"}
    if address is not None:
        four = isinstance(address, IPv4Address)
        nibbles = ".".join(address.exploded.replace(":", ""))
        known["i"] = str(address) if four else nibbles
        known["v"] = "in-addr" if four else "ip6"
    return known
