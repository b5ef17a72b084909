"""The notice that a mail system wrote for a person, apart from the message that it returns."""

import re
from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.parts.entities import Entity
from mailer.receipts.bounces.parts.fields import Fields, fields_of
from mailer.receipts.bounces.vocabulary.signs import RETURNED

_MOST_CHARACTERS: Final = 64 * 1024
_MOST_LINES: Final = 600
_LONGEST_LINE: Final = 1000
_DECORATION: Final = " \t-=*_#>|.:;"
_HEADER_LINE: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):(?!//)")
# A quotation by a person; session transcripts have ">>>" and "<<<" (Sendmail).
_QUOTED: Final = re.compile(r">(?!>>)")
_TRACED: Final = frozenset(
    {"received", "return-path", "mime-version", "x-mailer", "dkim-signature"}
)
_OWN_HEADER: Final = 4  # fields in a row that are a header rather than a summary


@dataclass(frozen=True, slots=True)
class BounceNotice:
    """The notice line by line, and the header of the returned message, which may be empty."""

    lines: tuple[str, ...]
    returned: Fields
    has_copy: bool  # whether the message came back, or its header

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def notice_in(entity: Entity) -> BounceNotice:
    """The notice of a message; parts marked as messages are the returned one."""
    leaves = list(entity.leaves())
    texts = [part.text for part in leaves if part.is_text]
    if not any(text.strip() for text in texts):
        texts = [part.text for part in leaves if part.media == "text/html"]
    lines = "\n".join(texts[:8])[:_MOST_CHARACTERS].split("\n", _MOST_LINES)[:_MOST_LINES]
    cut = _where_the_copy_begins(lines)
    inside = next((part.children[0].fields for part in leaves if part.is_message), None)
    if inside is None:
        inside = _header_after(lines[cut:])
    kept = (line[:_LONGEST_LINE].rstrip() for line in lines[:cut] if not _QUOTED.match(line))
    return BounceNotice(tuple(kept), inside, bool(inside.pairs))


def _where_the_copy_begins(lines: list[str]) -> int:
    at = 0
    while at < len(lines):
        if at and RETURNED.match(lines[at][:200].lstrip(_DECORATION)):
            if _has_text(lines[:at]):
                return at
        elif run := _run_of_fields(lines, at):
            names = {line.partition(":")[0].strip().lower() for line in lines[at : at + run]}
            if at and run >= _OWN_HEADER and names & _TRACED:
                return at
            at += run - 1
        at += 1
    return len(lines)


def _has_text(lines: list[str]) -> bool:
    return any(line.strip(_DECORATION) for line in lines)


def _run_of_fields(lines: list[str], start: int) -> int:
    """How many lines from here look like a header, with continuation lines."""
    at = start
    while at < len(lines):
        line = lines[at]
        if not _HEADER_LINE.match(line.lstrip()[:60]) and not (at > start and line[:1] in " \t"):
            break
        if not line.strip():
            break
        at += 1
    return at - start


def _header_after(lines: list[str]) -> Fields:
    """The header in what follows the notice: the first run of fields there."""
    for at, line in enumerate(lines[:40]):
        if _HEADER_LINE.match(line.lstrip()[:60]):
            indent = len(line) - len(line.lstrip())
            found = fields_of("\n".join(each[indent:] for each in lines[at : at + 300]))
            return found if len(found.pairs) > 1 else Fields()
    return Fields()
