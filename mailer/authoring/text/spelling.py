"""Markdown-lite in its one spelling, which the editor in the browser reads and writes.

There are many ways to write the same text; a form shows it in this one. ``static/js/richtext.js``
writes the same spelling, and a test holds each to the other.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from markdown_it.common.utils import isWhiteSpace

from mailer.authoring.text.characters import JOINER, many_lines
from mailer.authoring.text.markdown import (
    Break,
    Close,
    MarkdownEvent,
    Open,
    nests_too_deep,
    written,
)
from mailer.authoring.text.merging import MergeField, split

_SPACE: Final = "\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_EDGES: Final = re.compile(rf"^([{_SPACE}]*)(.*?)([{_SPACE}]*)$", re.DOTALL)
_MARKS: Final = {"strong": "**", "em": "*"}
_STARTS_BLOCK: Final = re.compile(r"^(?=#{1,6}(?: |$)|[-+](?: |$)|>)|^(\d{1,9})(?=[.)](?: |$))")
_PLAIN_ADDRESS: Final = re.compile(r"[^\s<>()\\]+")
_FIELD: Final = re.compile(r"\{\{[^{}\n]*\}\}")

_Mark = tuple[str, int, str]  # strong, em or a; which link it is; where that goes


@dataclass(slots=True)
class _Leaf:
    """Words, a field or a line's end (None) with the marks around them, outermost first."""

    what: str | MergeField | None
    marks: tuple[_Mark, ...]

    @property
    def is_wide(self) -> bool:
        return self.what is None or (isinstance(self.what, str) and not self.what.strip(_STRIPPED))


_STRIPPED: Final = (
    "".join(chr(code) for code in range(0x3001) if isWhiteSpace(code)) + "\u2028\u2029"
)


@dataclass(slots=True)
class _Block:
    """A block: the words of a p or h, or what is in a ul, ol, li or blockquote."""

    tag: str
    words: str = ""
    start: int = 1
    tight: bool = False
    within: list["_Block"] = field(default_factory=list)


def spelled(text: str) -> str:
    """The text as the editor writes it; it reads the same. One that nests too deep stays."""
    text = many_lines(text)
    if nests_too_deep(text):
        return text
    top = _Block("")
    open_blocks, leaves, marks, links = [top], list[_Leaf](), list[_Mark](), 0
    for event in written(text):
        if isinstance(event, Open) and event.tag in ("strong", "em", "a"):
            links += event.tag == "a"
            marks.append((event.tag, links if event.tag == "a" else 0, event.url))
        elif isinstance(event, Close) and event.tag in ("strong", "em", "a"):
            marks.pop()
        elif isinstance(event, Open):
            block = _Block(event.tag, start=event.start, tight=event.tight)
            open_blocks[-1].within.append(block)
            open_blocks.append(block)
        elif isinstance(event, Close):
            block = open_blocks.pop()
            if block.tag in ("p", "h"):
                block.words, leaves = _line(leaves, block.tag == "h"), []
                if not block.words:
                    open_blocks[-1].within.pop()
        else:
            leaves.append(_leaf(event, marks))
    return "\n".join(_lines(top.within, tight=False))


def _leaf(event: MarkdownEvent, marks: list[_Mark]) -> _Leaf:
    what = None if isinstance(event, Break) else event
    assert what is None or isinstance(what, str | MergeField)
    return _Leaf(what, tuple(dict.fromkeys(marks)))


def _lines(blocks: list[_Block], *, tight: bool) -> list[str]:
    lines: list[str] = []
    marker = before = ""
    for block in blocks:
        if block.tag in ("p", "h"):
            found = block.words.split("\n")
            found[0] = "### " + found[0] if block.tag == "h" else found[0]
            marker = ""
        elif block.tag == "blockquote":
            found = [f"> {line}".rstrip() for line in _lines(block.within, tight=False)] or [">"]
            marker = ""
        else:
            first, second = ("-", "*") if block.tag == "ul" else (".", ")")
            marker = second if marker == first else first
            found = _items(block, marker)
        lines += [""] if before and not tight else []
        lines += found
        before = block.tag
    return lines


def _items(block: _Block, marker: str) -> list[str]:
    items = [item.within for item in block.within]
    paragraphs = [each for item in items for each in item if each.tag == "p"]
    tight = all(each.tight for each in paragraphs) and all(map(_sits_close, items))
    lines: list[str] = []
    for index, item in enumerate(items):
        start = marker if block.tag == "ul" else f"{min(block.start + index, 999_999_999)}{marker}"
        if lines and not tight:
            lines.append("")
        within = _lines(item, tight=tight) or [""]
        indent = " " * (len(start) + 1)
        lines += [f"{start} {within[0]}".rstrip(" ")]
        lines += [indent + line if line else "" for line in within[1:]]
    return lines


def _sits_close(blocks: list[_Block]) -> bool:
    """Whether each can follow the one before without a blank line."""
    for one, other in pairwise(blocks):
        if other.tag == "p" and _takes_more(one):
            return False
        if one.tag == other.tag == "blockquote":
            return False
        weak = other.start != 1 or (other.within and not other.within[0].within)
        if weak and one.tag == "p" and other.tag in ("ul", "ol"):
            return False  # neither would end the paragraph
    return True


