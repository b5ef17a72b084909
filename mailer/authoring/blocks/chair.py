"""The block of a letter from whoever leads the network."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import line, markdown, picture
from mailer.authoring.blocks.writing import MARKDOWN_HELP
from mailer.authoring.text.markdown import links


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairsMessage(Block):
    """A letter, with a face and a signature."""

    type: ClassVar[str] = "chairs_message"
    type_title: ClassVar[str] = "Chair’s message"
    position: ClassVar[int] = 18
    shelf: ClassVar[Shelf] = Shelf.MEMBERS
    drawing: ClassVar[str] = "chair"
    about: ClassVar[str] = "a letter and a face"
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=60, help="Left empty, it says “From the Chair”.")
    photo: str = picture("Photo", help="A square picture.")
    photo_alt: str = line("Words for the photo", soft_limit=125, help="The name is enough.")
    greeting: str = line("Greeting", soft_limit=60, help="Dear {{first_name|member}},")
    text: str = markdown("Text", required=True, soft_limit=1_600, help=MARKDOWN_HELP)
    sign_off: str = line("Sign-off", soft_limit=60, help="With warm wishes,")
    signature: str = picture("Signature", help="A picture 165 pixels wide.")
    name: str = line("Name", required=True, soft_limit=60)
    role: str = line("Role", required=True, soft_limit=90)

    def height(self) -> int:
        return 2

    def listed_as(self) -> str:
        return self.heading or "From the Chair"

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.photo and not self.photo_alt:
            yield "photo_alt", "Say who is in the photo, for people who cannot see it."

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)

    def write(self, part: TextPart) -> None:
        part.heading(self.heading or part.say("From the Chair"))
        part.paragraph(self.greeting)
        part.rich(self.text)
        part.paragraph(self.sign_off)
        part.paragraph(self.name, self.role)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        first = self.text.split("\n\n", 1)[0]
        return {
            "heading": part.line(self.heading or part.say("From the Chair")),
            # A first sentence by itself is set larger; a first paragraph is not.
            "intro": len(first) <= 180 and not first.lstrip().startswith(("#", "-", "*", ">", "1")),
        }
