"""What the HTML part of any mail has to be (WCAG 2.2 AA applied to e-mail), as rules that say what
breaks them."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from mailer.authoring.colours import contrast
from tests.mailer.composition.reading import soup

Rule = Callable[[str, BeautifulSoup], Iterator[str]]
Styles = dict[int, dict[str, str]]
_FONT = re.compile(r"font:[a-z ]*(\d+px)/([\d.]+(?:px)?)")
_LARGE = 24  # pixels, from which 3 : 1 is enough
_NAMELESS = {"here", "click here", "read more", "more", "link"}
_OF = re.compile(r"(?i)(image|picture|photo) of")
_WHITE = "#FFFFFF"


def faults(html: str) -> list[str]:
    """What is wrong with it, a line each."""
    page = soup(html)
    return [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(html, page)]


def language(html: str, page: BeautifulSoup) -> Iterator[str]:
    """3.1.1 and 2.4.2, also where webmail strips the page around its body."""
    del html
    wrapper = page.select_one("[role=article]")
    for element in (page.html, wrapper):
        if element is None or not element.get("lang") or element.get("dir") not in ("ltr", "rtl"):
            yield "no language or direction on the page or on its article"
    for part in page.select("[lang]"):
        if not part.get("dir"):
            yield f"no direction beside the language {part['lang']}"
    if page.title is None or not page.title.get_text(strip=True):
        yield "no title"
    elif wrapper is None or wrapper.get("aria-label") != page.title.get_text(strip=True):
        yield "the article is not named by the title"


def tables(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.3.1: all tables are for layout, those only Outlook sees too."""
    del page
    for table in re.findall(r"<table[^>]*>", html):
        for wanted in ('role="presentation"', 'border="0"', 'cellpadding="0"', 'cellspacing="0"'):
            if wanted not in table:
                yield f"{wanted} is missing on {table[:80]}"


