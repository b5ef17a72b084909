"""A case study: what a member did, for others to borrow from."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.cases import Case, CaseStudies
from mailer.authoring.blocks.fields import choice
from mailer.authoring.library.kinds.base import KeptItem, borrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCaseStudy(KeptItem):
    """It becomes a card of the block of case studies."""

    key: ClassVar[str] = "case_study"
    type_title: ClassVar[str] = "Case study"
    type_plural: ClassVar[str] = "Case studies"
    about: ClassVar[str] = "what a council did, for others to borrow from"
    drawing: ClassVar[str] = "bookmark"
    position: ClassVar[int] = 20
    block: ClassVar[type[Block]] = CaseStudies
    listed_in: ClassVar[str] = "cases"
    named_by: ClassVar[str] = "title"
    whose: ClassVar[str] = "organisation"

    title: str = borrowed(Case, "title")
    organisation: str = borrowed(Case, "organisation")
    year: str = borrowed(Case, "year")
    status: str = choice(
        "Status",
        ("under_way", "Under way"),
        ("finished", "Finished"),
        ("planned", "Planned"),
        help="Readers of an issue don’t see this.",
    )
    principles: str = borrowed(Case, "principles")
    summary: str = borrowed(Case, "summary")
    image: str = borrowed(Case, "image")
    image_alt: str = borrowed(Case, "image_alt")
    link: str = borrowed(Case, "link")
    link_words: str = borrowed(Case, "link_words")
