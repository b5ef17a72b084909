"""Rules every HTML part keeps, whatever it is made of (WCAG 2.2 AA applied to e-mail)."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from mailer.authoring.document import parse
from mailer.composition.composer import Composer
from mailer.composition.html.design import design_system_mail
from mailer.composition.letter import SystemMailText
from mailer.composition.parts import resolve
from tests.mailer.composition.letters import TOKENS, alice, bob, december_letter, letter
from tests.mailer.composition.reading import html_of, soup

PICTURE = "https://img.example/p.png"
EVERYTHING = {
    "version": 1,
    "blocks": [
        {"type": "masthead", "title": "T", "date": "D", "logo": PICTURE, "logo_alt": "Logo"},
        {"type": "text", "text": "### Heading first\n\nWords\n\n- a\n- b"},
        {
            "type": "story",
            "headline": "H",
            "kicker": "K",
            "image": PICTURE,
            "image_alt": "Alt",
            "image_credit": "C",
            "text": "Words\n\n### Sub\n\nMore",
            "link": "https://a.example",
            "layout": "left",
        },
        {"type": "image", "image": PICTURE, "decoration": True, "caption": "C", "width": "half"},
        {"type": "image", "image": PICTURE, "alt": "A", "link": "https://b.example"},
        {"type": "divider"},
        {"type": "divider", "kind": "space", "size": "large"},
        {"type": "button", "words": "Go", "link": "https://c.example", "style": "quiet"},
        {"type": "event_list", "heading": "E", "events": [{"title": "X", "start": "2026-12-09"}]},
    ],
}


def html_of_notice() -> str:
    placed = design_system_mail(
        SystemMailText("Sign in", ("Press.",), "Sign in", "https://a.example/x", "Bye.")
    )
    return "".join(map(str, resolve(placed, public_url="", links={}, counted=False)))


PAGES = {
    "december": html_of(Composer(december_letter(), tokens=TOKENS).compose(alice()).content),
    "everything": html_of(
        Composer(letter(parse(EVERYTHING)), tokens=TOKENS).compose(bob()).content
    ),
    "minimal": html_of(Composer(letter(), tokens=TOKENS).compose(alice()).content),
    "notice": html_of_notice(),
}


@pytest.fixture(params=sorted(PAGES))
def html(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]


@pytest.fixture
def page(html: str) -> BeautifulSoup:
    return soup(html)


def test_language_and_direction_stand_on_html_and_on_the_wrapper(page: BeautifulSoup) -> None:
    wrapper = page.select_one("[role=article]")

    assert page.html is not None
    assert wrapper is not None
    for element in (page.html, wrapper):
        assert element["lang"] == "en-GB"
        assert element["dir"] == "ltr"
    assert wrapper["aria-roledescription"] == "email"
    assert page.title is not None
    assert wrapper["aria-label"] == page.title.get_text().strip() != ""


def test_the_doctype_comes_first_and_the_page_may_be_dark(html: str, page: BeautifulSoup) -> None:
    assert html.startswith("<!DOCTYPE html>")
    for name in ("color-scheme", "supported-color-schemes"):
        meta = page.find("meta", {"name": name})
        assert isinstance(meta, Tag)
        assert meta["content"] == "light dark"
    assert "@media (prefers-color-scheme: dark)" in html
    assert "[data-ogsc]" in html


def test_headings_start_with_the_only_h1_and_skip_no_level(page: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_heading_link_or_paragraph_is_empty(page: BeautifulSoup) -> None:
    for element in page.find_all(["h1", "h2", "h3", "a", "p", "li"]):
        pictures = element.find_all("img", alt=True)
        assert element.get_text().strip() or any(picture["alt"] for picture in pictures)


def test_layout_tables_are_presentation(html: str) -> None:
    tables = re.findall(r"<table[^>]*>", html)  # those only Outlook sees, too

    assert tables
    for table in tables:
        assert 'role="presentation"' in table
        assert 'cellpadding="0"' in table
        assert 'cellspacing="0"' in table


def test_every_picture_has_an_alt_and_an_https_address(page: BeautifulSoup) -> None:
    for picture in page.find_all("img"):
        assert "alt" in picture.attrs
        assert str(picture["src"]).startswith("https://")


def test_links_in_text_are_underlined(page: BeautifulSoup) -> None:
    for link in page.find_all("a"):
        if "button" not in str(link.get("class")) and link.find("img") is None:
            assert "text-decoration:underline" in link["style"]


def test_buttons_are_tall_enough_to_hit_and_drawn_for_outlook(html: str) -> None:
    for style in re.findall(r'<a[^>]*class="button[^>]*style="([^"]*)"', html):
        size, height = (
            float(value) for value in re.findall(r"(?:font-size:|line-height:)([\d.]+)", style)
        )
        padding = re.search(r"padding:(\d+)px", style)
        assert padding
        assert size * height + 2 * int(padding[1]) >= 44
        assert "display:inline-block" in style
    assert html.count("<v:roundrect") == len(re.findall(r'class="button', html))


def test_line_heights_are_without_units_and_no_text_is_under_14_pixels(page: BeautifulSoup) -> None:
    for text, styles in visible_text(page):
        size = next(style["font-size"] for style in styles if "font-size" in style)
        height = next(style["line-height"] for style in styles if "line-height" in style)
        assert float(size.removesuffix("px")) >= 14, text
        assert re.fullmatch(r"[\d.]+", height), text


def test_text_has_a_contrast_of_at_least_four_and_a_half(page: BeautifulSoup) -> None:
    for text, styles in visible_text(page):
        colour = next(style["color"] for style in styles if "color" in style)
        ground = next(style["background-color"] for style in styles if "background-color" in style)
        assert contrast(colour, ground) >= 4.5, text


def test_dark_text_has_contrast_too() -> None:
    pairs = [
        *(("#E9F0EE", "#16211F"), ("#B7C5C1", "#16211F"), ("#74C7E3", "#16211F")),
        *(("#B7C5C1", "#0E1615"), ("#74C7E3", "#0E1615"), ("#E9F0EE", "#0B4A61")),
        *(("#06222C", "#74C7E3"), ("#9ADAF0", "#0F2F3B")),
    ]
    for colour, ground in pairs:
        assert contrast(colour, ground) >= 4.5
        assert colour in PAGES["december"]


def test_style_elements_are_short_enough_for_gmail(page: BeautifulSoup) -> None:
    for style in page.find_all("style"):
        assert len(style.get_text()) < 8192


def test_comments_for_outlook_are_well_formed(html: str) -> None:
    assert "<!--[if !mso><!-->" not in html
    assert html.count("<!--[if") == html.count("<![endif]-->")


def test_the_preview_text_is_hidden_and_padded() -> None:
    page = soup(PAGES["december"])

    hidden = page.select_one(".preheader")

    assert hidden is not None
    assert hidden.get_text().startswith("What Aldmor learned about retrofit")
    assert "display:none" in str(hidden["style"])
    assert page.body is not None
    assert page.body.get_text().strip().startswith("What Aldmor learned")


def test_the_december_issue_is_far_from_being_clipped() -> None:
    assert len(PAGES["december"].encode()) < 80_000


def visible_text(page: BeautifulSoup) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Each run of text with the styles around it, the nearest first."""
    assert page.body is not None
    for text in page.body.find_all(string=True):
        if type(text) is not NavigableString or not text.strip():
            continue
        around = [styles(element) for element in text.parents if isinstance(element, Tag)]
        if any(style.get("display") == "none" for style in around):
            continue
        yield str(text), around


def styles(element: Tag) -> dict[str, str]:
    rules = (rule.split(":", 1) for rule in str(element.get("style", "")).split(";") if ":" in rule)
    return {name.strip(): value.strip() for name, value in rules}


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    if len(colour) == 4:
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
