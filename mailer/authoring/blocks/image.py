"""The block of a picture by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, TextPart
from mailer.authoring.blocks.fields import choice, line, picture, tick, url

ALT_HELP: Final = "What the picture shows, for people who cannot see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Block):
    """A picture by itself."""

    type: ClassVar[str] = "image"
    type_title: ClassVar[str] = "Image"
    position: ClassVar[int] = 50
    named_by: ClassVar[str] = "alt"

    image: str = picture("Picture address", required=True, help="An https address.")
    alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    decoration: bool = tick("This picture is decoration", help="It says nothing by itself.")
    caption: str = line("Caption", soft_limit=140)
    credit: str = line("Credit", soft_limit=60)
    link: str = url("Link")
    width: str = choice("Width", ("full", "Full"), ("half", "Half"))

    def problems(self) -> Iterator[tuple[str, str]]:
        if not self.alt and not self.decoration:
            yield "alt", "Say what the picture shows, or tick that it is decoration."
        if self.decoration and self.link and not self.alt:
            yield "alt", "Say where the picture's link goes: a linked picture is not decoration."

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.link, self.alt or self.caption

    def write(self, part: TextPart) -> None:
        shown = "" if self.decoration or not self.alt else f"[Picture: {self.alt}]"
        part.paragraph(shown, self.caption)
        part.paragraph(link_text=self.alt or self.caption, url=self.link)
