"""Where a block, or an entry of its list, came from: an item of the library, as it was then."""

import re
from dataclasses import dataclass
from typing import Final, Self

SOURCE: Final = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Source:
    """An item of the library and its revision; "12.3" in a document."""

    item: int
    revision: int

    def __str__(self) -> str:
        return f"{self.item}.{self.revision}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What a document says; None where it says nothing that can be one."""
        found = SOURCE.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None
