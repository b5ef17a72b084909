"""The words in which a text gives its reason, apart from the codes, addresses and set phrases.

A text is looked at three times: first what the other server replied, then all of it without fronts
and advice, then all of it. What only the last look finds gives nobody up.
"""

import re
from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.vocabulary.tables import read_table

_TABLE: Final = read_table("wording.toml")
_LINK: Final = re.compile(r"https?://\S{1,400}|\bwww\.\S{1,200}")
_LISTED: Final = re.compile(rf"(?:https?://|www\.)\S{{0,120}}\b{_TABLE['blocklists']}\b\S{{0,300}}")
_ADDRESS: Final = re.compile(r"<[^<>]{0,320}>|[^\s@]{1,64}@[^\s@]{1,255}")
# A server's name is no word: "spam.council.example" only filters.
_SERVER: Final = re.compile(
    r"\b(host|server|mta|mx|with|by) [\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\.?(?![\w@])"
    r"(?: ?[\[(][0-9a-f.:]{3,45}[\])])?"
)
_NAME: Final = re.compile(r"^[ -]*[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}:(?= )")
_CODE: Final = re.compile(
    r"(?<![\w.])[245][0-7]\d(?:-|(?= |$))(?:[245]\.\d\.\d{1,3}(?![\d.]))?"
    r"|#?(?<![\w.])[245]\.\d\.\d{1,3}(?![\d.])"
)
_REPLY: Final = re.compile(r"(?:[:>\"(]\s?|<<<\s?)(?=[45][0-7]\d[ -])")
_LETTER: Final = re.compile(r"[^\W\d_]{2}")


def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in _TABLE[name]))


_FRONT: Final = _any_of("front")
_ADVICE_FOLLOWS: Final = _any_of("advice_follows")
_ADVICE: Final = _any_of("advice")
_PURPOSE: Final = _any_of("purpose")


@dataclass(frozen=True, slots=True)
class BounceWording:
    """Looks at one text, in lower case on one line; two of them may be the same."""

    reply: str
    core: str
    whole: str

    @property
    def says_something(self) -> bool:
        """Whether there are words besides the codes."""
        return _LETTER.search(self.whole) is not None


def wording_of(text: str) -> BounceWording:
    """The wording of a text."""
    lowered = " ".join(text.lower().split())
    whole = _words(lowered)
    core = _core(whole)
    quoted = _REPLY.search(lowered)
    return BounceWording(_core(_words(lowered[quoted.end() :])) if quoted else core, core, whole)


def _words(text: str) -> str:
    text = _LINK.sub(" ", _LISTED.sub(" dnsbl ", text))
    text = _SERVER.sub(r"\1", _ADDRESS.sub(" ", text))
    return " ".join(_NAME.sub("", _CODE.sub(" ", text)).split())


def _core(words: str) -> str:
    if (found := _ADVICE_FOLLOWS.search(words)) and _LETTER.search(words[: found.start()]):
        words = words[: found.start()]
    return " ".join(_FRONT.sub(" ", _PURPOSE.sub(" ", _ADVICE.sub(" ", words))).split())
