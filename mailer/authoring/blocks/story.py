"""The block of one piece of news."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block, HtmlPart, Shelf, TextPart
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
    shelf: ClassVar[Shelf] = Shelf.WORDS
    drawing: ClassVar[str] = "story"
    about: ClassVar[str] = "picture, text, button"
    named_by: ClassVar[str] = "headline"

    layout: str = choice(
        "Place of the picture",
        ("top", "Above the story"),
        ("left", "Beside the story"),
        ("none", "No picture"),
        ("lead", "Large, as the lead story"),
        help="An issue has one lead story; its link is the filled button.",
    )
    image: str = picture("Picture")
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

    @property
    def is_lead(self) -> bool:
        """Whether it is the story an issue opens with."""
        return self.layout == "lead"

    def calls_for_action(self) -> bool:
        return self.is_lead and bool(self.link)

    def height(self) -> int:
        return 2 if self.image and self.layout in ("top", "lead") else 1

    def listed_as(self) -> str:
        return self.headline

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.image and self.layout != "none" and not self.image_alt:
            yield "image_alt", "Say what the picture shows, for people who cannot see it."

    def links(self) -> Iterator[tuple[str, str]]:
        yield from links(self.text)
        yield self.link, self.words_of_link

    def write(self, part: TextPart) -> None:
        part.heading(": ".join(filter(None, (self.kicker, self.headline))))
        if self.image and self.layout != "none" and self.image_alt:
            shown = ". ".join(filter(None, (self.image_alt, self.image_credit)))
            part.paragraph(part.say("[Picture: {shown}]", shown=shown))
        part.rich(self.text)
        part.paragraph(link_text=self._said(part), url=self.link)

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        pictured = self.layout != "none"
        words = self._said(part)
        return {
            "image": part.picture(self.image) if pictured else "",
            "lead": self.is_lead,
            "credit": self.image_credit
            and part.line(part.say("Picture: {credit}", credit=self.image_credit)),
            "link_words": part.line(words),
            "drawn": part.drawn(words),
        }

    def _said(self, part: TextPart | HtmlPart) -> str:
        return self.link_words or part.say("Read more: {title}", title=self.headline)
