"""The block of two things side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, items, line, markdown, picture, url
from mailer.authoring.blocks.image import ALT_HELP
from mailer.authoring.blocks.writing import MARKDOWN_HELP
from mailer.authoring.text.markdown import links


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Item):
    """One of the two: a picture, a heading, text and a link, of which any may be missing."""

    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=60)
    image: str = picture("Picture")
    image_alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    text: str = markdown("Text", soft_limit=480, help=MARKDOWN_HELP)
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40)

    def problems(self) -> Iterator[tuple[str, str]]:
        if not (self.heading or self.text or self.image):
            yield "text", "Write something in it, or add a picture."
        if self.image and not self.image_alt:
            yield "image_alt", "Say what the picture shows, for people who cannot see it."
        if self.link and not self.link_words:
            yield "link_words", "Say where the link goes."


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoColumns(Block):
    """Two things side by side, one below the other where there is no room."""

    type: ClassVar[str] = "two_columns"
    type_title: ClassVar[str] = "Two columns"
    position: ClassVar[int] = 72
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "columns"
    about: ClassVar[str] = "side by side, stacked on phones"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=70, help="Over both; may be left empty.")
    ratio: str = choice("Widths", ("equal", "Equal"), ("wide", "The second is wider"))
    columns: tuple[Column, ...] = items(
        "Columns", of=Column, noun="column", most=2, least=2, required=True
    )

    def listed_as(self) -> str:
        return self.heading

    def links(self) -> Iterator[tuple[str, str]]:
        for column in self.columns:
            yield from links(column.text)
            yield column.link, column.link_words

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for column in self.columns:
            if self.heading:
                part.above(column.heading)
            else:
                part.heading(column.heading)
            if column.image and column.image_alt:
                part.paragraph(part.say("[Picture: {shown}]", shown=column.image_alt))
            part.rich(column.text)
            part.paragraph(link_text=column.link_words, url=column.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        del part
        return {"level": 3 if self.heading else 2, "wide": self.ratio == "wide"}
