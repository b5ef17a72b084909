"""Names as they are compared, put into URLs and taken apart."""

import re
import unicodedata
from hashlib import sha256

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


def label_key(name: str) -> str:
    """A role or tag as compared: by what people see, so that C, C# and C++ are three.

    No case; a hyphen is a space; and none around a sign: "R & D" is "R&D".
    """
    spaced = re.sub(r"[\s_-]+", " ", fold(name)).strip()
    return re.sub(r" ?([^\w\s]) ?", r"\1", spaced)


def label_slugs(name: str) -> tuple[str, str]:
    """The slug of a role or tag, and another for when a different label has the first."""
    digest = sha256(label_key(name).encode()).hexdigest()[:10]
    plain = slugify(name)
    return plain or f"x-{digest}", f"{plain[:60] or 'x'}-{digest}"


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


def has_controls(words: str) -> bool:
    """Whether there are characters in ``words`` that nobody can see, and no header may have."""
    plain = words.replace("\r\n", "").replace("\n", "")
    return any(unicodedata.category(char) in {"Cc", "Cs"} for char in plain)
