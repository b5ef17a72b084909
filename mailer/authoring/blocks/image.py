"""The block of a picture by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import choice, line, picture, tick, url

ALT_HELP: Final = "What the picture shows, for people who cannot see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Block):
    """A picture by itself. Its link stands below it in words, which say where it goes."""

    type: ClassVar[str] = "image"
    type_title: ClassVar[str] = "Image"
    position: ClassVar[int] = 50
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "image"
    about: ClassVar[str] = "with its description"
    named_by: ClassVar[str] = "alt"

    image: str = picture("Picture", required=True)
    alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    decoration: bool = tick("This picture is decoration", help="It says nothing by itself.")
    caption: str = line("Caption", soft_limit=140)
    credit: str = line("Credit", soft_limit=60)
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Where the link goes.")
    width: str = choice("Width", ("full", "Full"), ("half", "Half"))

    def height(self) -> int:
        return 2 if self.width == "full" else 1

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.alt and not self.decoration:
            yield "alt", "Say what the picture shows, or tick that it is decoration."
        if self.link and not self.link_words:
            yield "link_words", "Say where the picture’s link goes."

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.link, self.link_words

    def write(self, part: TextPart) -> None:
        shown = (
            ""
            if self.decoration or not self.alt
            else part.say("[Picture: {shown}]", shown=self.alt)
        )
        credit = part.say("Picture: {credit}", credit=self.credit) if self.credit else ""
        part.paragraph(shown, " ".join(filter(None, (_ended(self.caption, credit), credit))))
        part.paragraph(link_text=self.link_words, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        credit = part.say("Picture: {credit}", credit=self.credit) if self.credit else ""
        below = " ".join(filter(None, (_ended(self.caption, credit), credit)))
        return {"alt": "" if self.decoration else part.line(self.alt), "below": part.line(below)}


def _ended(caption: str, more: str) -> str:
    """The caption with a full stop, where something is said behind it."""
    return f"{caption}." if caption and more and caption[-1] not in ".!?…" else caption
