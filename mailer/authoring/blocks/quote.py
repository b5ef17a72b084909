"""The block of somebody's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
from mailer.authoring.blocks.fields import line, picture, tick, url


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(Block):
    """A sentence that somebody said and agreed to see here."""

    type: ClassVar[str] = "quote"
    type_title: ClassVar[str] = "Spotlight quote"
    position: ClassVar[int] = 55
    shelf: ClassVar[Shelf] = Shelf.MEMBERS
    drawing: ClassVar[str] = "quote"
    about: ClassVar[str] = "with its speaker"
    named_by: ClassVar[str] = "speaker"

    quote: str = line("Quote", required=True, soft_limit=270, help="About 45 words, no marks.")
    speaker: str = line("Speaker", required=True, soft_limit=60)
    role: str = line("Role", soft_limit=60)
    organisation: str = line("Organisation", soft_limit=60)
    photo: str = picture("Photo", help="A square picture.")
    photo_alt: str = line("Words for the photo", soft_limit=125, help="The name is enough.")
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Hear the whole story.")
    permitted: bool = tick("The speaker agreed to be quoted")

    @property
    def standing(self) -> str:
        """Role and organisation."""
        return ", ".join(filter(None, (self.role, self.organisation)))

    @property
    def marked(self) -> str:
        """The quote within its marks."""
        return f"“{self.quote.strip('“”').strip(chr(34))}”" if self.quote else ""

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.photo and not self.photo_alt:
            yield "photo_alt", "Say who is in the photo, for people who cannot see it."
        if self.link and not self.link_words:
            yield "link_words", "Say where the link goes."
        if not self.permitted:
            yield "permitted", "Ask the speaker first, then tick that they agreed to be quoted."

    def links(self) -> Iterator[tuple[str, str]]:
        yield self.link, self.link_words

    def write(self, part: TextPart) -> None:
        part.quote(self.marked)
        part.quote(", ".join(filter(None, (self.speaker, self.standing))))
        part.paragraph(link_text=self.link_words, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {"quote": part.line(self.marked), "standing": part.line(self.standing)}
