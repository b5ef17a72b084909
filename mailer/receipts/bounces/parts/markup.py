"""The text of an HTML part, for bounces that come in HTML alone. In linear time, line by line.

It reads for meaning only: what it gives is never shown as HTML.
"""

from html import unescape
from typing import Final

_BREAKS: Final = frozenset(
    "address br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul".split()
)
_SILENT: Final = frozenset({"head", "script", "style", "title"})


def without_markup(text: str) -> str:
    """The text, with a line end wherever a block begins or ends."""
    first, *pieces = text.split("<")
    texts = [first]
    silent = ""
    for piece in pieces:
        tag, closed, rest = piece.partition(">")
        name = tag.strip("/ \n\t").partition(" ")[0].partition("\n")[0].lower().rstrip("/")
        if silent:
            if tag.startswith("/") and name == silent:
                silent = ""
                texts.append(rest)
            continue
        if not closed:
            texts.append(piece)
        elif "@" in tag and "=" not in tag:  # an address in angle brackets, not escaped
            texts.append(f"<{piece}")
        elif name in _SILENT and not tag.startswith("/"):
            silent = name
        else:
            texts.append("\n" if name in _BREAKS else "")
            texts.append(rest)
    return unescape("".join(texts))
