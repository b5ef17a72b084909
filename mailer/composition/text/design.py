"""Blocks to the text part: a real alternative, made from the blocks and not from the HTML.

The main heading is underlined with "=", others with "-"; a link is "words: address" on a line of
its own; 72 columns, except that an address is never broken.
"""

from collections.abc import Sequence

from mailer.authoring.blocks.base import Block
from mailer.authoring.text.characters import one_line
from mailer.composition import wording
from mailer.composition.letter import SystemMailText
from mailer.composition.parts import AuthorLink, Automatic, Placed
from mailer.composition.text.page import COLUMNS, Page
from mailer.composition.text.paragraphs import rich_paragraphs


def design_text(blocks: Sequence[Block]) -> list[Placed]:
    """The text part of these blocks."""
    page = Page()
    for block in blocks:
        block.write(_Part(page))
    return page.placed()


def system_mail_text(notice: SystemMailText) -> list[Placed]:
    """The text part of a system mail."""
    page = Page()
    page.add(*page.underlined(one_line(notice.subject), "="))
    for paragraph in notice.paragraphs:
        page.add(*page.wrap(one_line(paragraph)))
    page.add(*page.linked(one_line(notice.button_words), AuthorLink(notice.button_url)))
    page.add(*page.wrap(one_line(notice.closing)))
    return page.placed()


class _Part:
    """The text part as blocks see it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def heading(self, text: str, rule: str = "-") -> None:
        self._page.add(*self._page.underlined(self._page.marked(text), rule))

    def paragraph(self, *texts: str, link_text: str = "", url: str = "") -> None:
        page = self._page
        lines = [line for text in texts for line in page.wrap(page.marked(text))]
        if url:
            lines += page.linked(page.marked(link_text), AuthorLink(url))
        page.add(*lines)

    def rich(self, text: str) -> None:
        for lines in rich_paragraphs(text, self._page):
            self._page.add(*lines)

    def rule(self) -> None:
        self._page.add("-" * COLUMNS)

    def ways_out(self) -> None:
        self._page.add(
            *self._page.linked(wording.UNSUBSCRIBE, Automatic.UNSUBSCRIBE),
            *self._page.linked(wording.PREFERENCES, Automatic.PREFERENCES),
        )
