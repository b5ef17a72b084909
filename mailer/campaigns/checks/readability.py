"""How hard an English text is to read: Flesch and Kincaid’s measure, as an age.

It counts words and syllables and knows nothing of sense, so only texts that are long enough, and
whose sentences are long, are called hard.
"""

import re
from typing import Final

_SENTENCE: Final = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z’']*")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_ENOUGH_WORDS: Final = 30
_LONG_SENTENCE: Final = 22  # words, on average
_HARD: Final = 16  # years of age
_SCHOOL_BEGINS: Final = 5


def hard_to_read(text: str) -> int:
    """About how old a reader has to be, where that is too old; 0 for other texts."""
    sentences = [found for part in _SENTENCE.split(text) if (found := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < _ENOUGH_WORDS:
        return 0
    average = len(words) / len(sentences)
    if average < _LONG_SENTENCE:
        return 0
    syllables = sum(map(_syllables, words)) / len(words)
    age = round(0.39 * average + 11.8 * syllables - 15.59 + _SCHOOL_BEGINS)
    return age if age >= _HARD else 0


def _syllables(word: str) -> int:
    word = word.casefold()
    number = len(_VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and number > 1:
        number -= 1
    return max(1, number)
