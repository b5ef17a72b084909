"""Blocks to the text part: a real alternative, made from the blocks and not from the HTML.

The main heading is underlined with "=", others with "-"; a link is "words: address" on a line of
its own; 72 columns, except that an address is never broken.
"""

from collections.abc import Sequence

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.events import EventList
from mailer.authoring.blocks.image import Image
from mailer.authoring.blocks.story import Story
from mailer.authoring.blocks.structure import Divider, Footer, Masthead
from mailer.authoring.blocks.writing import Button, Text
from mailer.authoring.text import dates as when
from mailer.authoring.text.characters import one_line
from mailer.composition import wording
from mailer.composition.letter import Notice
from mailer.composition.parts import Automatic, Link, Placed
from mailer.composition.text.page import COLUMNS, Page
from mailer.composition.text.paragraphs import rich_paragraphs


def design_text(blocks: Sequence[Block]) -> list[Placed]:
    """The text part of these blocks."""
    page = Page()
    for block in blocks:
        _add(page, block)
    return page.placed()


def notice_text(notice: Notice) -> list[Placed]:
    """The text part of a system mail."""
    page = Page()
    page.add(*page.underlined(one_line(notice.subject), "="))
    for paragraph in notice.paragraphs:
        page.add(*page.wrap(one_line(paragraph)))
    page.add(*page.linked(one_line(notice.button_words), Link(notice.button_url)))
    page.add(*page.wrap(one_line(notice.closing)))
    return page.placed()


def _add(page: Page, block: Block) -> None:
    match block:
        case Masthead():
            page.add(*page.underlined(page.marked(block.title), "="))
            _add_lines(page, block.date, block.strapline)
        case Text():
            page.add(*page.underlined(page.marked(block.heading), "-"))
            _add_rich(page, block.text)
        case Story():
            heading = ": ".join(filter(None, (block.kicker, block.headline)))
            page.add(*page.underlined(page.marked(heading), "-"))
            _add_rich(page, block.text)
            _add_link(page, block.words_of_link, block.link)
        case Button():
            _add_link(page, block.words, block.link)
        case Image():
            shown = "" if block.decoration or not block.alt else f"[Picture: {block.alt}]"
            _add_lines(page, shown, block.caption)
            _add_link(page, block.alt or block.caption, block.link)
        case EventList():
            _add_events(page, block)
        case Divider(kind="line"):
            page.add("-" * COLUMNS)
        case Footer():
            _add_footer(page, block)


def _add_events(page: Page, block: EventList) -> None:
    page.add(*page.underlined(page.marked(block.heading), "-"))
    for event in block.events:
        start, end = when.read(event.start), when.read(event.end)
        said = when.span_words(start, end) if start else event.start
        lines = [
            line
            for text in (event.title, said, event.place)
            for line in page.wrap(page.marked(text))
        ]
        if event.link:
            lines += page.linked(page.marked(event.words_of_link), Link(event.link))
        page.add(*lines)


def _add_footer(page: Page, block: Footer) -> None:
    page.add("-" * COLUMNS)
    _add_lines(page, block.why)
    page.add(
        *page.linked(wording.UNSUBSCRIBE, Automatic.UNSUBSCRIBE),
        *page.linked(wording.PREFERENCES, Automatic.PREFERENCES),
    )
    _add_lines(page, block.legal_name, block.postal_address, block.contact)
    _add_link(page, wording.PRIVACY, block.privacy_link)


def _add_lines(page: Page, *texts: str) -> None:
    page.add(*(line for text in texts for line in page.wrap(page.marked(text))))


def _add_link(page: Page, text: str, url: str) -> None:
    if url:
        page.add(*page.linked(page.marked(text), Link(url)))


def _add_rich(page: Page, text: str) -> None:
    for lines in rich_paragraphs(text, page):
        page.add(*lines)
