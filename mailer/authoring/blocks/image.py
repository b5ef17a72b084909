"""The block of a picture by itself."""

from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import choice, line, picture, tick, url

ALT_HELP: Final = "What the picture shows, for people who cannot see it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Block):
    """A picture by itself."""

    type: ClassVar[str] = "image"
    type_title: ClassVar[str] = "Image"
    named_by: ClassVar[str] = "alt"

    image: str = picture("Picture address", required=True, help="An https address.")
    alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    decoration: bool = tick("This picture is decoration", help="It says nothing by itself.")
    caption: str = line("Caption", soft_limit=140)
    credit: str = line("Credit", soft_limit=60)
    link: str = url("Link")
    width: str = choice("Width", ("full", "Full"), ("half", "Half"))
