"""Pictures: as large as their place, never larger than their file, and named by what they show."""

from typing import Any

import pytest
from bs4 import Tag

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from tests.mailer.composition.letters import TOKENS, bob, letter
from tests.mailer.composition.reading import soup

AT = "https://img.example/p.png"


def drawn(block: dict[str, Any], size: tuple[int, int] | None) -> Tag:
    document = parse({"version": 1, "blocks": [block]})
    made = letter(document, pictures={AT: size} if size else {})
    picture = soup(Composer(made, tokens=TOKENS).html(bob())).find("img", src=AT)
    assert isinstance(picture, Tag)
    return picture


def image(**more: Any) -> dict[str, Any]:
    return {"type": "image", "image": AT, "alt": "A mill", **more}


@pytest.mark.parametrize(
    ("width", "size", "expected"),
    [
        ("full", (1072, 714), ("536", "357")),
        ("half", (1072, 714), ("256", "171")),
        ("full", (24, 24), ("24", "24")),
        ("half", (200, 100), ("200", "100")),
        ("full", None, ("536", None)),  # a height that is only guessed would distort it
    ],
)
def test_a_picture_is_never_drawn_wider_than_its_file(
    width: str, size: tuple[int, int] | None, expected: tuple[str, str | None]
) -> None:
    picture = drawn(image(width=width), size)

    assert (picture.get("width"), picture.get("height")) == expected
    if size and size[0] < 536:
        assert f"max-width:{picture['width']}px" in picture["style"]
        assert "width:100%" not in str(picture["style"]).replace("max-width", "") or width == "half"


def test_a_side_picture_is_as_wide_as_the_text_on_a_phone() -> None:
    story = {"type": "story", "headline": "H", "text": "T", "layout": "left"}

    picture = drawn({**story, "image": AT, "image_alt": "A mill"}, (1072, 714))

    assert "i" in picture["class"]  # which the sheet for narrow screens lets grow


def test_a_picture_says_what_it_shows_and_a_link_beside_it_where_it_goes() -> None:
    block = image(link="https://a.example/", link_words="Read about the mill")

    picture = drawn(block, None)

    assert picture["alt"] == "A mill"
    assert picture.find_parent("a") is None
    link = picture.find_next("a")
    assert link is not None
    assert link.get_text() == "Read about the mill"
