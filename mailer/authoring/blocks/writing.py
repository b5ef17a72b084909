"""Blocks of words: text, and one thing to do."""

from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import choice, line, markdown, url

MARKDOWN_HELP: Final = (
    "A blank line starts a paragraph, ### a small heading, - a list. **bold**, *italic*, "
    "[words](https://address)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Block):
    """Words, with a heading or without."""

    type: ClassVar[str] = "text"
    type_title: ClassVar[str] = "Text"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=70)
    text: str = markdown("Text", required=True, help=MARKDOWN_HELP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Block):
    """One thing to do."""

    type: ClassVar[str] = "button"
    type_title: ClassVar[str] = "Button"
    named_by: ClassVar[str] = "words"

    words: str = line("Words", required=True, soft_limit=30, help="Two to five words.")
    link: str = url("Link", required=True)
    style: str = choice("Style", ("main", "Main"), ("quiet", "Quiet"))
    alignment: str = choice("Alignment", ("left", "Left"), ("center", "Centre"))
