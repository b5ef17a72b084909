"""A story out of a web page: what the page says of itself to those who link to it.

Nothing is fetched here and nothing of the page runs: its bytes are read, and only their beginning.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from mailer.authoring.text.characters import one_line
from mailer.errors import MailerError

MOST_BYTES: Final = 1_000_000
_LONGEST: Final = {"headline": 200, "text": 600, "kicker": 80}
_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:-]{1,40})", re.IGNORECASE
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TYPES: Final = (
    "Article",
    "BlogPosting",
    "Event",
    "Report",
    "WebPage",
)  # of JSON-LD, by their ends
_MARKDOWN: Final = re.compile(r"([\\*_\[\]])")

Fetch = Callable[[str], tuple[int, str, bytes]]
"""Asks for an address; gives the status, the content type and the body, all of it bounded."""


class UnreadablePage(MailerError):
    """The address leads to nothing that a story can be made of."""


def story_at(address: str, *, fetch: Fetch) -> dict[str, str]:
    """The fields of a story about the page at this address. UnreadablePage where it has none."""
    status, content_type, content = fetch(address)
    if status != 200:
        raise UnreadablePage(f"The page answers with an error ({status}). Check the address.")
    if "html" not in content_type.lower():
        raise UnreadablePage("The address leads to a file and not to a page. Write the story here.")
    return from_page(content, address, content_type=content_type)


def from_page(content: bytes, address: str, *, content_type: str = "") -> dict[str, str]:
    """Headline, text, kicker (whose site it is), picture and link, as far as the page says them."""
    page = _Page()
    page.feed(_decoded(content[:MOST_BYTES], content_type))
    linked = page.linked_data()
    said = page.meta

    def first(*names: str) -> str:
        return next((found for name in names if (found := one_line(said.get(name, "")))), "")

    headline = first("og:title", "twitter:title") or linked.get("headline", "") or page.title()
    if not headline:
        raise UnreadablePage("The page doesn’t say what it is about. Write the story here.")
    text = (
        first("og:description", "twitter:description")
        or linked.get("description", "")
        or first("description")
    )
    picture = first("og:image:secure_url", "og:image", "twitter:image", "twitter:image:src")
    fields = {
        "headline": headline,
        "text": _MARKDOWN.sub(r"\\\1", _short(text, _LONGEST["text"])),
        "kicker": first("og:site_name", "application-name") or linked.get("publisher", ""),
        "image": _address(picture or linked.get("image", ""), address, only="https"),
        "image_alt": first("og:image:alt", "twitter:image:alt"),
        "link": _address(page.canonical, address) or address,
    }
    for name in ("headline", "kicker"):
        fields[name] = _short(fields[name], _LONGEST[name])
    return {name: value for name, value in fields.items() if value}


class _Page(HTMLParser):
    """The head of a page: what it is called, its meta elements and its linked data."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.canonical = ""
        self._words: dict[str, list[str]] = {"title": [], "h1": [], "script": []}
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (has.get("property") or has.get("name") or "").lower()
            self.meta.setdefault(name, has.get("content", ""))
        elif tag == "link" and has.get("rel", "").lower() == "canonical":
            self.canonical = self.canonical or has.get("href", "")
        elif tag == "script" and has.get("type", "").lower() != "application/ld+json":
            self._within = ""
        elif tag in self._words and (tag == "script" or not self._words[tag]):
            self._within = tag
            self._words[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self._words[self._within][-1] += data

    def title(self) -> str:
        """What the page is called, by its title or its first heading."""
        return next((words for tag in ("title", "h1") if (words := self._said(tag))), "")

    def _said(self, tag: str) -> str:
        return " ".join(" ".join(self._words[tag]).split())

    def linked_data(self) -> dict[str, str]:
        """Headline, description, image and publisher of the first thing that is a page's."""
        for script in self._words["script"][:20]:
            try:
                data = json.loads(script)
            except (ValueError, RecursionError):
                continue
            for thing in _things(data):
                kind = str(thing.get("@type", ""))
                if any(kind.strip("[]'").endswith(each) for each in _TYPES):
                    return {
                        "headline": _text(thing.get("headline") or thing.get("name")),
                        "description": _text(thing.get("description")),
                        "image": _text(thing.get("image"), "url"),
                        "publisher": _text(thing.get("publisher"), "name"),
                    }
        return {}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, dict):
            yield each
            graph = each.get("@graph")
            if isinstance(graph, list):
                yield from (thing for thing in graph if isinstance(thing, dict))


def _text(value: Any, within: str = "") -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get(within, "")
    return one_line(value) if isinstance(value, str) else ""


def _decoded(content: bytes, content_type: str) -> str:
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    told = re.search(r"charset\s*=\s*[\"']?([\w:-]{1,40})", content_type, re.IGNORECASE)
    found = _CHARSET.search(content[:4096])
    names = [told[1] if told else "", found[1].decode() if found else "", "utf-8"]
    for name in filter(None, names):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError):
            continue
    return content.decode("cp1252", "replace")


def _address(said: str, page: str, *, only: str = "") -> str:
    try:
        address = urljoin(page, said.strip()) if said.strip() else ""
        parts = urlsplit(address)
    except ValueError:
        return ""
    schemes = (only,) if only else ("http", "https")
    return address if parts.scheme in schemes and parts.hostname else ""


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
