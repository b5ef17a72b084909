"""What a check finds: a level, the fact, and what to change, with the record to publish."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

_LONGEST_QUOTE: Final = 200


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    LOOK = "look"  # it works, and could be better
    FIX = "fix"
    UNCHECKED = "not-checked"  # nothing is known


@dataclass(frozen=True, slots=True)
class Record:
    """A record to publish, as it is copied into the form of a DNS provider."""

    name: str
    value: str
    kind: str = "TXT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. ``what`` and ``change`` are whole sentences."""

    about: str
    level: Level
    what: str
    change: str = ""
    record: Record | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON keeps it."""
        return {**asdict(self), "level": self.level.value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Finding":
        """The finding again."""
        record = Record(**kept["record"]) if kept["record"] else None
        return cls(kept["about"], Level(kept["level"]), kept["what"], kept["change"], record)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings about one way to prove a sender, and whether mail would pass by it.

    None where that cannot be known.
    """

    findings: tuple[Finding, ...]
    passes: bool | None


def quoted(text: str) -> str:
    """Text from a foreign zone, quoted for a sentence: printable and not too long."""
    shown = "".join(char if char.isprintable() else "�" for char in text)
    return f"“{shown[:_LONGEST_QUOTE]}{'…' if len(shown) > _LONGEST_QUOTE else ''}”"


def listed(names: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
