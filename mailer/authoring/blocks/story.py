"""The block of one piece of news."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, TextPart
from mailer.authoring.blocks.fields import choice, line, markdown, picture, url
from mailer.authoring.blocks.image import ALT_HELP
from mailer.authoring.blocks.writing import MARKDOWN_HELP
from mailer.authoring.text.markdown import links


@dataclass(frozen=True, slots=True, kw_only=True)
class Story(Block):
    """One piece of news, with a picture and a link to the whole of it."""

    type: ClassVar[str] = "story"
    type_title: ClassVar[str] = "Story"
    position: ClassVar[int] = 30
    named_by: ClassVar[str] = "headline"

    layout: str = choice(
        "Picture", ("top", "Above the story"), ("left", "Beside the story"), ("none", "No picture")
    )
    image: str = picture("Picture address", help="An https address.")
    image_alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    image_credit: str = line("Picture credit", soft_limit=60)
    kicker: str = line("Kicker", soft_limit=40, help="A few words above: whose story it is.")
    headline: str = line("Headline", required=True, soft_limit=70)
    text: str = markdown("Text", required=True, help=MARKDOWN_HELP)
    link: str = url("Link")
    link_words: str = line("Link words", soft_limit=40, help="Read how Aldmor did it.")

    @property
    def words_of_link(self) -> str:
        """What the link says, also when its author said nothing."""
        return self.link_words or f"Read more: {self.headline}"

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.image and self.layout != "none" and not self.image_alt:
            yield "image_alt", "Say what the picture shows, for people who cannot see it."

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)
        yield self.link, self.words_of_link

    def write(self, part: TextPart) -> None:
        part.heading(": ".join(filter(None, (self.kicker, self.headline))))
        part.rich(self.text)
        part.paragraph(link_text=self.words_of_link, url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {
            "link_words": part.line(self.words_of_link),
            "button_width": part.button_width(self.words_of_link),
        }
