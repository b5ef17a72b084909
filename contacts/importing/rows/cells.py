"""A cell as one line of text, as it was before a spreadsheet or an export guarded it."""

import re
import unicodedata
from typing import Final

_GUARD: Final = re.compile(r"'(?='*[=+\-@\t\r\n＝＋－＠])")
# Marks that turn or hide text: a name that carries them shows as another one.
_TURNING: Final = dict.fromkeys(
    (0x200B, 0x2060, 0xFEFF, 0xAD, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)

# What a spreadsheet shows where a formula fails, in the languages that headers are read in.
_ERRORS: Final = frozenset(
    "#ref! #n/a #name? #value! #div/0! #null! #num! #spill! #calc! #field! #blocked! #connect! "
    "#unknown! #busy! #getting_data #error! "
    "#bezug! #nv #wert! #zahl! #überlauf! #kalk! "
    "#valeur! #nom? #nombre! #nul! #propagation! "
    "#¡ref! #¡valor! #¿nombre? #¡div/0! #¡num! #¡nulo! #n/d #¡desbordamiento! "
    "#rif! #valore! #nome? #nullo! #espansione! "
    "#verw! #waarde! #naam? #deel/0! #getal! #leeg! #n/b #overloop! "
    "#adr! #arg! #nazwa? #dziel/0! #liczba! #zero! #n/d! #rozlanie!".split()
)
_ERROR_WORDS: Final = "A spreadsheet shows this where a formula fails: write what belongs here."
_FORMULA_WORDS: Final = (
    "This is a formula and not what it comes to: write that, or save the sheet with its values."
)
_FORMULA_MARKS: Final = frozenset("#=+-@＝")
_CALLS: Final = re.compile(r"[+@-][A-Za-z_.]+\(|[+-]\$?[A-Za-z]{1,3}\$?[0-9]+([-+*/:]|$)")


def failed(cell: str) -> str:
    """What is wrong with a cell that holds a spreadsheet's error, or a formula; "" for others.

    What an export guarded by an apostrophe is text. "+44 20", "@ann" and "#press" are too.
    """
    cell = cell.strip()
    mark = cell[:1]
    if mark not in _FORMULA_MARKS:
        return ""
    if mark == "#":
        is_error = cell.casefold() in _ERRORS or (len(cell) > 2 and not cell.strip("#"))
        return _ERROR_WORDS if is_error else ""
    is_formula = len(cell) > 1 if mark in "=＝" else _CALLS.match(cell) is not None
    return _FORMULA_WORDS if is_formula else ""


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
