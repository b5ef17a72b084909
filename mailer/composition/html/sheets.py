"""The style sheets of the mail, in the colours of a brand."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Final

from mailer.authoring.brand import FACES, palette

_FOLDER: Final = Path(__file__).parents[3] / "templates" / "email"
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE: Final = re.compile(r"\s*\n\s*")
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]+)\}")
_MARKS: Final = (("ogsb", "background"), ("ogsc", "color"), ("ogsc", "border-color"))


@dataclass(frozen=True, slots=True)
class Sheets:
    """``inlined`` are written into the elements and dropped; the others stay in the head, ``mso``
    for classic Outlook alone."""

    inlined: tuple[str, ...]
    head: str
    dark: str
    mso: str


@lru_cache(maxsize=64)
def sheets(accent: str, face: str) -> Sheets:
    """The sheets in these colours, with this heading face."""
    values = {**asdict(palette(accent)), "face": FACES.get(face, FACES["georgia"])}
    dark = _read("dark.css", values)
    return Sheets(
        inlined=(_read("inline.css", values), _read("rtl.css", values)),
        head=_read("head.css", values),
        dark="\n".join((dark, *_for_outlook_com(dark))),
        mso=_read("mso.css", values),
    )


def _read(name: str, values: dict[str, str]) -> str:
    text = _COMMENT.sub("", (_FOLDER / name).read_text(encoding="utf-8"))
    return _SPACE.sub("\n", Template(text).substitute(values)).strip()


def _for_outlook_com(dark: str) -> Iterator[str]:
    """The dark rules again, for it marks what it has recoloured instead of asking for dark mode."""
    for selectors, body in _RULE.findall(dark.partition("{")[2].rpartition("}")[0]):
        rules = [rule for rule in body.split(";") if rule]
        names = [
            name
            for each in selectors.split(",")
            if (name := each.strip().removeprefix(".canvas ")) not in ("body", ".canvas")
        ]
        for mark, wanted in _MARKS:
            chosen = [rule for rule in rules if rule.partition(":")[0] == wanted]
            if chosen and names:
                marked = ",".join(f"[data-{mark}] {name}" for name in names)
                yield f"{marked}{{{';'.join(chosen)}}}"
