"""A page of plain text: wrapped lines in which fields and addresses are still to come.

What has no text yet is a mark of private-use characters, which no author's text contains; a mark
is one word to the wrapping, and is never broken.
"""

from typing import Final

from mailer.authoring.text.characters import MARK_END, MARK_START
from mailer.authoring.text.merging import MergeField
from mailer.composition.html.placeholders import designed_words
from mailer.composition.parts import AuthorLink, Context, Designed, Placed, Words

COLUMNS: Final = 72


class Page:
    """Collects paragraphs."""

    def __init__(self) -> None:
        self._parts: list[Designed] = []
        self._paragraphs: list[str] = []
        self._heading = ""
        self._numbers = 0

    def add(self, *lines: str) -> None:
        """A paragraph of finished lines, right below a heading; none for no lines."""
        if lines:
            self._paragraphs.append(self._heading + "\n".join(lines))
            self._heading = ""

    def head(self, *lines: str) -> None:
        """A heading, which the next paragraph stands right below."""
        if lines:
            self._end_heading()
            self._heading = "\n".join((*lines, ""))

    def above(self, *lines: str) -> None:
        """Lines that the next paragraph stands right below, as they do below a heading."""
        if lines:
            self._heading += "\n".join((*lines, ""))

    def next_number(self) -> int:
        """The number of another link, from 1."""
        self._numbers += 1
        return self._numbers

    def take_back_number(self) -> None:
        """The last number was not needed."""
        self._numbers -= 1

    def _end_heading(self) -> None:
        if self._heading:
            self._paragraphs.append(self._heading.rstrip("\n"))
            self._heading = ""

    def placed(self) -> list[Placed]:
        """The whole page, with the parts in the place of each mark."""
        self._end_heading()
        first, *others = ("\n\n".join(self._paragraphs) + "\n").split(MARK_START)
        placed: list[Placed] = [(first, Context.PLAIN)]
        for other in others:
            number, _, rest = other.partition(MARK_END)
            placed += ((self._parts[int(number)], Context.PLAIN), (rest, Context.PLAIN))
        return placed

    def mark(self, designed: Designed) -> str:
        """A mark for a part."""
        self._parts.append(designed)
        return f"{MARK_START}{len(self._parts) - 1}{MARK_END}"

    def marked(self, text: str) -> str:
        """A line with its merge fields as marks."""
        return "".join(
            each.text if isinstance(each, Words) else self.mark(each)
            for each in designed_words(text)
        )

    def wrap(self, marked: str, indent: str = "", hanging: str = "") -> list[str]:
        """Lines of at most 72 columns; ``hanging`` indents all but the first."""
        lines: list[str] = []
        line, width = "", 0
        for word in marked.split(" "):
            if not word:
                continue
            wide = self.width(word)
            start = hanging if lines else indent
            if line and len(start) + width + 1 + wide > COLUMNS:
                lines.append(start + line)
                line, width = "", 0
            line = f"{line} {word}" if line else word
            width += wide + 1 if width else wide
        if line:
            lines.append((hanging if lines else indent) + line)
        return lines

    def underlined(self, marked: str, rule: str) -> list[str]:
        """A heading and the rule under it; the main heading is in capitals."""
        lines = self.wrap(marked.upper() if rule == "=" else marked)
        longest = max((self.width(line) for line in lines), default=0)
        return [*lines, rule * min(longest, COLUMNS)] if lines else []

    def linked(self, marked: str, target: Designed, indent: str = "") -> list[str]:
        """Text and address of a link, on one line if they fit; one of them if they are equal."""
        address = self.mark_address(target)
        if not marked or is_address_itself(marked, target):
            return [indent + address]
        lines = self.wrap(marked + ":", indent, indent)
        if self.width(lines[-1]) + 1 + self.width(address) <= COLUMNS:
            lines[-1] += f" {address}"
            return lines
        return [*lines, indent + address]

    def mark_address(self, target: Designed) -> str:
        """A mark for where a link leads: a mail or telephone address without its scheme."""
        if isinstance(target, AuthorLink) and (said := written_address(target.url)) != target.url:
            return self.mark(Words(said))
        return self.mark(target)

    def width(self, marked: str) -> int:
        """Columns, with a merge field taken to be as long as its fallback."""
        if MARK_START not in marked:
            return len(marked)
        first, *others = marked.split(MARK_START)
        columns = len(first)
        for other in others:
            number, _, rest = other.partition(MARK_END)
            columns += _columns(self._parts[int(number)]) + len(rest)
        return columns


def is_address_itself(marked: str, target: Designed) -> bool:
    """Whether the text of a link is its address."""
    return isinstance(target, AuthorLink) and marked in (target.url, written_address(target.url))


def written_address(url: str) -> str:
    """An address as people write it: of mail and telephone without the scheme."""
    scheme, _, rest = url.partition(":")
    return rest.partition("?")[0] if scheme.lower() in ("mailto", "tel") else url


def _columns(designed: Designed) -> int:
    match designed:
        case MergeField(fallback=text) | AuthorLink(url=text) | Words(text=text):
            return len(text)
        case _:
            return COLUMNS  # an automatic address: about the length of a line
