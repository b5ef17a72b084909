"""Words of other people, without markup and without merge fields."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from mailer.authoring.text.characters import one_line

_LONGEST_MARKUP: Final = 50_000  # of a summary that is looked at


def plain(markup: str, most: int) -> str:
    """The words of what may be markup, cut at a word."""
    reader = _Words()
    reader.feed(markup[:_LONGEST_MARKUP])
    reader.close()
    words = safe(" ".join("".join(reader.said).split()))
    if len(words) <= most:
        return words
    return words[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"


def safe(text: str) -> str:
    """In one line, and without merge fields: they would be filled for each reader."""
    return one_line("".join(_unmerged(text)))


class _Words(HTMLParser):
    """The words of markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in {"script", "style"}
        self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"} and self._hidden > 0
        self.said.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def _unmerged(text: str) -> Iterator[str]:
    for sign in re.split(r"(\{\{|\}\})", text):
        yield {"{{": "{ {", "}}": "} }"}.get(sign, sign)
