"""Markdown-lite as plain lines: bullets, numbers, and each paragraph's links behind it."""

from collections.abc import Iterator

from mailer.authoring.text import markdown
from mailer.authoring.text.merging import MergeField
from mailer.composition.parts import AuthorLink
from mailer.composition.text.page import Page, is_address_itself


def rich_paragraphs(text: str, page: Page) -> Iterator[list[str]]:
    """Paragraphs of lines; a list with everything in it is one paragraph."""
    writer = _Writer(page)
    for event in markdown.events(text):
        writer.take(event)
        if writer.lines and not writer.lists:
            yield writer.lines
            writer.lines = []


class _Writer:
    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        self.lists: list[int | None] = []  # the next number of each list around, None for bullets
        self._page = page
        self._text = ""
        self._bullet = ""
        self._links: list[tuple[str, str]] = []
        self._link_start = 0

    def take(self, event: markdown.MarkdownEvent) -> None:
        match event:
            case markdown.Open():
                self._open(event)
            case markdown.Close(tag="a"):
                link_text = self._text[self._link_start :].replace("\n", " ").strip()
                self._links[-1] = (self._links[-1][0], link_text)
            case markdown.Close(tag="ul" | "ol"):
                self.lists.pop()
            case markdown.Close(tag="p" | "li"):
                self._end_flow()
            case markdown.Close(tag="h"):
                self.lines += self._page.underlined(self._text.replace("\n", " "), "-")
                self._end_links("", alone=False)
            case markdown.Break():
                self._text += "\n"
            case MergeField():
                self._text += self._page.mark(event)
            case str():
                self._text += event

    def _open(self, event: markdown.Open) -> None:
        match event.tag:
            case "a":
                self._link_start = len(self._text)
                self._links.append((event.url, ""))
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

    def _end_flow(self) -> None:
        """The lines of what has been collected, with its bullet and its links."""
        outer = "  " * (len(self.lists) - 1)
        hanging = "" if not self.lists else outer + ("  " if self.lists[-1] is None else "   ")
        link_texts = [link_text for _, link_text in self._links]
        alone = link_texts == [self._text.strip()] and not self._bullet
        for line in [] if alone else self._text.split("\n"):
            first = outer + self._bullet if self._bullet else hanging
            wrapped = self._page.wrap(line, first, hanging)
            self._bullet = "" if wrapped else self._bullet
            self.lines += wrapped
        self._end_links(hanging, alone=alone)

    def _end_links(self, indent: str, *, alone: bool) -> None:
        """Where the paragraph's links lead, except where its text has the address."""
        for url, link_text in self._links:
            if alone or not is_address_itself(link_text, AuthorLink(url)):
                self.lines += self._page.linked(link_text, AuthorLink(url), indent)
        self._links.clear()
        self._text = ""
