"""The block of case studies to borrow from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from mailer.authoring.blocks.base import Block, HtmlPart, Item, Shelf, TextPart
from mailer.authoring.blocks.fields import items, line, markdown, picture, url
from mailer.authoring.blocks.image import ALT_HELP
from mailer.authoring.text.markdown import links

_PRINCIPLES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Item):
    """One case study."""

    named_by: ClassVar[str] = "title"

    title: str = line("Title", required=True, soft_limit=60)
    organisation: str = line("Organisation", required=True, soft_limit=60)
    year: str = line("Year", soft_limit=9, help="2026")
    image: str = picture("Picture")
    image_alt: str = line("Words for the picture", soft_limit=125, help=ALT_HELP)
    summary: str = markdown("Summary", required=True, soft_limit=360, help="About 60 words.")
    principles: str = line(
        "Principles met", soft_limit=60, help="Up to three: skills, shared assets."
    )
    link: str = url("Link", required=True)
    link_words: str = line("Link words", required=True, soft_limit=40, help="Borrow the library.")

    @property
    def chips(self) -> list[str]:
        """Its principles one by one."""
        return [each.strip() for each in self.principles.split(",") if each.strip()]

    @property
    def standing(self) -> str:
        """Whose it is, and of when."""
        return ", ".join(filter(None, (self.organisation, self.year)))

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.image and not self.image_alt:
            yield "image_alt", "Say what the picture shows, for people who cannot see it."
        if len(self.chips) > _PRINCIPLES:
            yield "principles", f"Keep to {_PRINCIPLES} principles: there are {len(self.chips)}."

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        return {
            "chips": [part.line(each) for each in self.chips],
            "standing": part.line(self.standing),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStudies(Block):
    """One to four case studies, two of them side by side where there is room."""

    type: ClassVar[str] = "case_studies"
    type_title: ClassVar[str] = "Case studies"
    position: ClassVar[int] = 35
    shelf: ClassVar[Shelf] = Shelf.LIBRARY
    drawing: ClassVar[str] = "case"
    about: ClassVar[str] = "up to three cards"
    named_by: ClassVar[str] = "heading"
    heading_level: ClassVar[int] = 4

    heading: str = line("Heading", required=True, soft_limit=70, starts_as="Case studies to borrow")
    cases: tuple[Case, ...] = items("Case studies", of=Case, noun="case", most=4, required=True)

    def height(self) -> int:
        return 1 + len(self.cases) // 2

    def listed_as(self) -> str:
        return self.heading

    def links(self) -> Iterator[tuple[str, str]]:
        for case in self.cases:
            yield from links(case.summary)
            yield case.link, case.link_words

    def write(self, part: TextPart) -> None:
        part.heading(self.heading)
        for case in self.cases:
            shown = part.say("[Picture: {shown}]", shown=case.image_alt) if case.image else ""
            named = f"{case.title} ({case.standing})" if case.standing else case.title
            part.above(named, shown)
            part.rich(case.summary)
            met = ", ".join(case.chips)
            part.paragraph(
                part.say("Principles met: {principles}", principles=met) if met else "",
                link_text=case.link_words,
                url=case.link,
            )

    def view(self, part: HtmlPart) -> Mapping[str, object]:
        del part
        return {"alone": len(self.cases) % 2}
