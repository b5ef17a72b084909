"""A call to take part, with a deadline."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.authoring.blocks.base import Block
from mailer.authoring.blocks.labs import Call
from mailer.authoring.library.kinds.base import KeptItem, borrowed


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCall(KeptItem):
    """It becomes a call."""

    key: ClassVar[str] = "call"
    type_title: ClassVar[str] = "Call"
    type_plural: ClassVar[str] = "Calls"
    about: ClassVar[str] = "to take part, with a deadline"
    drawing: ClassVar[str] = "bell"
    position: ClassVar[int] = 50
    block: ClassVar[type[Block]] = Call
    named_by: ClassVar[str] = "what"
    dated_by: ClassVar[str] = "deadline"

    what: str = borrowed(Call, "what")
    text: str = borrowed(Call, "text")
    who: str = borrowed(Call, "who")
    deadline: str = borrowed(Call, "deadline")
    contact: str = borrowed(Call, "contact")
    link: str = borrowed(Call, "link")
    link_words: str = borrowed(Call, "link_words")
