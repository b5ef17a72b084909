"""Blocks to the text part: a real alternative, made from the blocks and not from the HTML.

The main heading is in capitals underlined with "=", others are underlined with "-"; a link that
stands alone is "words: address", one within a paragraph a number with its address below; 72
columns, except that an address is never broken.
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from mailer.authoring.blocks.base import Block, MemberCount
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.languages import say
from mailer.clock import zone_of
from mailer.composition import wording
from mailer.composition.arranging import Issue
from mailer.composition.letter import Letter, SystemMailText
from mailer.composition.parts import AnswerLink, AuthorLink, Automatic, Placed
from mailer.composition.text.page import COLUMNS, Page
from mailer.composition.text.paragraphs import rich_paragraphs

_INDENT = " " * 4


def design_text(letter: Letter, issue: Issue) -> list[Placed]:
    """The text part of an issue."""
    page = Page()
    for block in issue.blocks:
        block.write(_Part(page, letter, issue, block))
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
    """The text part as one block sees it."""

    def __init__(self, page: Page, letter: Letter, issue: Issue, block: Block) -> None:
        self.at: datetime = letter.local_date
        self.zone: tzinfo = zone_of(letter.zone)
        self.language = block.language or issue.language
        self.brand = letter.brand
        self.calendar = letter.calendar
        self._online = letter.online
        self.contents: Sequence[tuple[str, str]] = issue.contents
        self.figures: Sequence[MemberCount] = letter.figures
        self._page = page

    def say(self, sentence: str, **values: object) -> str:
        return say(self.language, sentence, **values)

    def heading(self, text: str, rule: str = "-") -> None:
        self._page.head(*self._page.underlined(self._page.marked(text), rule))

    def paragraph(
        self, *texts: str, link_text: str = "", url: str = "", also: tuple[str, str] = ("", "")
    ) -> None:
        page = self._page
        lines = [line for text in texts for line in page.wrap(page.marked(text))]
        for words, address in ((link_text, url), also):
            if address:
                lines += page.linked(page.marked(words), AuthorLink(address))
        page.add(*lines)

    def titled(self, *texts: str) -> None:
        page = self._page
        lines = [line for text in texts for line in page.wrap(page.marked(text))]
        if self._online:
            lines += page.linked(self.say("View online"), Automatic.ONLINE)
        page.add(*lines)

    def above(self, *texts: str) -> None:
        page = self._page
        page.above(*(line for text in texts for line in page.wrap(page.marked(text))))

    def directory(self, links: Sequence[tuple[str, str]]) -> None:
        page = self._page
        lines: list[str] = []
        for text, url in links:
            lines += page.linked(page.marked(text), AuthorLink(url)) if url else []
        page.add(*lines)

    def rich(self, text: str) -> None:
        for lines in rich_paragraphs(text, self._page):
            self._page.add(*lines)

    def quote(self, text: str) -> None:
        page = self._page
        page.add(*page.wrap(page.marked(text), _INDENT, _INDENT))

    def entries(self, texts: Sequence[str]) -> None:
        page = self._page
        page.add(*(line for each in texts for line in page.wrap(page.marked(each), "- ", "  ")))

    def columns(self, rows: Sequence[Sequence[str]]) -> None:
        page = self._page
        marked = [[page.marked(text) for text in row] for row in rows]
        rooms = [max(map(page.width, column)) for column in zip(*marked, strict=True)]
        lines = []
        for row in marked:
            cells = [
                (text, " " * (room - page.width(text)))
                for text, room in zip(row, rooms, strict=True)
            ]
            (number, space), *others = cells
            rest = "".join(f"  {text}{filler}" for text, filler in others)
            lines.append(f"  {space}{number}{rest}".rstrip())
        page.add(*lines)

    def answers(self, block_id: str, texts: Sequence[str]) -> None:
        page = self._page
        lines: list[str] = []
        for number, text in enumerate(texts, start=1):
            lines += page.linked(f"{number}. {page.marked(text)}", AnswerLink(block_id, number))
        page.add(*lines)

    def rule(self) -> None:
        self._page.add("-" * COLUMNS)

    def ways_out(self) -> None:
        self._page.add(
            *self._page.linked(self.say(wording.UNSUBSCRIBE), Automatic.UNSUBSCRIBE),
            *self._page.linked(self.say(wording.PREFERENCES), Automatic.PREFERENCES),
        )