def _takes_more(block: _Block) -> bool:
    """Whether words right below it would be a part of it."""
    return block.tag == "p" or (bool(block.within) and _takes_more(block.within[-1]))


def _line(leaves: list[_Leaf], one: bool) -> str:
    tokens = list(_tokens(_trimmed(list(_parted(leaves, one)))))
    out, before, after_mark = "", " ", False
    for index, (kind, words) in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else ("words", " ")
        after = {"field": "a", "open": "a", "close": "a"}.get(following[0], following[1][:1])
        if kind in ("open", "close"):
            if after_mark or (kind == "close" and not _holds(after, before)):
                out, before = out + JOINER, JOINER
            out += words
            if kind == "open" and not _holds(before, after):
                out, before, after_mark = out + JOINER, JOINER, False
            else:
                before, after_mark = "*", True
        else:
            out += words
            before, after_mark = "a" if kind == "field" else words[-1], False
    if one:
        return re.sub(r"(^| )(#+)$", r"\1\\\2", out)
    return out and "\n".join(_escaped_start(line) or "\\" for line in out.split("\n"))


def _holds(outside: str, inside: str) -> bool:
    """Whether a mark between these two characters is one."""
    return not _is_punctuation(inside) or _is_wide(outside) or _is_punctuation(outside)


def _is_wide(character: str) -> bool:
    return character in _STRIPPED


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _escaped_start(line: str) -> str:
    return _STARTS_BLOCK.sub(lambda found: (found[1] or "") + "\\", line, count=1)


def _parted(leaves: list[_Leaf], one: bool) -> Iterator[_Leaf]:
    """Words apart from the spaces at their ends, which have only the marks that go on."""
    merged: list[_Leaf] = []
    for leaf in leaves:
        what = " " if one and leaf.what is None else leaf.what
        last = merged[-1] if merged else None
        if (
            last
            and isinstance(what, str)
            and isinstance(last.what, str)
            and last.marks == leaf.marks
        ):
            last.what += what
        else:
            merged.append(_Leaf(what, leaf.marks))
    for leaf in merged:
        if isinstance(leaf.what, str):
            found = _EDGES.match(leaf.what)
            assert found
            yield from (_Leaf(part, leaf.marks) for part in found.groups() if part)
        else:
            yield leaf


def _trimmed(leaves: list[_Leaf]) -> list[_Leaf]:
    kept: list[_Leaf] = []
    for leaf in leaves:
        if leaf.what is None:
            while kept and kept[-1].is_wide and kept[-1].what is not None:
                kept.pop()
        if leaf.is_wide and (not kept or (kept[-1].what is None and leaf.what is not None)):
            continue
        kept.append(leaf)
    while kept and kept[-1].is_wide:
        kept.pop()
    before: tuple[_Mark, ...] = ()
    for index, leaf in enumerate(kept):
        if leaf.is_wide:
            words = next(at for at in range(index, len(kept)) if not kept[at].is_wide)
            leaf.marks = _shared(before, kept[words].marks)
        else:
            before = leaf.marks
    return kept


def _shared(some: tuple[_Mark, ...], others: tuple[_Mark, ...]) -> tuple[_Mark, ...]:
    number = 0
    while number < min(len(some), len(others)) and some[number] == others[number]:
        number += 1
    return some[:number]


def _tokens(leaves: list[_Leaf]) -> Iterator[tuple[str, str]]:
    marks: tuple[_Mark, ...] = ()
    after_brace = False
    for leaf in [*leaves, _Leaf("", ())]:
        kept = len(_shared(marks, leaf.marks))
        for tag, _, url in reversed(marks[kept:]):
            yield ("words", f"]({_address(url)})") if tag == "a" else ("close", _MARKS[tag])
        for tag, _, _ in leaf.marks[kept:]:
            yield ("words", "[") if tag == "a" else ("open", _MARKS[tag])
        after_brace = after_brace and marks == leaf.marks
        marks = leaf.marks
        if leaf.what is None:
            yield "words", "\n"
        elif isinstance(leaf.what, MergeField):
            yield "field", (JOINER if after_brace else "") + _written(leaf.what)
        elif leaf.what:
            yield "words", _escaped(leaf.what)
        after_brace = isinstance(leaf.what, str) and leaf.what.endswith("{")


def _written(merge: MergeField) -> str:
    return f"{{{{{merge.name}|{merge.fallback}}}}}"


def _escaped(words: str) -> str:
    out, done = "", 0
    for found in _FIELD.finditer(words):
        # What was meant as a field and is none stays one to the eye: a check says what is wrong.
        if split(found[0])[1]:
            out += _marked(words[done : found.start()]) + "{{" + _marked(found[0][2:])
            done = found.end()
    return out + _marked(words[done:])


def _marked(words: str) -> str:
    words = re.sub(r"[\\*\[\]]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", words)
    return re.sub(r"\{(?=\{)", r"{\\", words)


def _address(url: str) -> str:
    pieces = [piece if isinstance(piece, str) else _written(piece) for piece in split(url)[0]]
    if not url or _PLAIN_ADDRESS.fullmatch(url):
        return url
    return (
        "<"
        + "".join(
            piece if piece.startswith("{{") else re.sub(r"[\\<>]", r"\\\g<0>", piece)
            for piece in pieces
        )
        + ">"
    )
