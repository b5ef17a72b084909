"""What every block of a document has."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What every block has. ``visible_to`` holds category slugs; None means everyone."""

    type: ClassVar[str]
    type_title: ClassVar[str]
    named_by: ClassVar[str] = ""  # the field by whose words people know one block from another

    id: str = ""
    visible_to: tuple[str, ...] | None = None

    def is_for(self, category: str) -> bool:
        """Whether somebody of this category ("" for none) sees it."""
        return self.visible_to is None or category in self.visible_to
