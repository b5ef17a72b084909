"""The blocks of text, of a note and of a button."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, line, markdown, url
from mailer.authoring.text.markdown import links

MARKDOWN_HELP: Final = (
    "A blank line starts a paragraph, ### a small heading, - a list, > a quotation. **bold**, "
    "*italic*, [words](https://address)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Block):
    """Text, with a heading or without."""

    type: ClassVar[str] = "text"
    type_title: ClassVar[str] = "Text"
    position: ClassVar[int] = 20
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "text"
    about: ClassVar[str] = "headings, lists, links"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=70)
    text: str = markdown("Text", required=True, help=MARKDOWN_HELP)

    def markdown_heading(self) -> int:
        return 3 if self.heading else 2

    def listed_as(self) -> str:
        return self.heading

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        part.rich(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Block):
    """A few words for some categories, in a panel that says for whom."""

    type: ClassVar[str] = "note"
    type_title: ClassVar[str] = "Only for…"
    position: ClassVar[int] = 76
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "text"
    about: ClassVar[str] = "for some members only"
    named_by: ClassVar[str] = "label"

    label: str = line(
        "Who it is for",
        soft_limit=40,
        help="Only for Full members. Left empty, it is made from the categories ticked below.",
    )
    text: str = markdown("Text", required=True, help=MARKDOWN_HELP)
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="See the motion.")

    def shown_label(self, part: TextPart | HtmlPart) -> str:
        """For whom it is, in words."""
        if self.label or not self.visible_to:
            return self.label
        names = [slug.replace("-", " ").capitalize() for slug in self.visible_to]
        *most, last = names
        several = part.say("{first} and {last}", first=", ".join(most), last=last)
        return part.say("Only for {names} members", names=several if most else last)

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.visible_to is None:
            yield "visible_to", "Tick the categories it is for, or use a text block instead."
        if self.link and not self.link_words:
            yield "link_words", "Say where the link goes."

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)
        yield self.link, self.link_words

    def write(self, part: TextPart) -> None:
        part.heading(self.shown_label(part))
        part.rich(self.text)
        part.paragraph(link_text=self.link_words, url=self.link)

    def markdown_heading(self) -> int:
        return 2

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"label": part.line(self.shown_label(part))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button(Block):
    """A button with a link: one thing to do."""

    type: ClassVar[str] = "button"
    type_title: ClassVar[str] = "Button"
    position: ClassVar[int] = 40
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "button"
    about: ClassVar[str] = "one clear thing to do"
    named_by: ClassVar[str] = "words"

    words: str = line("Words", required=True, soft_limit=30, help="Two to five words.")
    link: str = url("Link", required=True)
    style: str = choice(
        "Style",
        ("main", "Main"),
        ("quiet", "Quiet"),
        help="An issue has one filled button: the lead story’s, or else its first main one.",
    )
    alignment: str = choice("Alignment", ("left", "Left"), ("center", "Centre"))

    def calls_for_action(self) -> bool:
        return self.style == "main"

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.link, self.words

    def write(self, part: TextPart) -> None:
        part.paragraph(link_text=self.words, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"drawn": part.drawn(self.words)}
