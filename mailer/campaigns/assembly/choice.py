"""A thing that an issue may be filled with: what it becomes there, and why it was chosen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.members import Figures, MemberWelcome
from mailer.authoring.document import new_block

MEMBER: Final = "member"
FIGURES: Final = "figures"
FIGURES_WHY: Final = "Counted when the issue goes out."


@dataclass(frozen=True, slots=True)
class Choice:
    """``piece`` is a block, or an entry of the list ``listed_in`` of a ``block``. ``known_at`` is
    since when it could have been chosen."""

    key: str
    what: str  # a kind of the library, MEMBER or FIGURES
    title: str
    why: str
    piece: Block | Item
    block: type[Block]
    listed_in: str = ""
    item_id: int | None = None
    known_at: datetime | None = None


def figures() -> Choice:
    """The membership in numbers."""
    return Choice(FIGURES, FIGURES, Figures.type_title, FIGURES_WHY, new_block(FIGURES), Figures)


def member(key: str, title: str, why: str, piece: Item, known_at: datetime) -> Choice:
    """A new member."""
    of = MemberWelcome
    return Choice(key, MEMBER, title, why, piece, of, "members", known_at=known_at)
