"""Names as they are compared, put into URLs and taken apart."""

import re
import unicodedata

_HONORIFICS = frozenset(
    {"cllr", "councillor", "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir"}
    | {"dame", "lord", "lady", "rev", "revd", "the", "hon"}
)


def fold(text: str) -> str:
    """A name as compared: one space between words, no case, one spelling of each character."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def slugify(text: str) -> str:
    """A name as part of a URL: lower-case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:72]


def split_name(name: str) -> tuple[str, str]:
    """First and last name of a full one: titles are passed over, "Kaur, Amrit" is turned round."""
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first} {last}"
    words = name.split()
    while len(words) > 1 and words[0].casefold().rstrip(".") in _HONORIFICS:
        words = words[1:]
    if not words:
        return "", ""
    return words[0], " ".join(words[1:])
