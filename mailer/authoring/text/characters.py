"""The characters a mail can carry: everything people write, nothing that rearranges or hides it.

Control characters could break a header (RFC 5322 section 2.2), bidirectional overrides could make
an address read as another one, and half a surrogate pair cannot be encoded at all. Two private-use
characters are kept back for the composer's own marks in plain text.
"""

import re
from typing import Final

MARK_START: Final = "\ue000"
MARK_END: Final = "\ue001"
# The word joiner, seen by nobody: Markdown takes it for a letter, so that a mark beside it holds
# where it would not by itself, as in **“Yes”**es. It is dropped when the text is read.
JOINER: Final = "\u2060"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_HIDDEN = re.compile(rf"[\u202a-\u202e\u2066-\u2069{MARK_START}{MARK_END}]")
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text on one line: control characters become spaces, both ends are trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _visible(_CONTROL.sub(" ", text)).strip()


def many_lines(text: str) -> str:
    """The text with its line ends as newlines and no other control character."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _visible(_CONTROL_BUT_NEWLINE.sub(" ", _LINE_END.sub("\n", text))).strip()


def encodable(text: str) -> str:
    """The text as every page and mail can hold it, however wrong it may be otherwise."""
    return _HALF_PAIR.sub("\ufffd", text)


def _visible(text: str) -> str:
    return encodable(_HIDDEN.sub("", text))
