"""Markdown-lite: paragraphs, small headings, bold, italic, links and lists, and nothing else.

A Markdown library reads the text; this module hands on its tokens as a few events that the
composer turns into HTML and into plain text. Raw HTML, pictures, tables and code are plain text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailer.authoring.text.characters import MARK_END, MARK_START
from mailer.authoring.text.merging import MergeField, pieces


@dataclass(frozen=True, slots=True)
class Open:
    """A tag opens: one of p, h, ul, ol, li, strong, em, a. ``url`` is the link's, for a."""

    tag: str
    url: str = ""
    start: int = 1  # the first number of an ol
    tight: bool = False  # a paragraph in a list without blank lines


@dataclass(frozen=True, slots=True)
class Close:
    """The tag closes."""

    tag: str
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Break:
    """A new line within a paragraph."""


MarkdownEvent = Open | Close | Break | str | MergeField

_TAGS: Final = {
    "paragraph": "p",
    "heading": "h",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "strong": "strong",
    "em": "em",
    "link": "a",
}


class _Reader(MarkdownIt):
    """Markdown that lets every address through as it was written, so that a check can say what is
    wrong with one; nothing is sent before that check."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url


_READER: Final = _Reader("zero", {"maxNesting": 12}).enable(
    ["list", "heading", "newline", "escape", "emphasis", "link"]
)


def events(text: str) -> Iterator[MarkdownEvent]:
    """The text as a flat run of tags opening and closing, words and merge fields."""
    fields: list[MergeField] = []
    marked: list[str] = []
    for piece in pieces(text):
        if isinstance(piece, str):
            marked.append(piece)
        else:
            # To Markdown a merge field is one word, whatever its fallback contains.
            marked.append(f"{MARK_START}{len(fields)}{MARK_END}")
            fields.append(piece)
    run = ""
    for event in _tokens("".join(marked), fields):
        if isinstance(event, str):
            run += event
            continue
        if run:
            yield run
            run = ""
        yield event
    if run:
        yield run


def _tokens(marked: str, fields: list[MergeField]) -> Iterator[MarkdownEvent]:
    for token in _READER.parse(marked):
        if token.type == "inline":
            for child in token.children or ():
                yield from _events(child, fields)
        else:
            yield from _events(token, fields)


def links(text: str) -> Iterator[tuple[str, str]]:
    """The address and the text of each link, in reading order."""
    url, link_text = "", ""
    for event in events(text):
        if isinstance(event, Open) and event.tag == "a":
            url, link_text = event.url, ""
        elif isinstance(event, Close) and event.tag == "a":
            yield url, link_text.strip()
            url = ""
        elif url:
            link_text += _text_of(event)


def _text_of(event: MarkdownEvent) -> str:
    if isinstance(event, str):
        return event
    if isinstance(event, MergeField):
        return event.fallback
    return " " if isinstance(event, Break) else ""


def _events(token: Token, fields: list[MergeField]) -> Iterator[MarkdownEvent]:
    name, _, way = token.type.rpartition("_")
    if way == "open":
        tag = _TAGS[name]
        if tag == "a":
            yield Open(tag, url=_unmarked(str(token.attrs.get("href", "")), fields))
        else:
            yield Open(tag, start=int(token.attrs.get("start", 1)), tight=token.hidden)
    elif way == "close":
        yield Close(_TAGS[name], tight=token.hidden)
    elif token.type in ("softbreak", "hardbreak"):
        yield Break()
    else:
        yield from _words(token.content, fields)


def _words(content: str, fields: list[MergeField]) -> Iterator[str | MergeField]:
    first, *others = content.split(MARK_START)
    if first:
        yield first
    for other in others:
        number, _, rest = other.partition(MARK_END)
        yield fields[int(number)]
        if rest:
            yield rest


def _unmarked(url: str, fields: list[MergeField]) -> str:
    return "".join(
        piece if isinstance(piece, str) else f"{{{{{piece.name}|{piece.fallback}}}}}"
        for piece in _words(url, fields)
    )
