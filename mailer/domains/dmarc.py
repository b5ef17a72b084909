"""DMARC (RFC 9989): a policy record, and the walk up the tree of names that finds it.

The same walk finds the organisational domain, by which two names are found to belong together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailer.domains.answers import Resolver
from mailer.domains.tags import tags

_VERSION: Final = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
_MOST_LABELS: Final = 7  # of a parent that is asked about; with the name itself, eight questions
_REMOVED: Final = ("pct", "rf", "ri")  # RFC 7489's; RFC 9989 has them no more


class Wish(StrEnum):
    """What a domain asks of receivers about mail that fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


_WISHES: Final = frozenset[str](Wish)
_MODES: Final = frozenset({"r", "s"})
_VALUES: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(("p", "sp", "np"), _WISHES),
    **dict.fromkeys(("adkim", "aspf"), _MODES),
    "psd": frozenset({"y", "n", "u"}),
    "t": frozenset({"y", "n"}),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy record (section 4.7). What is missing has its default; ``faults`` names tags whose
    values cannot be read, ``removed`` those that mean nothing any more."""

    wish: Wish | None = None  # p
    for_subdomains: Wish | None = None  # sp
    for_absent: Wish | None = None  # np
    public_suffix: str = "u"  # psd
    testing: bool = False  # t
    strict_dkim: bool = False  # adkim
    strict_spf: bool = False  # aspf
    reports: bool = False  # rua, to one address at least
    faults: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """The policies found between a name and the root, from the longest name to the shortest.

    ``crowded`` are names with several records, which count as none; ``known`` is False when DNS
    left a question open.
    """

    start: str
    found: tuple[tuple[str, Policy], ...] = ()
    crowded: tuple[str, ...] = ()
    known: bool = True

    @property
    def organisation(self) -> str | None:
        """The organisational domain (section 4.10.2); None when DNS left that open."""
        if not self.known:
            return None
        for name, policy in self.found:
            if policy.public_suffix == "n":
                return name
            if policy.public_suffix == "y" and name != self.start:
                return _below(name, self.start)
        return self.found[-1][0] if self.found else self.start

    @property
    def applied(self) -> tuple[str, Policy] | None:
        """The policy for mail from here, and whose it is (section 4.10.1)."""
        places = dict(self.found)
        for name in (self.start, self.organisation):
            if name in places:
                return name, places[name]
        if not self.known:
            return None
        suffixes = [each for each in self.found if each[1].public_suffix == "y"]
        return suffixes[0] if suffixes else None


def walk(resolver: Resolver, start: str) -> Walk:
    """Go up from ``start`` (section 4.10): eight questions at most, however long the name is."""
    found: list[tuple[str, Policy]] = []
    crowded: list[str] = []
    known = True
    for name in _names(start):
        answer = resolver.txt(f"_dmarc.{name}")
        known = known and answer.known
        records = [text for text in answer.records if is_policy(text)]
        if len(records) > 1:
            crowded.append(name)
        elif records:
            policy = read(records[0])
            found.append((name, policy))
            if policy.public_suffix in {"y", "n"}:
                break
    return Walk(start, tuple(found), tuple(crowded), known)


def aligned(resolver: Resolver, author: Walk, other: str, *, strict: bool) -> bool | None:
    """Whether ``other`` speaks for mail from where ``author`` started (section 4.4).

    None when DNS left it open.
    """
    if other == author.start:
        return True
    if strict:
        return False
    ours, theirs = author.organisation, walk(resolver, other).organisation
    if ours is None or theirs is None:
        return None
    return ours == theirs


def is_policy(text: str) -> bool:
    """Whether a TXT record is a DMARC record of this version."""
    return _VERSION.match(text) is not None


def read(text: str) -> Policy:
    """The policy in a record; tags nobody knows are passed over."""
    found = tags(text)
    suffix = found.get("psd", "u").lower()
    return Policy(
        wish=_wish(found.get("p", "")),
        for_subdomains=_wish(found.get("sp", "")),
        for_absent=_wish(found.get("np", "")),
        public_suffix=suffix if suffix in {"y", "n"} else "u",
        testing=found.get("t", "").lower() == "y",
        strict_dkim=found.get("adkim", "").lower() == "s",
        strict_spf=found.get("aspf", "").lower() == "s",
        reports=any(
            each.strip().lower().startswith("mailto:") for each in found.get("rua", "").split(",")
        ),
        faults=tuple(name for name, value in found.items() if not _is_readable(name, value)),
        removed=tuple(name for name in _REMOVED if name in found),
    )


def _is_readable(name: str, value: str) -> bool:
    allowed = _VALUES.get(name)
    return allowed is None or value.lower() in allowed


def _wish(value: str) -> Wish | None:
    try:
        return Wish(value.lower())
    except ValueError:
        return None


def _names(start: str) -> Iterator[str]:
    yield start
    labels = start.split(".")[1:][-_MOST_LABELS:]
    for place in range(len(labels)):
        yield ".".join(labels[place:])


def _below(name: str, start: str) -> str:
    """The name one label below ``name`` on the way to ``start``."""
    depth = name.count(".") + 2
    return ".".join(start.split(".")[-depth:])
