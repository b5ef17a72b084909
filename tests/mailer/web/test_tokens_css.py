"""The colours of every page, light and dark: what is read against what it stands on."""

import re
from itertools import product
from pathlib import Path
from typing import Final

import pytest

_STATIC: Final = Path(__file__).parents[3] / "mailer/web/static/css"
_GROUNDS: Final = ("canvas", "surface", "sunken", "raised", "hover")
# Text on what it may stand on.
_TEXT: Final = [
    *product(("text", "text-2", "text-3", "primary", "primary-hover", "danger-text"), _GROUNDS),
    *product(
        ("text",), ("info-soft", "warning-soft", "success-soft", "danger-soft", "accent-soft")
    ),
    *product(("text", "text-2", "primary"), ("primary-soft",)),
    ("on-primary", "primary"),
    ("on-primary", "primary-hover"),
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
_MARKS: Final = list(product(("border-strong", "primary", "danger", "s1"), ("canvas", "surface")))
_THEMES: Final = ("light", "dark")
_PAIR: Final = re.compile(r"--([\w-]+):\s*light-dark\(\s*(#\w+)\s*,\s*(#\w+)\s*\);")


def _tokens() -> str:
    return (_STATIC / "tokens.css").read_text()


def _colours(theme: str) -> dict[str, str]:
    which = 2 + _THEMES.index(theme)
    return {pair[1]: pair[which] for pair in _PAIR.finditer(_tokens())}


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", _THEMES)
def test_text_has_contrast_with_its_background(theme: str) -> None:
    colours = _colours(theme)

    faint = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in _TEXT}

    assert not {pair: round(found, 2) for pair, found in faint.items() if found < 4.5}


@pytest.mark.parametrize("theme", _THEMES)
def test_controls_and_charts_stand_out_from_their_ground(theme: str) -> None:
    colours = _colours(theme)

    faint = {pair: _contrast(colours[pair[0]], colours[pair[1]]) for pair in _MARKS}

    assert not {pair: round(found, 2) for pair, found in faint.items() if found < 3}


def test_every_colour_is_a_pair() -> None:
    tokens = re.sub(r"light-dark\([^()]*(?:\([^()]*\)[^()]*)*\)", "", _tokens())

    # A shadow in the light is one in the dark too: it is hardly seen there.
    assert re.findall(r"--([\w-]+):[^;]*(?:#|rgb)", tokens) == ["shadow-1"]


def test_a_chosen_theme_overrides_that_of_the_system() -> None:
    tokens = _tokens()

    assert ":root { color-scheme: light dark; }" in tokens
    for theme in _THEMES:
        assert f":root[data-theme={theme}] {{ color-scheme: {theme}; }}" in tokens


def test_every_colour_a_page_uses_is_a_token() -> None:
    sheets = [
        path for path in sorted(_STATIC.glob("*.css")) if path.stem not in {"tokens", "print"}
    ]
    css = "".join(path.read_text() for path in sheets)
    used = set(re.findall(r"var\(--([\w-]+)\)", css + _tokens()))
    known = set(re.findall(r"--([\w-]+):", _tokens()))

    assert used == known
    # A picture of a mail stands on white in either theme, as it would in an inbox.
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", css)) <= {"#fff"}
