"""How a newsletter looks and who stands behind it: an accent colour, logos, names, links.

One colour is chosen; the others are derived from it, so that whatever is chosen can be read.
"""

import colorsys
from dataclasses import dataclass
from typing import Final

from mailer.authoring.colours import contrast, mixed, parts_of, written

ACCENT: Final = "#0F5E7A"
FACES: Final = {  # heading faces that every mail program has, or has something like
    "georgia": "Georgia, serif",
    "plain": "Helvetica, Arial, sans-serif",
}
_WHITE, _BLACK, _DARK_CARD = "#FFFFFF", "#000000", "#16211F"
_GROUNDS: Final = (_WHITE, "#F3F0E9", "#F7F4EE")  # card, canvas, paper
_READABLE: Final = 4.5  # WCAG 2.2, 1.4.3
_ON_DEEP, _ON_DARK = 9.0, 8.5


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours that depend on the accent, as ``#RRGGBB``; those for dark mode start so."""

    accent: str  # links, buttons, stages
    deep: str  # the ground of the masthead and of figures
    tint: str  # the ground of date tiles and polls
    dark_accent: str
    dark_tint: str
    dark_deep: str
    dark_tile: str


# Of the accent it starts with: what was derived, moved a little by eye.
_FIRST: Final = Palette(
    ACCENT, "#0B4A61", "#E6F1F4", "#7CCBE6", "#0F2F3B", dark_deep="#0A3545", dark_tile="#A9DDF0"
)


@dataclass(frozen=True, slots=True)
class SocialLink:
    """One place where the network is found."""

    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What every issue of a newsletter shares; what is empty is left out.

    Logos, the header picture and the pages are https addresses. Logos are named by the ground they
    are made for; a newsletter with one for light grounds only has a light masthead.
    """

    accent: str = ACCENT
    face: str = "georgia"
    network_name: str = ""
    postal_address: str = ""
    contact: str = ""
    logo_on_dark: str = ""
    logo_on_light: str = ""
    header_picture: str = ""
    privacy_url: str = ""
    archive_url: str = ""
    website: str = ""
    social: tuple[SocialLink, ...] = ()


def contrast_of(accent: str) -> float:
    """How far links in this colour are from the ground they are read on worst, 1 to 21; ValueError
    for what is no colour."""
    return min(contrast(accent, ground) for ground in _GROUNDS)


def palette(accent: str) -> Palette:
    """The colours for an accent; ValueError with the sentence for its field where it can't be read.

    Contrasts are those of WCAG 2.2.
    """
    try:
        worst = contrast_of(accent)
    except ValueError:
        raise ValueError(
            "Write the colour as # and six hexadecimal digits, like #0F5E7A."
        ) from None
    if worst < _READABLE:
        shown = int(worst * 10) / 10  # never rounded up to what would be enough
        raise ValueError(
            f"Links in this colour are hard to read ({shown} : 1, {_READABLE} is needed). "
            "Choose a darker one."
        )
    accent = accent.upper()
    if accent == ACCENT:
        return _FIRST
    tint = mixed(accent, _WHITE, 0.90)
    dark_accent, dark_tint = _lighter(accent), mixed(_DARK_CARD, accent, 0.35)
    return Palette(
        accent=accent,
        deep=_darker(accent),
        tint=tint if contrast(accent, tint) >= _READABLE else mixed(accent, _WHITE, 0.95),
        dark_accent=dark_accent,
        dark_tint=dark_tint,
        dark_deep=dark_tint,
        dark_tile=dark_accent,
    )


def _darker(colour: str) -> str:
    """As little black in it as lets white words be read well on it."""
    steps = (mixed(colour, _BLACK, share / 100) for share in range(0, 101, 2))
    return next(each for each in steps if contrast(each, _WHITE) >= _ON_DEEP)


def _lighter(colour: str) -> str:
    """The same hue for a dark ground: white mixed in would make it grey."""
    hue, light, full = colorsys.rgb_to_hls(*(part / 255 for part in parts_of(colour)))
    steps = (
        colorsys.hls_to_rgb(hue, step / 100, min(full, 0.55))
        for step in range(int(light * 100), 101)
    )
    found = (written(tuple(round(part * 255) for part in each)) for each in steps)
    return next(each for each in found if contrast(each, _DARK_CARD) >= _ON_DARK)
