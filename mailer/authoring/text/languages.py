"""The languages an issue or a block can be in, and the words that the mail says by itself in them.

Whatever is not translated is said in English.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po

ENGLISH: Final = "en-GB"
LANGUAGES: Final[Mapping[str, str]] = {
    ENGLISH: "English",
    "cy": "Welsh",
    "gd": "Scottish Gaelic",
    "ga": "Irish",
    "ar": "Arabic",
    "bn": "Bengali",
    "de": "German",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "gu": "Gujarati",
    "he": "Hebrew",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "uk": "Ukrainian",
    "ur": "Urdu",
}
_CATALOGUES: Final = Path(__file__).parents[3] / "templates" / "email" / "words"


@cache
def locale_of(language: str) -> Locale:
    """What Babel knows of a language; English for one that is not of ours."""
    return Locale.parse(language if language in LANGUAGES else ENGLISH, sep="-")


def direction(language: str) -> str:
    """Which way it is written, as HTML says it: ltr or rtl."""
    return locale_of(language).text_direction


def is_said_in(language: str, sentence: str) -> bool:
    """Whether the mail has this sentence of its own in the language."""
    return language == ENGLISH or sentence in _catalogue(language)


def say(language: str, sentence: str, **values: object) -> str:
    """A sentence of the mail's own; each value fills the place of its name, as in str.format."""
    said = _catalogue(language).get(sentence, sentence)
    return said.format(**values) if values else said


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    path = _CATALOGUES / f"{language}.po"
    if language not in LANGUAGES or not path.is_file():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    return {str(each.id): str(each.string) for each in found if each.id and each.string}
