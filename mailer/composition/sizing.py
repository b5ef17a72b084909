"""How large the HTML of a letter's largest copy is: Gmail cuts a mail off at about 102 kB, and what
is cut off first is the way to unsubscribe."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from mailer.authoring.document import Document, to_json
from mailer.composition.arranging import arrange
from mailer.composition.html.design import design_html
from mailer.composition.letter import Letter
from mailer.composition.links import links_of
from mailer.composition.parts import Piece, Slot, Token, resolve

WARN_FROM: Final = 90_000  # octets
REFUSE_FROM: Final = 100_000
_TOKEN: Final = 32
_VALUE: Final = 60  # what fills a merge field, at the longest that is likely
_ANY_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)  # before any event: none is left out


@dataclass(frozen=True, slots=True)
class _Measured:
    digest: bytes
    letter: Letter = field(compare=False)


def largest(letter: Letter) -> int:
    """Octets of HTML in the largest copy, with counted links and long values."""
    described = [letter.subject, letter.preview_text, to_json(letter.document)]
    around = (letter.brand, letter.language, letter.public_url, sorted(letter.pictures.items()))
    digest = blake2b((json.dumps(described) + repr(around)).encode()).digest()
    return _largest(_Measured(digest, letter))


def sentence(octets: int) -> str:
    """What to say of a mail that is, or is nearly, too large; "" for any other."""
    if octets < WARN_FROM:
        return ""
    return (
        f"The e-mail is {octets / 1000:.0f} kB. Gmail cuts e-mails off at about 102 kB, with the "
        "way to unsubscribe: remove or shorten something."
    )


@lru_cache(maxsize=64)
def _largest(measured: _Measured) -> int:
    here = f"{measured.letter.public_url}/e/{'x' * _TOKEN}"
    letter = replace(measured.letter, date=_ANY_DAY, calendar=here)
    links = {each.url: each.number for each in links_of(letter.document)}
    return max(
        sum(
            _octets(piece)
            for piece in resolve(
                design_html(letter, arrange(letter, seen)),
                public_url=letter.public_url,
                links=links,
                counted=True,
            )
        )
        for seen in _variants(letter.document)
    )


def _variants(document: Document) -> set[tuple[str, ...]]:
    """The sets of blocks that somebody may see; those within another can't be the largest."""
    categories = {slug for block in document.blocks for slug in block.visible_to or ()} | {""}
    every = {
        tuple(block.id for block in document.blocks if block.is_for(category))
        for category in categories
    }
    return {one for one in every if not any(set(one) < set(other) for other in every)}


def _octets(piece: Piece) -> int:
    if isinstance(piece, Token):
        return _TOKEN
    if isinstance(piece, Slot):
        return max(_VALUE, len(piece.field.fallback.encode()))
    return len(piece.encode())
