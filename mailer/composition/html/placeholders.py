"""Placeholders (marks) that stand for authors' text while markup is compiled.

The compilers never see an author's word, an address or a merge field, so nothing in them can
become markup, upset a parser or be rewritten; each mark is replaced once, afterwards, by what it
stands for, escaped for the place where it came out.
"""

import re
from typing import Final

from markupsafe import Markup

from mailer.authoring.text.characters import one_line
from mailer.authoring.text.merging import pieces
from mailer.composition.parts import Context, Designed, Placed, Words

_TAG_OR_MARK: Final = re.compile(r"<[^<>]*>|mk([0-9]{6})mk")
_MARK: Final = re.compile(r"mk([0-9]{6})mk")


class Placeholders:
    """Gives out marks, and replaces each by the parts that it stands for."""

    def __init__(self) -> None:
        self._parts: list[tuple[Designed, ...]] = []

    def of(self, *designed: Designed) -> Markup:
        """A mark for these parts one after another: ASCII letters and digits, no space."""
        self._parts.append(designed)
        return Markup(f"mk{len(self._parts) - 1:06d}mk")  # noqa: S704 - only letters and digits

    def line(self, text: str) -> Markup:
        """A mark for a line with merge fields; "" for an empty line, so that templates can ask."""
        return self.of(*designed_words(text)) if text else Markup()

    def words(self, text: str) -> Markup:
        """A mark for a line without merge fields; "" for an empty line."""
        return self.of(Words(one_line(text))) if text else Markup()

    def fill(self, html: str) -> list[Placed]:
        """The compiled markup with the parts in the place of each mark."""
        placed: list[Placed] = []
        done = 0
        for found in _TAG_OR_MARK.finditer(html):
            if found[1] is None:  # a tag, perhaps with marks in its attributes
                for inner in _MARK.finditer(html, found.start(), found.end()):
                    self._put(placed, html[done : inner.start()], inner[1], Context.ATTRIBUTE)
                    done = inner.end()
            else:
                self._put(placed, html[done : found.start()], found[1], Context.HTML)
                done = found.end()
        placed.append((html[done:], Context.HTML))
        return placed

    def _put(self, placed: list[Placed], before: str, number: str, context: Context) -> None:
        placed.append((before, context))
        placed += ((each, context) for each in self._parts[int(number)])


def designed_words(text: str) -> list[Designed]:
    """A line as words and merge fields."""
    return [Words(each) if isinstance(each, str) else each for each in pieces(text)]
