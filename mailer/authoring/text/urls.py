"""Web, mail and telephone addresses an author may link to."""

import re
from typing import Final
from urllib.parse import urlsplit

LINK_SCHEMES: Final = ("https", "http", "mailto", "tel")
PICTURE_SCHEMES: Final = ("https",)
# A picture of our own library: named by its content, whatever host serves it one day.
LIBRARY_PICTURE: Final = re.compile(r"/pictures/[0-9a-f]{40}\.(?:jpg|png)")
_LONGEST: Final = 2_000
_FORBIDDEN = re.compile(r'[\x00-\x20\x7f-\xa0\u2028\u2029<>"\\`{}|^]')
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def wrong_with_picture(url: str) -> str | None:
    """The same for the address of a picture: one of the library, or https."""
    return None if LIBRARY_PICTURE.fullmatch(url) else wrong_with(url, PICTURE_SCHEMES)


def wrong_with(url: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> str | None:
    """A sentence that says what to do about the address, or None when it can be used."""
    if "{{" in url:
        return "Take the merge field out of the address: addresses are the same for everybody."
    if len(url) > _LONGEST:
        return f"Use a shorter address: this one is longer than {_LONGEST:,} characters."
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if match is None or scheme not in schemes:
        refusal = f"; “{scheme[:20]}:” cannot be used" if scheme else ""
        return f"Write the address in full, starting with {_starts(schemes)}{refusal}."
    if found := _FORBIDDEN.search(url):
        sign = "a space or line break" if found[0].isspace() or found[0] < " " else f"“{found[0]}”"
        return f"Check the address: it contains {sign}, which addresses cannot."
    if scheme in ("mailto", "tel"):
        return None if url[match.end() :] else f"Write something after “{scheme}:”."
    return _wrong_with_web(url)


def _wrong_with_web(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # reading it checks it
    except ValueError:
        return "Check the address: it is not one a browser could open."
    if not host or not url[len(parts.scheme) :].startswith("://"):
        return "Write the address in full, like https://www.example.org/page."
    if "@" in parts.netloc:
        return "Take the user name or password out of the address: everybody would see it."
    return None


def countable(url: str) -> bool:
    """Whether clicks on it can be counted: web addresses only."""
    return url[:8].lower().startswith(("https://", "http://"))


def _starts(schemes: tuple[str, ...]) -> str:
    names = [f"{scheme}://" if scheme.startswith("http") else f"{scheme}:" for scheme in schemes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
