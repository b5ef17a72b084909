"""The tables beside this module, read once: what mail systems say and what it means."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Table = tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Hosts of one provider: how they are known, and what their own wording means."""

    known_by: re.Pattern[str]
    rules: Table


def read_table(name: str) -> dict[str, Any]:  # whatever TOML holds; the tests use all of it
    """The content of a data file beside this module."""
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


def _compiled(entries: list[dict[str, Any]]) -> Table:
    return tuple((each["reason"], re.compile("|".join(each["patterns"]))) for each in entries)


def _families(read: dict[str, Any]) -> tuple[Family, ...]:
    return tuple(
        Family(
            re.compile(each["known_by"]),
            tuple((reason, re.compile(pattern)) for reason, pattern in each["rules"]),
        )
        for each in read.values()
    )


_PHRASES: Final = read_table("phrases.toml")
FACTS: Final = _compiled(_PHRASES["fact"])
HINTS: Final = _compiled(_PHRASES["hint"])
FAMILIES: Final = _families(read_table("families.toml"))
NULL_MX: Final = re.compile(_PHRASES["null_mx"])
ABOUT_US: Final = re.compile(_PHRASES["about_us"])
HEDGE: Final = re.compile(_PHRASES["hedge"])
