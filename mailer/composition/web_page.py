"""A mail's HTML as a page of the web: with a bar above it, and what search engines and other sites
read of a page in its head."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_BODY: Final = re.compile(r"<body\b[^>]*>")
_HEAD_ENDS: Final = "</head>"
_BAR: Final = (
    "max-width:568px;margin:0 auto;padding:12px 16px;background:#FFFFFF;color:#222222;"
    "border-bottom:1px solid #767676;font:15px/22px Arial,sans-serif"
)
_LINK: Final = "color:#0B4F6C;margin-right:16px"


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands above the mail: links (words and address), a sentence, and notes below it."""

    words: str = ""
    links: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


def as_page(html: str, bar: Bar, *, canonical: str = "", title: str = "", about: str = "") -> str:
    """The page. ``title`` and ``about`` are what other sites show where they name it."""
    head = "".join(
        f'<meta property="og:{name}" content="{escape(value)}">'
        for name, value in (("title", title), ("description", about), ("url", canonical))
        if value
    )
    if title:
        head += '<meta property="og:type" content="article">'
    if canonical:
        head += f'<link rel="canonical" href="{escape(canonical)}">'
    html = html.replace(_HEAD_ENDS, head + _HEAD_ENDS, 1)
    body = _BODY.search(html)
    end = body.end() if body else 0
    if bar == Bar():
        return html
    return html[:end] + _bar(bar) + html[end:]


def _bar(bar: Bar) -> str:
    links = "".join(
        f'<a href="{escape(url)}" style="{_LINK}">{escape(words)}</a>' for words, url in bar.links
    )
    lines = [
        *([f'<nav aria-label="Issues">{links}</nav>'] if links else []),
        *(f'<p style="margin:0">{escape(each)}</p>' for each in (bar.words, *bar.notes) if each),
    ]
    return f'<header lang="en-GB" dir="ltr" style="{_BAR}">{"".join(lines)}</header>'
