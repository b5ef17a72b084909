"""The blocks of text and of a button."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, TextPart
from mailer.authoring.blocks.fields import choice, line, markdown, url
from mailer.authoring.text.markdown import links

MARKDOWN_HELP: Final = (
    "A blank line starts a paragraph, ### a small heading, - a list. **bold**, *italic*, "
    "[words](https://address)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Block):
    """Text, with a heading or without."""

    type: ClassVar[str] = "text"
    type_title: ClassVar[str] = "Text"
    position: ClassVar[int] = 20
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=70)
    text: str = markdown("Text", required=True, help=MARKDOWN_HELP)

    def markdown_heading(self) -> int:
        return 3 if self.heading else 2

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        part.rich(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Block):
    """A button with a link: one thing to do."""

    type: ClassVar[str] = "button"
    type_title: ClassVar[str] = "Button"
    position: ClassVar[int] = 40
    named_by: ClassVar[str] = "words"
    rule_below: ClassVar[bool] = False

    words: str = line("Words", required=True, soft_limit=30, help="Two to five words.")
    link: str = url("Link", required=True)
    style: str = choice("Style", ("main", "Main"), ("quiet", "Quiet"))
    alignment: str = choice("Alignment", ("left", "Left"), ("center", "Centre"))

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.link, self.words

    def write(self, part: TextPart) -> None:
        part.paragraph(link_text=self.words, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"button_width": part.button_width(self.words)}
