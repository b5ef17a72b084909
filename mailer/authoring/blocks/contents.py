"""The block that says what else is in the issue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import line


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Block):
    """Links to the headings of the other blocks; with fewer than three of them it is left out."""

    type: ClassVar[str] = "contents"
    type_title: ClassVar[str] = "In this issue"
    position: ClassVar[int] = 15
    shelf: ClassVar[Shelf] = Shelf.AROUND
    drawing: ClassVar[str] = "contents"
    about: ClassVar[str] = "made from the headings"
    only_one: ClassVar[bool] = True
    is_frame: ClassVar[bool] = True
    named_by: ClassVar[str] = "heading"

    heading: str = line("Heading", soft_limit=40, help="Left empty, it says “In this issue”.")

    def links(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def write(self, part: TextPart) -> None:
        part.heading(self.heading or part.say("In this issue"))
        part.entries([heading for _, heading in part.contents])

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        entries = [(anchor, part.line(heading)) for anchor, heading in part.contents]
        half = -(-len(entries) // 2)
        return {
            "heading": part.line(self.heading or part.say("In this issue")),
            "halves": (entries[:half], entries[half:]),
        }
