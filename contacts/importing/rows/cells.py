"""A cell as one line of text, as it was before a spreadsheet or an export guarded it."""

import re
import unicodedata
from typing import Final

_GUARD: Final = re.compile(r"'(?='*[=+\-@\t\r\n＝＋－＠])")
# Marks that turn or hide text: a name that carries them shows as another one.
_TURNING: Final = dict.fromkeys(
    (0x200B, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


def clean(cell: str) -> str:
    """A cell as one line of text: no guard, no control characters, single spaces."""
    if cell[:1] == "'" and _GUARD.match(cell):
        cell = cell[1:]
    if not (cell.isprintable() and cell.isascii()):
        cell = unicodedata.normalize("NFC", cell).translate(_TURNING)
        cell = "".join(
            " " if unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} else char for char in cell
        )
    return " ".join(cell.split())
