"""What nobody types and some send, and the forms of pages that it can be put into."""

import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from html.parser import HTMLParser
from importlib import import_module
from typing import Final
from urllib.parse import quote

from mailer import web

# As they stand in a URL or in the body of a form.
HOSTILE: Final = {
    "NUL": "a%00b%ED%A0%80",
    "half a pair": "%ED%A0%80",
    "line break": "a%0D%0Ab",
    "long": "x" * 998,
    "overlong": "x" * 5_000,
    "30 digits": "9" * 30,
    "negative": "-1",
    "exponent": "1e3",
    "word": "abc",
    "three million": "3000000",
}
SHARPEST: Final = ("NUL", "long", "30 digits")  # each field by itself gets these


@dataclass
class PageForm:
    """A form as a page shows it: where it goes, and the fields with what stands in them."""

    action: str
    values: dict[str, str] = field(default_factory=dict)

    def body(self, **hostile: str) -> str:
        """What a browser would send, with some fields changed for what stands in HOSTILE."""
        kept = {name: quote(value) for name, value in self.values.items()} | hostile
        return "&".join(f"{quote(name)}={value}" for name, value in kept.items())


def forms_of(url: str, html: str) -> list[PageForm]:
    """The forms of a page that are posted; a button with an address of its own makes another."""
    reader = _Reader(url.partition("?")[0])
    reader.feed(html)
    return reader.found


def names_in_queries() -> set[str]:
    """Every name that some page might ask its query for."""
    found = {"page", "next", "limit", "after"}
    for module in pkgutil.walk_packages(web.__path__, f"{web.__name__}."):
        for each in vars(import_module(module.name)).values():
            if is_dataclass(each) and isinstance(each, type):
                found |= {each.name for each in fields(each)}
    return found


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.found: list[PageForm] = []
        self._url = url
        self._at: PageForm | None = None
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            posts = has.get("method", "").lower() == "post"
            self._at = PageForm(has.get("action") or self._url) if posts else None
            self.found += [self._at] if self._at else []
        elif self._at and tag in {"input", "select", "textarea", "button"}:
            self._area = has.get("name", "") if tag in {"select", "textarea"} else ""
            if (name := has.get("name")) and name != "csrf_token":
                self._at.values.setdefault(name, has.get("value", ""))
            if elsewhere := has.get("formaction"):
                self.found.append(PageForm(elsewhere, self._at.values))
        elif self._at and tag == "option" and "selected" in has:
            self._at.values[self._area] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._at and self._area and self.get_starttag_text()[:9] == "<textarea":  # type: ignore[index]
            self._at.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._at = None
        elif tag in {"select", "textarea"}:
            self._area = ""


def paths_with(rule: str, known: dict[str, str], value: str) -> Iterator[str]:
    """The rule's path, with each of its parts in turn replaced by ``value``."""
    for hostile in re.findall(r"<(?:[^:>]*:)?(\w+)>", rule):
        yield filled(rule, known | {hostile: value})


def filled(rule: str, parts: dict[str, str]) -> str:
    """The rule's path with these parts."""
    return re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda found: parts.get(found[1], "x"), rule)