def pictures(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.1.1; without width and height a mail jumps while it loads."""
    del html
    for picture in page.find_all("img"):
        named = str(picture)[:100]
        if "alt" not in picture.attrs or _OF.match(str(picture["alt"])):
            yield f"no alt, or one that says what it is on {named}"
        if not all(str(picture.get(side, "")).isdigit() for side in ("width", "height")):
            yield f"no width or height on {named}"
        if not str(picture.get("src", "")).startswith("https://"):
            yield f"no https address on {named}"


def headings(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.3.1: one main heading, first; no level is skipped on the way down."""
    del html
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield "there is not one h1 before all others"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"h{after} follows h{before}"


def emptiness(html: str, page: BeautifulSoup) -> Iterator[str]:
    """2.4.6: whatever is announced says something."""
    del html
    for element in page.find_all(["h1", "h2", "h3", "h4", "a", "p", "li", "blockquote", "ul"]):
        shown = element.find_all("img", alt=True)
        if not element.get_text().strip() and not any(picture["alt"] for picture in shown):
            yield f"empty {element.name}"


def links(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.4.1 and 2.4.4."""
    del html
    for link in page.find_all("a"):
        text = " ".join(link.get_text().split())
        around = [style_of(each) for each in (link, *link.parents) if isinstance(each, Tag)]
        boxed = any("border" in style for style in around[:2])
        if "underline" not in around[0].get("text-decoration", "") and not boxed:
            yield f"not underlined: {text}"
        if text.lower() in _NAMELESS:
            yield f"says nothing: {text}"


def text_size(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.4.4: nothing under 14 pixels, lines well apart."""
    del html
    for text, around in visible_text(page):
        styles = [style_of(element) for element in around]
        size = next(float(s["font-size"].removesuffix("px")) for s in styles if "font-size" in s)
        height = next(style["line-height"] for style in styles if "line-height" in style)
        times = float(height[:-2]) / size if height.endswith("px") else float(height)
        if size < 14 or times < (1.1 if size >= _LARGE else 1.3):
            yield f"{size} px, {height}: {text.strip()[:40]}"


def contrast_light(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.4.3 as it is."""
    del html
    yield from _contrast(page, {})


def contrast_dark(html: str, page: BeautifulSoup) -> Iterator[str]:
    """1.4.3 in dark mode."""
    dark = re.search(r"@media \(prefers-color-scheme:dark\)\{(.*?)\n\}", html, re.DOTALL)
    if dark is None:
        yield "no rules for dark mode"
        return
    changed: Styles = {}
    rules = [
        (selector.strip(), body)
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]+)\}", dark[1])
        for selector in selectors.split(",")
    ]
    for selector, body in sorted(rules, key=lambda rule: _specificity(rule[0])):
        for element in page.select(selector):
            changed.setdefault(id(element), {}).update(_read(body.replace("!important", "")))
    yield from _contrast(page, changed)


def styles_kept(html: str, page: BeautifulSoup) -> Iterator[str]:
    """Gmail drops a style element of more than 8,192 characters; dark mode is announced."""
    if not html.startswith("<!DOCTYPE html>"):
        yield "the doctype does not come first"
    for style in page.find_all("style"):
        if len(style.get_text()) > 8_192:
            yield "a style element is too long"
    for name in ("color-scheme", "supported-color-schemes"):
        meta = page.find("meta", {"name": name})
        if not isinstance(meta, Tag) or meta["content"] != "light dark":
            yield f"no {name}"
    if "[data-ogsc]" not in html:
        yield "no dark rules for Outlook.com"


def outlook(html: str, page: BeautifulSoup) -> Iterator[str]:
    """Its comments are well formed, and every button is drawn for it, within its column."""
    if "<!--[if !mso><!-->" in html or html.count("<!--[if") != html.count("<![endif]-->"):
        yield "a comment is not well formed"
    if html.count("<v:roundrect") != len(page.select("a.btn")):
        yield "a button is not drawn"
    for width in re.findall(r"<v:roundrect[^>]*width:(\d+)px", html):
        if int(width) > 536:
            yield "a drawn button is wider than its column"


RULES: tuple[Rule, ...] = (
    *(language, tables, pictures, headings, emptiness, links, text_size),
    *(contrast_light, contrast_dark, styles_kept, outlook),
)


def visible_text(page: BeautifulSoup) -> Iterator[tuple[str, list[Tag]]]:
    """Each run of text with the elements around it, the nearest first."""
    assert page.body is not None
    for text in page.body.find_all(string=True):
        if type(text) is not NavigableString or not text.strip():
            continue
        around = [element for element in text.parents if isinstance(element, Tag)]
        if not any(style_of(element).get("display") == "none" for element in around):
            yield str(text), around


def style_of(element: Tag) -> dict[str, str]:
    """Its own style, as a mail program that reads no style element sees it."""
    return _read(str(element.get("style", "")))


def _contrast(page: BeautifulSoup, changed: Styles) -> Iterator[str]:
    for text, around in visible_text(page):
        styles = [{**style_of(each), **changed.get(id(each), {})} for each in around]
        ink = next((style["color"] for style in styles if "color" in style), "#000000")
        ground = next((found for style in styles if (found := _ground(style))), _WHITE)
        sizes = (style["font-size"] for style in styles if "font-size" in style)
        large = float(next(sizes, "16px").removesuffix("px")) >= _LARGE
        if contrast(_long(ink), _long(ground)) < (3 if large else 4.5):
            yield f"{ink} on {ground}: {text.strip()[:40]}"


def _ground(style: dict[str, str]) -> str:
    return style.get("background") or style.get("background-color") or ""


def _long(colour: str) -> str:
    return "#" + "".join(digit * 2 for digit in colour[1:]) if len(colour) == 4 else colour


def _spread(rules: str) -> str:
    """With size and height of lines by themselves, where they are said together."""
    return _FONT.sub(r"font-size:\1;line-height:\2;\g<0>", rules)


def _read(rules: str) -> dict[str, str]:
    pairs = (rule.split(":", 1) for rule in _spread(rules).split(";") if ":" in rule)
    return {name.strip(): value.strip() for name, value in pairs}


def _specificity(selector: str) -> tuple[int, int]:
    return selector.count(".") + selector.count("["), len(re.findall(r"(?:^|[ >])[a-z]", selector))
