"""A Policy Lab or a Policy Prototype, and how far it has come."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import line
from mailer.authoring.blocks.labs import PolicyLab
from mailer.authoring.library.kinds.base import KeptItem, borrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLab(KeptItem):
    """It becomes an update of a Policy Lab."""

    key: ClassVar[str] = "lab"
    type_title: ClassVar[str] = "Policy Lab or Prototype"
    type_plural: ClassVar[str] = "Labs"
    about: ClassVar[str] = "how far a Policy Lab or a Prototype has come"
    drawing: ClassVar[str] = "people"
    position: ClassVar[int] = 40
    block: ClassVar[type[Block]] = PolicyLab
    named_by: ClassVar[str] = "headline"
    whose: ClassVar[str] = "lead"
    dated_by: ClassVar[str] = "deadline"

    kind: str = borrowed(PolicyLab, "kind")
    headline: str = borrowed(PolicyLab, "headline")
    round: str = line("Round", soft_limit=40, help="Round 4, 2026.")
    lead: str = borrowed(PolicyLab, "lead")
    taking_part: str = borrowed(PolicyLab, "taking_part", label="Partners")
    stage: str = borrowed(PolicyLab, "stage")
    funding: str = line("Funding", soft_limit=60, help="Up to £15,000 over nine months.")
    deadline: str = borrowed(PolicyLab, "deadline")
    text: str = borrowed(PolicyLab, "text")
    link: str = borrowed(PolicyLab, "link")
    link_words: str = borrowed(PolicyLab, "link_words")
