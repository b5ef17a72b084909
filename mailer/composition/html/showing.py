"""What a block's template is given: marks for words, addresses and pictures, plain values for
choices, and the cell that the block stands in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup

from mailer.authoring.blocks.base import Block, Item, MemberCount
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.text.languages import ENGLISH, direction, is_said_in, say
from mailer.authoring.text.urls import LIBRARY_PICTURE, wrong_with, wrong_with_picture
from mailer.clock import zone_of
from mailer.composition.arranging import Issue
from mailer.composition.html.buttons import drawn
from mailer.composition.html.placeholders import Placeholders
from mailer.composition.html.rich import rich_html
from mailer.composition.letter import Letter
from mailer.composition.parts import AnswerLink, AuthorLink, Automatic, Words


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's address as a mark, and how large its file is, where that is known."""

    mark: Markup
    size: tuple[int, int] | None

    def __html__(self) -> str:
        return str(self.mark)

    def within(self, slot: int) -> tuple[int, int | None]:
        """Width and height to draw it at: the width of its place, but never more than the file's.
        A height that is only guessed would distort it where styles are ignored."""
        if self.size is None or not all(self.size):
            return slot, None
        width = min(slot, self.size[0])
        return width, round(width * self.size[1] / self.size[0])


class _Part:
    """The HTML part as one block sees it."""

    def __init__(
        self, letter: Letter, issue: Issue, block: Block, placeholders: Placeholders
    ) -> None:
        self.at: datetime = letter.local_date
        self.zone: tzinfo = zone_of(letter.zone)
        self.language = block.language or issue.language
        self.brand = letter.brand
        self.calendar = letter.calendar
        self._online = letter.online
        self.contents: Sequence[tuple[str, str]] = issue.contents
        self.figures: Sequence[MemberCount] = letter.figures
        self.line: Callable[[str], str] = placeholders.line
        self.words: Callable[[str], str] = placeholders.words
        self.drawn: Callable[[str], str] = drawn
        self._sizes = letter.pictures
        self._site = letter.public_url
        self._placeholders = placeholders

    def say(self, sentence: str, **values: object) -> str:
        return say(self.language, sentence, **values)

    def marked(self, sentence: str) -> str:
        """A sentence of the mail's own, marked as English where it is not translated."""
        if is_said_in(self.language, sentence):
            return self.say(sentence)
        return Markup('<span lang="{}" dir="ltr">{}</span>').format(ENGLISH, sentence)

    def link(self, url: str) -> str:
        return self._placeholders.of(AuthorLink(url)) if url else ""

    def view_online(self) -> str:
        return self._placeholders.of(Automatic.ONLINE) if self._online else ""

    def picture(self, url: str) -> object:
        if not url or wrong_with_picture(url):
            return ""
        address = f"{self._site}{url}" if LIBRARY_PICTURE.fullmatch(url) else url
        return Picture(self._placeholders.of(Words(address)), self._sizes.get(url))

    def rich(self, text: str, *, heading: int) -> str:
        return rich_html(text, self._placeholders, heading=heading)

    def answer(self, block_id: str, number: int) -> str:
        return self._placeholders.of(AnswerLink(block_id, number))


def view(
    letter: Letter, issue: Issue, block: Block, placeholders: Placeholders
) -> dict[str, object]:
    """What a block's template may use."""
    part = _Part(letter, issue, block, placeholders)
    side = direction(part.language)

    def cell(classes: str, more: str = "") -> Markup:
        """The row and the cell a block begins with; it says which language and where it is."""
        other = direction(issue.language) != side
        names = f"{classes} {more} {side if side == 'rtl' or other else ''}".split()
        start = Markup('<tr><td class="{}"').format(" ".join(names))
        listed = any(anchor == block.id for anchor, _ in issue.contents) and block.listed_as()
        if listed or (issue.marked and block.id):
            start += Markup(' id="{}"').format(block.id)
        if part.language != issue.language:
            start += Markup(' lang="{}" dir="{}"').format(part.language, side)
        return start + Markup(">")

    return {
        "type": block.type,
        "dir": side,
        "open": cell,
        "say": part.marked,
        "filled": block.id == issue.action,
        "after_band": False,
        **_shown(block, BLOCK_TYPES[block.type].fields, part, block.markdown_heading()),
    }


def _shown(
    thing: Block | Item, fields: Sequence[Field], part: _Part, heading: int
) -> Mapping[str, object]:
    values = {each.name: _value(getattr(thing, each.name), each, part, heading) for each in fields}
    return {**values, **thing.view(part)}


def _value(value: object, field: Field, part: _Part, heading: int) -> object:
    if isinstance(value, tuple):
        return [_shown(each, field.parts, part, heading) for each in value]
    if not isinstance(value, str) or field.kind is FieldKind.CHOICE:
        return value
    if field.kind is FieldKind.MARKDOWN:
        return part.rich(value, heading=heading)
    if field.kind is FieldKind.URL:
        if field.picture:
            return part.picture(value)
        return "" if not value or wrong_with(value) else part.link(value)
    return part.line(value)
