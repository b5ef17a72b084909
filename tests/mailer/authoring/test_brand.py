"""A brand: one colour chosen, the others derived, and whatever is chosen can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.brand import ACCENT, Palette, palette
from mailer.authoring.colours import contrast

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def check(found: Palette) -> None:
    for ground in ("#FFFFFF", "#F3F0E9", "#F7F4EE", found.tint):
        assert contrast(found.accent, ground) >= 4.5  # links, and white words on the button
    for ink in ("#FFFFFF", "#FBD98C", "#D3E6EC"):
        assert contrast(ink, found.deep) >= 4.5
    assert contrast(found.deep, found.tint) >= 4.5
    for ground in ("#16211F", "#0E1615", "#1D2A28", "#2F2714", "#3A1A2C", found.dark_tint):
        assert contrast(found.dark_accent, ground) >= 4.5, ground
    assert contrast("#06222C", found.dark_accent) >= 4.5
    for ink in ("#E9F0EE", "#B7C5C1", found.dark_tile):
        assert contrast(ink, found.dark_tint) >= 4.5
    for ink in ("#FFFFFF", "#FBD98C", "#B7C5C1"):
        assert contrast(ink, found.dark_deep) >= 4.5


@given(colours)
def test_every_colour_that_is_taken_can_be_read_in_light_and_dark(colour: str) -> None:
    try:
        found = palette(colour)
    except ValueError:
        return

    check(found)


@pytest.mark.parametrize("accent", [ACCENT, "#1D6B34", "#8A2B62", "#1E3A8A", "#000000", "#b91c1c"])
def test_dark_colours_are_taken(accent: str) -> None:
    check(palette(accent))


def test_a_pale_colour_is_refused_with_its_figure() -> None:
    with pytest.raises(ValueError, match=r"hard to read \(1\.9 : 1, 4\.5 is needed\)\. Choose"):
        palette("#E7A03C")


@pytest.mark.parametrize("colour", ["", "teal", "#12345", "#12345G", "0F5E7A", "#0F5E7A;x"])
def test_what_is_no_colour_is_refused_with_an_example(colour: str) -> None:
    with pytest.raises(ValueError, match="like #0F5E7A"):
        palette(colour)
