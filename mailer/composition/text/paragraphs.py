"""Markdown-lite as plain lines: bullets, numbers, quotations, and where each link leads.

A link within a sentence is a number in brackets, whose address stands below the paragraph or the
list; mail addresses and telephone numbers stand in the sentence, as people write them.
"""

from collections.abc import Iterator

from mailer.authoring.text import markdown
from mailer.authoring.text.merging import MergeField
from mailer.composition.parts import AuthorLink
from mailer.composition.text.page import Page, is_address_itself, written_address

_QUOTED = " " * 4


def rich_paragraphs(text: str, page: Page) -> Iterator[list[str]]:
    """Paragraphs of lines; a list with everything in it is one paragraph."""
    writer = _Writer(page)
    for event in markdown.events(text):
        writer.take(event)
        if writer.lines and not writer.lists:
            yield writer.lines
            writer.lines = []
            if addresses := writer.addresses():
                yield addresses


class _Writer:
    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        self.lists: list[int | None] = []  # the next number of each list around, None for bullets
        self._page = page
        self._quotes = 0
        self._text = ""
        self._bullet = ""
        self._url = ""
        self._start = 0  # of the link's words
        self._alone: tuple[str, str] | None = None  # the text, if it is one link, and its words
        self._below: list[str] = []

    def addresses(self) -> list[str]:
        """The addresses of a list that has ended."""
        below, self._below = self._below, []
        return below

    def take(self, event: markdown.MarkdownEvent) -> None:
        match event:
            case markdown.Open():
                self._open(event)
            case markdown.Close(tag="a"):
                self._end_link()
            case markdown.Close(tag="ul" | "ol"):
                self.lists.pop()
            case markdown.Close(tag="blockquote"):
                self._quotes -= 1
            case markdown.Close(tag="p" | "li"):
                self._end_flow()
            case markdown.Close(tag="h"):
                self.lines += self._page.underlined(self._text.replace("\n", " ").strip(), "-")
                self._text = ""
                self.lines += [] if self.lists else self.addresses()
            case markdown.Break():
                self._text += "\n"
            case MergeField():
                self._text += self._page.mark(event)
            case str():
                self._text += event

    def _open(self, event: markdown.Open) -> None:
        match event.tag:
            case "a":
                self._start, self._url = len(self._text), event.url
            case "blockquote":
                self._end_flow()
                self._quotes += 1
            case "ul" | "ol":
                self._end_flow()
                self.lists.append(event.start if event.tag == "ol" else None)
            case "li" if self.lists[-1] is None:
                self._bullet = "- "
            case "li":
                number = self.lists[-1]
                assert number is not None
                self._bullet = f"{number}. "
                self.lists[-1] = number + 1

    def _end_link(self) -> None:
        words, target = self._text[self._start :], AuthorLink(self._url)
        shown = words.replace("\n", " ").strip()
        said = written_address(self._url)
        if is_address_itself(shown, target) or (said != self._url and _is_number(shown)):
            return
        if said != self._url:
            self._text += f" ({self._page.mark_address(target)})"
            return
        note = f"[{self._page.next_number()}]"
        is_first = not self._text[: self._start].strip()
        self._text += f" {note}"
        self._alone = (self._text, words) if is_first else None
        self._below.append(f"{note} {self._page.mark_address(target)}")

    def _end_flow(self) -> None:
        """The lines of what has been collected, with its bullet."""
        outer = _QUOTED * self._quotes + "  " * (len(self.lists) - 1)
        hanging = outer if not self.lists else outer + ("  " if self.lists[-1] is None else "   ")
        if self._alone and self._alone[0] == self._text and not self.lists:
            self._page.take_back_number()
            self._below.pop()
            target = AuthorLink(self._url)
            self.lines += self._page.linked(
                self._alone[1].replace("\n", " ").strip(), target, hanging
            )
        else:
            for line in self._text.split("\n"):
                first = outer + self._bullet if self._bullet else hanging
                wrapped = self._page.wrap(line, first, hanging)
                self._bullet = "" if wrapped else self._bullet
                self.lines += wrapped
            if not self.lists:
                self.lines += (hanging + each for each in self.addresses())
        self._text, self._alone = "", None


def _is_number(words: str) -> bool:
    return sum(sign.isdigit() for sign in words) > len(words) / 2
