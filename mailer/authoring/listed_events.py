"""Events out of a pasted list, one a line: 9 Dec 10am – CWB webinar – online – https://…

The parts of a line may come in any order, and apart by tabs (from a spreadsheet), bars, dashes or
commas. A line that is not understood is kept as it is, for a person to read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from mailer.authoring.text.characters import one_line
from mailer.authoring.text.typed_dates import read_span

MOST_LINES: Final = 500
MOST_CHARACTERS: Final = 100_000
_ADDRESS: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"|]+", re.IGNORECASE)
_BULLET: Final = re.compile(r"^[\s•·▪◦*‣-]+(?=\S)")
_APART: Final = (
    (re.compile(r"\s*\t\s*"), " "),
    (re.compile(r"\s*\|\s*"), " "),
    (re.compile(r"\s+[-–—]\s+|\s*—\s*"), " - "),
    (re.compile(r"[,;]\s+"), ", "),
)
_ONLINE: Final = re.compile(
    r"^(?:online|on zoom|zoom|teams|webinar online|ar-lein)\b", re.IGNORECASE
)
_HOST: Final = re.compile(r"^(?:with|by|host(?:ed by)?:?|organi[sz]er:) +", re.IGNORECASE)
_ENDS_DATE: Final = re.compile(r"\b(?:at|the|on|of|from|to|uk)$|[a-z] +am$", re.IGNORECASE)
_EDGES: Final = " ,.;:|–—-"
_LONGEST_DATE: Final = 10  # words


@dataclass(frozen=True, slots=True)
class ListedEvents:
    """The events as a form has them, and the lines that are none, as they were written."""

    events: tuple[dict[str, str], ...]
    left: tuple[str, ...]


def from_lines(text: str, *, today: date) -> ListedEvents:
    """The events of a list. A date without a year is the next such date after ``today``."""
    events: list[dict[str, str]] = []
    left: list[str] = []
    lines = text[:MOST_CHARACTERS].splitlines()
    for number, raw in enumerate(lines):
        line = raw.strip()
        event = _event(line, today) if number < MOST_LINES else None
        if event:
            events.append(event)
        elif line:
            left.append(line)
    rest = text[MOST_CHARACTERS:].strip()
    return ListedEvents(tuple(events), (*left, rest) if rest else tuple(left))


def _event(raw: str, today: date) -> dict[str, str] | None:
    line, link = _without_address(_BULLET.sub("", raw))
    ways = [(pattern.split(line), between) for pattern, between in _APART]
    for parts, between in [*(way for way in ways if len(way[0]) > 1), ([line], " ")]:
        named = [part for each in parts if (part := one_line(each).strip(_EDGES))]
        found = _dated(named, between, today)
        others = [part for part in found[1] if part] if found else []
        if found and others:
            (start, end), event = found[0], _named(others)
            event |= {"start": start, "end": end, "link": link}
            return {name: value for name, value in event.items() if value}
    return None


def _without_address(line: str) -> tuple[str, str]:
    found = _ADDRESS.search(line)
    if not found:
        return line, ""
    address = found[0].rstrip(".,;:!?)]’”'")
    link = address if "://" in address else f"https://{address}"
    rest = line[: found.start()] + line[found.start() + len(address) :]
    return rest.replace("()", ""), link


def _dated(parts: list[str], between: str, today: date) -> tuple[tuple[str, str], list[str]] | None:
    """The date among the parts, which may be several of them, and what else there is."""
    for length in range(min(4, len(parts)), 0, -1):
        for at in range(len(parts) - length + 1):
            for joined in {
                between.join(parts[at : at + length]),
                " ".join(parts[at : at + length]),
            }:
                span = read_span(joined, today=today)
                if span:
                    return span, parts[:at] + parts[at + length :]
    for at, part in enumerate(parts):
        for date_words, rest in _beginnings(part):
            span = read_span(date_words, today=today)
            if span:
                return span, [*parts[:at], rest, *parts[at + 1 :]]
    return None


def _beginnings(part: str) -> Iterator[tuple[str, str]]:
    """The part cut in two after each of its first words, longest first: date, then title."""
    words = part.split()
    for number in range(min(_LONGEST_DATE, len(words) - 1), 0, -1):
        first = " ".join(words[:number]).strip(_EDGES)
        if not _ENDS_DATE.search(first):
            yield first, " ".join(words[number:]).strip(_EDGES)


def _named(parts: list[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    places: list[str] = []
    for part in parts:
        if _HOST.match(part) and "organiser" not in named:
            named["organiser"] = _HOST.sub("", part)
        elif _ONLINE.match(part) and len(parts) > 1:
            places.append(part)
        elif "title" not in named:
            named["title"] = part
        else:
            places.append(part)
    if "title" not in named:
        named["title"] = places.pop(0) if places else named.pop("organiser")
    return {**named, "place": ", ".join(places)}
