"""Grounds: why a request counts as a machine's, each a word that is kept with the receipt."""

from enum import StrEnum
from functools import lru_cache
from typing import Final


class Ground(StrEnum):
    """One reason; a request may have several."""

    # What one request says. It is seen when the request comes, and kept nowhere else.
    NO_AGENT = "no-agent"  # it does not say what program makes it
    LIBRARY = "library"  # a program's library for fetching pages, or a browser nobody looks at
    GATEWAY = "gateway"  # it names itself as a scanner of mail or of pages
    NETWORK = "network"  # it comes from a network in which only such scanners are
    HEAD = "head"  # it asks for no content
    PREFETCH = "prefetch"  # it says that it fetches ahead
    PRIVACY_PROXY = "privacy-proxy"  # Apple fetches every picture whether or not anybody reads
    # What shows beside other requests. It is worked out again whenever more is known.
    UNSEEN_LINK = "unseen-link"  # a link that people cannot see was followed
    AT_ONCE = "at-once"  # sooner after the copy was taken in than anybody reads
    BURST = "burst"  # faster than anybody presses links
    MANY_COPIES = "many-copies"  # one source took up the copies of many people at once
    SAME_SOURCE = "same-source"  # its source showed itself to be a machine just now


# As a spool's line has them, a letter each.
LETTERS: Final = {
    Ground.NO_AGENT: "a",
    Ground.LIBRARY: "l",
    Ground.GATEWAY: "g",
    Ground.NETWORK: "n",
    Ground.HEAD: "h",
    Ground.PREFETCH: "p",
    Ground.PRIVACY_PROXY: "x",
}
OF_THE_REQUEST: Final = frozenset(LETTERS)
_BY_LETTER: Final = {letter: ground for ground, letter in LETTERS.items()}


@lru_cache(maxsize=1024)
def of_letters(letters: str) -> frozenset[Ground]:
    """The grounds that a spool's line names; letters of other versions are passed over."""
    return frozenset(_BY_LETTER[each] for each in letters if each in _BY_LETTER)


@lru_cache(maxsize=1024)
def in_words(grounds: frozenset[Ground]) -> str | None:
    """As a receipt keeps them: the words in the order of the list above, None for none."""
    return " ".join(each.value for each in Ground if each in grounds) or None


@lru_cache(maxsize=1024)
def of_words(words: str | None) -> frozenset[Ground]:
    """The grounds that a receipt keeps."""
    known = {each.value for each in Ground}
    return frozenset(Ground(each) for each in (words or "").split() if each in known)
