"""Which code page a file is in that is neither UTF-8 nor UTF-16: a guess, from its accented words.

In the right one, letters with accents stand in words, in the case of their neighbours, and belong
to the alphabet of one language; in a wrong one there are signs in the middle of words.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# The likelier first: of equals it is taken.
GUESSES: Final = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "iso8859-15": "ISO 8859-15 (Western Europe)",
    "iso8859-2": "ISO 8859-2 (Central Europe)",
    "mac-roman": "Mac Roman",
}
_WORD: Final = re.compile(rb"[A-Za-z\x80-\xff'-]*[\x80-\xff][A-Za-z\x80-\xff'-]*")
_MOST_WORDS: Final = 2_000
_FAR: Final = 20_000_000  # octets, beyond which no word changes the guess
_BLOCK: Final = 1 << 16
_ALPHABETS: Final = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        "äöüßéèà",
        "àâæçéèêëîïôœùûüÿ",
        "áéíóúüñ",
        "àèéìíîòóùú",
        "áàâãçéêíóôõú",
        "áéèëïíóöüĳ",
        "âêîôûŵŷáéíóúäëïöüàèìòù",
        "åäöæøéü",
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîșțşţ",
    )
)


def guess(path: Path) -> str | None:
    """The likeliest codec; None when the words make sense in none."""
    words = _distinct(path, _MOST_WORDS)
    scores = {codec: _score(words, codec) for codec in GUESSES}
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] >= 0 else None


def samples(path: Path, codec: str, most: int = 5) -> tuple[str, ...]:
    """Some words with accents, as they read in this codec."""
    return tuple(word.decode(codec, "replace") for word in _distinct(path, most))


def _distinct(path: Path, most: int) -> list[bytes]:
    found: dict[bytes, None] = {}
    for word in _words(path):
        found.setdefault(word)
        if len(found) == most:
            break
    return list(found)


def _words(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while file.tell() < _FAR and (lines := file.readlines(_BLOCK)):
            for line in lines:
                yield from _WORD.findall(line)


def _score(words: list[bytes], codec: str) -> float:
    """From 1 for every letter in its place down to -2 for what stands in no word."""
    total, number, foreign = 0.0, 0, [0] * len(_ALPHABETS)
    for word in words:
        try:
            text = word.decode(codec)
        except UnicodeDecodeError:
            return -2.0
        for place, char in enumerate(text):
            if char.isascii():
                continue
            number += 1
            total += _fits(text, place)
            if char.isalpha():
                for each, alphabet in enumerate(_ALPHABETS):
                    foreign[each] += char not in alphabet
    if not number:
        return 0.0
    return (total - 0.5 * min(foreign)) / number


def _fits(text: str, place: int) -> float:
    char, before = text[place], text[place - 1 : place]
    if char.isalpha():
        return -1.0 if char.isupper() and before.islower() else 1.0
    if "\x80" <= char <= "\x9f":
        return -2.0
    inside = before.isalpha() or text[place + 1 : place + 2].isalpha()
    if char in "’‘“”«»–—…\xa0€":
        return 0.5  # punctuation that stands beside words
    return -1.0 if inside else 0.0
