"""Markdown-lite as HTML, its words and addresses as marks."""

import re
from itertools import pairwise
from typing import Final

import nh3
from markupsafe import Markup

from mailer.authoring.text import markdown
from mailer.authoring.text.merging import MergeField
from mailer.composition.html.placeholders import Placeholders
from mailer.composition.parts import AuthorLink, Words

_TAGS: Final = set("p h2 h3 h4 ul ol li blockquote strong em a br".split())
_ATTRIBUTES: Final = {"a": {"href"}, "ol": {"start"}}
_LISTS: Final = frozenset({"ul", "ol"})
_NESTED: Final = _LISTS | {"blockquote"}
_EMPTY: Final = re.compile(r"<(p|h\d|blockquote)>\s*</\1>")
# The indent of a list is a cell's padding: classic Outlook knows padding on cells alone.
_CELL: Final = (
    '<table role="presentation" border="0" cellpadding="0" cellspacing="0"><tr><td class="l">',
    "</td></tr></table>",
)


def rich_html(text: str, placeholders: Placeholders, *, heading: int) -> Markup:
    """The text as HTML; ``heading`` is the level of its headings."""
    html: list[str] = []
    around = 0  # lists and quotations
    cells: list[int] = []
    for event in markdown.events(text):
        match event:
            case markdown.Open(tag="a", url=url):
                html.append(f'<a href="{placeholders.of(AuthorLink(url))}">')
            case markdown.Open(tag="p", tight=True) | markdown.Close(tag="p", tight=True):
                pass
            case markdown.Open(tag=tag, start=start):
                cells += [len(html)] if tag in _LISTS and not around else []
                around += tag in _NESTED
                first = f' start="{start}"' if tag == "ol" and start != 1 else ""
                html.append(f"<{_named(tag, heading)}{first}>")
            case markdown.Close(tag=tag):
                html.append(f"</{_named(tag, heading)}>")
                around -= tag in _NESTED
                cells += [len(html)] if tag in _LISTS and not around else []
            case markdown.Break():
                html.append("<br>")
            case MergeField():
                html.append(placeholders.of(event))
            case str():
                html.append(placeholders.of(Words(event)))
    return Markup("").join(_in_cells(html, cells))


def _in_cells(html: list[str], cells: list[int]) -> list[Markup]:
    """The HTML, cut where its outermost lists begin and end, each list within a cell."""
    cuts = [0, *cells, len(html)]
    runs = []
    for place, (start, end) in enumerate(pairwise(cuts)):
        # Only the tags above can be in it; the sanitiser makes sure of that.
        clean = nh3.clean(
            "".join(html[start:end]), tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None
        )
        clean = _EMPTY.sub("", clean)
        is_list = place % 2 == 1
        runs.append(Markup(clean.join(_CELL) if is_list else clean))  # noqa: S704 - our own tags
    return runs


def _named(tag: str, heading: int) -> str:
    return f"h{heading}" if tag == "h" else tag
