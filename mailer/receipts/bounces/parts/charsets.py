"""From octets to text, whatever charset they claim to be in; it never fails.

Only charsets of mail are looked up. Python's codecs also hold ``punycode``, ``zip`` and the like,
which take quadratic time or make a bomb of a few octets, and a sender chooses the name.
"""

import re
from typing import Final

_CHARSET: Final = re.compile(
    r"(unicode-1-1-)?utf-?(7|8|16|32)(-?[bl]e)?|us-ascii|ascii|latin-?\d+|iso[-_]?8859[-_]\d+(-[ie])?"
    r"|(windows|cp)-?\d{3,5}|koi8-?[ru]|iso[-_]?2022[-_](jp|kr)(-\d|-ext|-ms)?|"
    r"x?-?(ms)?-?s(hift)?_?jis"
    r"|euc[-_](jp|kr)|gb(k|2312|18030)|big5(-hkscs)?|tis-620|macintosh|mac-?roman",
    re.IGNORECASE,
)
_ALIASES: Final = {
    # Microsoft's and the mobile carriers' characters are in neither standard's table.
    "iso-2022-jp": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    # The web's reading of Latin-1: quotation marks where ISO has control characters.
    "iso-8859-1": "cp1252",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}


def decoded(octets: bytes, charset: str) -> str:
    """The text of octets in a charset by the name that mail gives it."""
    name = charset.strip().strip("'\"").lower()
    name = _ALIASES.get(name, name) if _CHARSET.fullmatch(name) else "utf-8"
    for candidate in (name, "utf-8"):
        try:
            return octets.decode(candidate)
        except (LookupError, UnicodeError):
            continue
    if name == "utf-8":
        return octets_as_text(octets)
    try:
        return octets.decode(name, "replace")
    except (LookupError, UnicodeError):
        return octets_as_text(octets)


def octets_as_text(octets: bytes) -> str:
    """The text of octets of which nothing is known: UTF-8 where it is, else Latin-1."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")
