"""Markdown-lite: paragraphs, small headings, bold, italic, links, lists, quotations; nothing else.

A Markdown library reads the text; this module hands on its tokens as a few events that the
composer turns into HTML and into plain text. Raw HTML, pictures and code are plain text; what
would look like a mistake, or could not be shown, has a sentence in ``wrong_with``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from markdown_it import MarkdownIt, helpers
from markdown_it.token import Token

from mailer.authoring.text import urls
from mailer.authoring.text.characters import JOINER, MARK_END, MARK_START
from mailer.authoring.text.merging import MergeField, pieces


@dataclass(frozen=True, slots=True)
class Open:
    """A tag opens: p, h, ul, ol, li, blockquote, strong, em or a, whose address is ``url``."""

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
    "blockquote": "blockquote",
}
_NESTED: Final = frozenset({"ul", "ol", "blockquote"})
_DEEPEST: Final = 5  # lists and quotations within each other
# Far beyond what is taken: what lies deeper than the library goes would be lost.
_NESTING: Final = 60
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRUCK: Final = re.compile(r"~~[^~\s]")
# Possessive throughout: a line of blanks takes as long as it is long.
_TABLE: Final = re.compile(r"^ *+(?:\| *+)?(?::?-++:? *+\| *+)++(?::?-++:? *+)?$", re.MULTILINE)
_BARE: Final = re.compile(
    r"(?<![\w@./-])(?:https?://[^\s<>\"]+|[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_BEHIND: Final = ".,;:!?'’”)]*_"  # what ends a sentence rather than an address


class _Reader(MarkdownIt):
    """Markdown that lets every address through as it was written, so that a check can say what is
    wrong with one; nothing is sent before that check."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url


def _destination(text: str, start: int, most: int) -> Any:
    """Where a link goes, as it was written: the library would take &amp; and the like for a sign,
    and addresses may have them."""
    found = helpers.parseLinkDestination(text, start, most)
    if found.ok:
        raw = text[start : found.pos]
        found.str = _ESCAPED.sub(r"\1", raw[1:-1] if raw.startswith("<") else raw)
    return found


def _no_title(text: str, start: int, most: int) -> Any:
    """Nothing is a link's title: no mail program shows one, and its words would be lost."""
    del text, start, most
    return SimpleNamespace(ok=False, pos=0, str="")


_READER: Final = _Reader("zero", {"maxNesting": _NESTING}).enable(
    ["list", "heading", "newline", "escape", "emphasis", "link", "blockquote"]
)
_READER.helpers = SimpleNamespace(  # type: ignore[assignment]
    parseLinkDestination=_destination,
    parseLinkLabel=helpers.parseLinkLabel,
    parseLinkTitle=_no_title,
)


def wrong_with(text: str) -> Iterator[str]:
    """A sentence for each thing in the text that could not be shown as it was meant."""
    if nests_too_deep(text):
        yield f"Keep to {_DEEPEST} levels of lists and quotations: what is deeper can’t be shown."
    if _STRUCK.search(text):
        yield "Take out “~~”: words can’t be struck through, they can only be taken out."
    if _TABLE.search(text):
        yield "Write the table as a list: phones have no room for a table."


def nests_too_deep(text: str) -> bool:
    """Whether lists and quotations lie deeper within each other than a mail can show."""
    depth = deepest = 0
    for event in events(text):
        if isinstance(event, Open) and event.tag in _NESTED:
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, Close) and event.tag in _NESTED:
            depth -= 1
    return deepest > _DEEPEST


def events(text: str) -> Iterator[MarkdownEvent]:
    """The text as a flat run of tags opening and closing, words and merge fields."""
    return iter(_read(text))


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[MarkdownEvent, ...]:
    # Checked, measured, linked and written twice, each text is asked for half a dozen times.
    return tuple(_found(text))


def _found(text: str) -> Iterator[MarkdownEvent]:
    run, linked = "", False
    for event in written(text):
        if isinstance(event, str):
            run += event
            continue
        if run:
            yield from (run,) if linked else _with_links(run)
            run = ""
        if isinstance(event, Open | Close) and event.tag == "a":
            linked = isinstance(event, Open)
        yield event
    if run:
        yield from _with_links(run)


def written(text: str) -> Iterator[MarkdownEvent]:
    """The events as their author wrote them: addresses that stand by themselves are words."""
    fields: list[MergeField] = []
    marked: list[str] = []
    for piece in pieces(text):
        if isinstance(piece, str):
            marked.append(piece)
        else:
            # To Markdown a merge field is one word, whatever its fallback contains.
            marked.append(f"{MARK_START}{len(fields)}{MARK_END}")
            fields.append(piece)
    yield from _tokens("".join(marked), fields)


def _with_links(run: str) -> Iterator[MarkdownEvent]:
    """Words in which addresses that stand by themselves are links to where they say."""
    done = 0
    for found in _BARE.finditer(run):
        address = _trimmed(found[0])
        url = address if address.startswith("http") else f"mailto:{address}"
        if urls.wrong_with(url):
            continue
        if found.start() > done:
            yield run[done : found.start()]
        yield Open("a", url=url)
        yield address
        yield Close("a")
        done = found.start() + len(address)
    if done < len(run):
        yield run[done:]


def _trimmed(address: str) -> str:
    """Without what ends the sentence; a closing bracket stays if the address opened it."""
    while address and address[-1] in _BEHIND:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


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
    first, *others = content.replace(JOINER, "").split(MARK_START)
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
