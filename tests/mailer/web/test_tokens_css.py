"""The colours of every page, light and dark: what is read against what it stands on."""

import re
from itertools import product
from pathlib import Path
from typing import Final

import pytest

_CSS: Final = Path(__file__).parents[3] / "mailer/web/static/tokens.css"
_GROUNDS: Final = ("canvas", "surface", "sunken", "raised")
# Text on what it may stand on.
_TEXT: Final = [
    *product(("text", "text-2", "text-3", "primary", "primary-hover", "danger-text"), _GROUNDS),
    *product(
        ("text",), ("info-soft", "warning-soft", "success-soft", "danger-soft", "accent-soft")
    ),
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
    ("on-danger", "danger"),
    ("primary", "primary-soft"),
    ("accent", "accent-soft"),
    ("success", "success-soft"),
    ("warning", "warning-soft"),
    ("danger-text", "danger-soft"),
    ("info", "info-soft"),
    *(
        (f"cat-{name}", f"cat-{name}-bg")
        for name in ("full", "associate", "affiliate", "supporter", "none")
    ),
]
# Edges of controls and marks of charts (WCAG 2.2, 1.4.11).
_MARKS: Final = [
    *product(("border-strong", "primary", "danger"), ("canvas", "surface")),
    *product(("s1", "s2", "s3", "s4", "s-machine"), ("canvas", "surface")),
]


def _themes() -> dict[str, dict[str, str]]:
    css = _CSS.read_text()
    blocks = re.findall(r"([^{}]+)\{([^{}]*)\}", css)
    named = {
        selector.strip().splitlines()[-1].strip(): dict(re.findall(r"--([\w-]+):\s*(#\w+)", body))
        for selector, body in blocks
    }
    light = named[":root"]
    return {
        "light": light,
        "dark by choice": light | named["[data-theme=dark]"],
        "dark by system": light | named[":root:not([data-theme=light])"],
    }


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark by choice", "dark by system"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    colours = _themes()[theme]

    faint = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in _TEXT}

    assert not {pair: round(found, 2) for pair, found in faint.items() if found < 4.5}


@pytest.mark.parametrize("theme", ["light", "dark by choice", "dark by system"])
def test_controls_and_charts_stand_out_from_their_ground(theme: str) -> None:
    colours = _themes()[theme]

    faint = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in _MARKS}

    assert not {pair: round(found, 2) for pair, found in faint.items() if found < 3}


def test_both_ways_into_the_dark_are_the_same() -> None:
    themes = _themes()

    assert themes["dark by choice"] == themes["dark by system"]


def test_every_colour_a_page_uses_is_a_token() -> None:
    css = _CSS.with_name("circular.css").read_text()
    used = set(re.findall(r"var\(--([\w-]+)\)", css))
    known = set(re.findall(r"--([\w-]+):", _CSS.read_text()))
    screen = css.partition("@media print")[0]

    assert used <= known
    # A picture of a mail stands on white in either theme, as it would in an inbox.
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", screen)) <= {"#fff"}
