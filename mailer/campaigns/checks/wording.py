"""Rules about the words: what was left to be written, what is long, what is hard to read."""

import re
from collections.abc import Iterator
from typing import Final

from mailer.campaigns.checks.facts import IssueFacts
from mailer.campaigns.checks.finding import CheckFinding
from mailer.campaigns.checks.readability import hard_to_read
from mailer.campaigns.checks.reading import IssueReading, Spot, WordsAt, plain
from mailer.campaigns.checks.rule import FIX, LOOK, IssueRule

_LEFT: Final = re.compile(
    r"(?<!\w)(?:TK|TKTK|TBC|TBA|XX|XXX)(?!\w)|\[insert\b|\[mewnosod|lorem ipsum", re.IGNORECASE
)
_SMALL: Final = frozenset({"tk", "tktk", "tba", "xx", "xxx"})  # only in capitals left for later
_MOST_WORDS: Final = 120
_MOST_OF_A_LETTER: Final = 250
_LOUD: Final = re.compile(r"[^\W\d_]{2,}")
_LOUD_WORDS: Final = 3
_LOUD_LETTERS: Final = 12


def _around(facts: IssueFacts) -> Iterator[WordsAt]:
    issue = facts.campaign
    for label, field, text in (
        ("Subject", "subject", issue.subject),
        ("Preview text", "preview_text", issue.preview_text),
    ):
        if text:
            yield WordsAt(Spot("", label, field), text, rich=False, language="")


def _read(words: WordsAt) -> str:
    return plain(words.text) if words.rich else words.text


class LeftToWrite(IssueRule):
    """Signs that somebody meant to come back."""

    code, level = "TXT1", FIX

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in (*_around(facts), *facts.reading.words):
            found = [
                sign
                for sign in dict.fromkeys(_LEFT.findall(each.text))
                if sign.isupper() or sign.casefold() not in _SMALL
            ]
            if found:
                signs = " and ".join(f"“{sign}”" for sign in found)
                yield self.at(each.spot, f"{signs} found in {each.spot.where}.", about=each.text)


class LongText(IssueRule):
    """More than most people read of one thing."""

    code, level = "TXT2", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in _texts(facts.reading):
            number = len(plain(each.text).split())
            block = facts.reading.block(each.spot.block)
            letter = block is not None and block.type == "chairs_message"
            if number > (_MOST_OF_A_LETTER if letter else _MOST_WORDS):
                message = f"{each.spot.where} is {number} words. Most blocks are under 120."
                if letter:
                    message = f"{each.spot.where} is {number} words. Most letters are under 250."
                yield self.at(each.spot, message, about=each.text)


class HardText(IssueRule):
    """Long sentences of long words; measured in English only."""

    code, level = "TXT3", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in _texts(facts.reading):
            if each.language.startswith("en") and (age := hard_to_read(plain(each.text))):
                message = f"Hard to read: long sentences (reading age about {age})."
                yield self.at(each.spot, message, about=each.text)


class LoudLine(IssueRule):
    """Capitals are slow to read, and are spelt out by some programs."""

    code, level = "CAP1", LOOK

    def look(self, facts: IssueFacts) -> Iterator[CheckFinding]:
        for each in facts.reading.words:
            if any(is_loud(line) for line in _read(each).splitlines()):
                message = "A line in capitals. Screen readers may spell it out."
                yield self.at(each.spot, message, about=each.text)


def is_loud(line: str) -> bool:
    """Whether a line is all in capitals, and more than a row of initials."""
    words = _LOUD.findall(line)
    letters = "".join(words)
    return (
        letters.isupper()
        and len(letters) >= _LOUD_LETTERS
        and (len(words) >= _LOUD_WORDS or max(map(len, words)) > 6)
    )


def _texts(reading: IssueReading) -> Iterator[WordsAt]:
    return (each for each in reading.words if each.rich)
