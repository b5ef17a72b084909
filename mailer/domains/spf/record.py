"""The terms of an SPF record (RFC 7208 sections 4.6, 5, 6 and 12)."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError, ip_network
from typing import Final

from mailer.domains.findings import quoted
from mailer.errors import UnreadableRecord

# Section 7.1: literals are printable but for "%", which begins a macro; a number of parts is not
# zero. "c", "r" and "t" are for the text of an explanation only, not for the domain it lies at; the
# grammar of section 12 lets an unknown modifier have them.
_ONE: Final = r"(?:[!-$&-~]|%%|%_|%-|%\{[LETTERS](?:0*[1-9][0-9]*)?r?[.\-+,/_=]*\})"
_SPEC: Final = _ONE.replace("LETTERS", "slodiphv")
_LENGTH: Final = r"(?:0|[1-9][0-9]{0,2})"  # of a network; no zero before other digits
_WITH_PREFIX: Final = re.compile(
    rf"(?::(?P<spec>{_SPEC}+?))?(?:/(?P<four>{_LENGTH}))?(?://(?P<six>{_LENGTH}))?", re.I
)
_SPEC_ALONE: Final = re.compile(f"{_SPEC}+", re.I)
_MACRO_STRING: Final = re.compile(f"{_ONE.replace('LETTERS', 'slodiphcrtv')}*", re.I)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.I)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.I)
_VERSION: Final = re.compile(r"v=spf1(?: |\Z)", re.I)


class MechanismKind(StrEnum):
    """A mechanism's name."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"

    @property
    def asks(self) -> bool:
        """Whether it is one of those whose number is limited (section 4.6.4)."""
        return self not in {MechanismKind.ALL, MechanismKind.IP4, MechanismKind.IP6}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Who is meant, and the verdict about them: ``+`` pass, ``-`` fail, ``~`` softfail, ``?``."""

    verdict: str
    kind: MechanismKind
    spec: str = ""  # with macros; "" is the domain at hand
    network: IPv4Network | IPv6Network | None = None
    four: int = 32
    six: int = 128


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """A record that can be read. Mechanisms behind ``all`` and a redirect beside it mean nothing
    (section 5.1), so they are not in here."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str = ""

    @property
    def catch_all(self) -> str:
        """The verdict about everybody else, "" when the record has no ``all``."""
        last = self.mechanisms[-1:]
        return last[0].verdict if last and last[0].kind is MechanismKind.ALL else ""


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record (section 4.5)."""
    return _VERSION.match(text) is not None


def read(text: str) -> SpfRecord:
    """The record; UnreadableRecord names the wrong term, and is a permerror to receivers."""
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in text.split(" ")[1:]:
        if not term:
            continue
        if modifier := _MODIFIER.fullmatch(term):
            name = modifier[1].lower()
            if name in modifiers and name in {"redirect", "exp"}:
                raise UnreadableRecord(f"it says {name}= twice")
            _check_modifier(name, modifier[2], term)
            modifiers[name] = modifier[2]
            continue
        mechanisms.append(_mechanism(term))
    redirect = modifiers.get("redirect", "")
    for position, mechanism in enumerate(mechanisms):
        if mechanism.kind is MechanismKind.ALL:
            return SpfRecord(tuple(mechanisms[: position + 1]))
    return SpfRecord(tuple(mechanisms), redirect)


def _mechanism(term: str) -> Mechanism:
    verdict = term[0] if term[0] in "+-~?" else "+"
    text = term.removeprefix(verdict) if term[0] == verdict else term
    name = re.split("[:/]", text, maxsplit=1)[0]
    rest = text[len(name) :]
    try:
        kind = MechanismKind(name.lower())
    except ValueError:
        raise UnreadableRecord(f"{quoted(term)} is not a word of SPF") from None
    match kind:
        case MechanismKind.ALL:
            if rest:
                raise UnreadableRecord(f"{quoted(term)} has something behind “all”")
            return Mechanism(verdict, kind)
        case MechanismKind.IP4 | MechanismKind.IP6:
            return Mechanism(verdict, kind, network=_network(kind, rest, term))
        case MechanismKind.A | MechanismKind.MX:
            return _with_prefix(verdict, kind, rest, term)
        case MechanismKind.PTR:
            if not rest:
                return Mechanism(verdict, kind)
    if not rest.startswith(":"):
        raise UnreadableRecord(f"{quoted(term)} names no domain")
    _check_spec(rest[1:], term)
    return Mechanism(verdict, kind, rest[1:])


def _network(kind: MechanismKind, rest: str, term: str) -> IPv4Network | IPv6Network:
    wanted = IPv4Network if kind is MechanismKind.IP4 else IPv6Network
    # "ip4:192.0.2.1/255.255.255.0" is Python's, not SPF's.
    if re.fullmatch(rf":[0-9a-f.:]+(?:/{_LENGTH})?", rest, re.I):
        try:
            found = ip_network(rest[1:], strict=False)
        except (AddressValueError, NetmaskValueError, ValueError):
            found = None
        if isinstance(found, wanted):
            return found
    version = "an IPv4" if kind is MechanismKind.IP4 else "an IPv6"
    raise UnreadableRecord(f"{quoted(term)} is not {version} address or network")


def _with_prefix(verdict: str, kind: MechanismKind, rest: str, term: str) -> Mechanism:
    found = _WITH_PREFIX.fullmatch(rest)
    if found is None:
        raise UnreadableRecord(f"{quoted(term)} cannot be read")
    four, six = int(found["four"] or 32), int(found["six"] or 128)
    if four > 32 or six > 128:
        raise UnreadableRecord(f"{quoted(term)} has a network that is too long")
    if found["spec"] is not None:
        _check_spec(found["spec"], term)
    return Mechanism(verdict, kind, found["spec"] or "", four=four, six=six)


def _check_modifier(name: str, value: str, term: str) -> None:
    if name in {"redirect", "exp"}:
        _check_spec(value, term)
    elif not _MACRO_STRING.fullmatch(value):
        raise UnreadableRecord(f"{quoted(term)} has something that is no macro")


def _check_spec(spec: str, term: str) -> None:
    if not _SPEC_ALONE.fullmatch(spec) or not _ends_well(spec):
        raise UnreadableRecord(f"{quoted(term)} names no domain that can be one")


def _ends_well(spec: str) -> bool:
    """Section 7.1: it ends with a macro, or behind a dot with a label that is not all digits."""
    if spec.endswith("}"):
        return True
    _, dot, last = spec.removesuffix(".").rpartition(".")
    return bool(dot) and _LABEL.fullmatch(last) is not None and not last.isdigit()
