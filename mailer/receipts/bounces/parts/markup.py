"""The words of an HTML part, for bounces that come in HTML alone. In linear time, line by line.

It reads for meaning only: what it gives is never shown as HTML.
"""

from html import unescape
from typing import Final

_BREAKS: Final = frozenset(
    "address br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul".split()
)
_SILENT: Final = frozenset({"head", "script", "style", "title"})


def without_markup(text: str) -> str:
    """The words, with a line end wherever a block begins or ends."""
    first, *pieces = text.split("<")
    words = [first]
    silent = ""
    for piece in pieces:
        tag, closed, rest = piece.partition(">")
        name = tag.strip("/ \n\t").partition(" ")[0].partition("\n")[0].lower().rstrip("/")
        if silent:
            if tag.startswith("/") and name == silent:
                silent = ""
                words.append(rest)
            continue
        if not closed:
            words.append(piece)
        elif "@" in tag and "=" not in tag:  # an address in angle brackets, not escaped
            words.append(f"<{piece}")
        elif name in _SILENT and not tag.startswith("/"):
            silent = name
        else:
            words.append("\n" if name in _BREAKS else "")
            words.append(rest)
    return unescape("".join(words))
