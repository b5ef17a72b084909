"""A story: one piece of news, of a member or of the network."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.fields import line
from mailer.authoring.blocks.story import Story
from mailer.authoring.library.kinds.base import KeptItem, borrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStory(KeptItem):
    """News with a picture and a link to the whole of it."""

    key: ClassVar[str] = "story"
    type_title: ClassVar[str] = "Story"
    type_plural: ClassVar[str] = "Stories"
    about: ClassVar[str] = "news of a member, or of the network"
    drawing: ClassVar[str] = "note"
    position: ClassVar[int] = 10
    block: ClassVar[type[Block]] = Story
    named_by: ClassVar[str] = "headline"
    whose: ClassVar[str] = "kicker"

    headline: str = borrowed(Story, "headline")
    kicker: str = borrowed(Story, "kicker")
    text: str = borrowed(Story, "text")
    image: str = borrowed(Story, "image")
    image_alt: str = borrowed(Story, "image_alt")
    image_credit: str = borrowed(Story, "image_credit")
    link: str = borrowed(Story, "link")
    link_words: str = borrowed(Story, "link_words")
    rights: str = line(
        "Rights", help="Who said that we may use it, and for what. Readers don’t see this."
    )
