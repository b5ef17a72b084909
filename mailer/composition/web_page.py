"""A mail's HTML as a page of the web: with a bar above it, and what search engines and other sites
read of a page in its head."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_BODY: Final = re.compile(r"<body\b[^>]*>")
_HEAD_ENDS: Final = "</head>"
_BODY_ENDS: Final = "</body>"
_STYLE: Final = (
    "<style>"
    ".web-bar{max-width:568px;margin:0 auto;padding:16px 16px 0;color:#22302F;"
    "font:15px/24px system-ui,Arial,sans-serif}"
    ".web-bar p{margin:0}.web-bar a{color:#0B4F6C;margin-right:16px}"
    ".web-bar .web-note{margin-top:8px;padding-left:12px;border-left:4px solid #B45309}"
    "@media (prefers-color-scheme:dark){.web-bar{color:#E6ECEB}.web-bar a{color:#8FCBE6}}"
    "</style>"
)


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
    if bar != Bar():
        head += _STYLE
    html = html.replace(_HEAD_ENDS, head + _HEAD_ENDS, 1)
    body = _BODY.search(html)
    end = body.end() if body else 0
    mail, closing, rest = html[end:].rpartition(_BODY_ENDS)
    above = "" if bar == Bar() else _bar(bar)
    return f"{html[:end]}{above}<main>{mail}</main>{closing}{rest}"


def _bar(bar: Bar) -> str:
    links = "".join(f'<a href="{escape(url)}">{escape(words)}</a>' for words, url in bar.links)
    lines = [
        *([f'<nav aria-label="Issues">{links}</nav>'] if links else []),
        *([f"<p>{escape(bar.words)}</p>"] if bar.words else []),
        *(f'<p class="web-note">{escape(each)}</p>' for each in bar.notes),
    ]
    return f'<header class="web-bar" lang="en-GB" dir="ltr">{"".join(lines)}</header>'
