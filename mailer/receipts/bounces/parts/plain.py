"""A message as a person may read it: its header and its words, bounded and without markup."""

from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.parts.entities import parse
from mailer.receipts.bounces.parts.fields import Fields

_MOST_WORDS: Final = 64 * 1024  # characters


@dataclass(frozen=True, slots=True)
class Plain:
    """The header of the message, and the words in all its parts that hold some."""

    fields: Fields
    words: str


def plain(message: bytes) -> Plain:
    """The plain text; where there is none, what the HTML says, without any of it."""
    entity = parse(message)
    leaves = list(entity.leaves())
    texts = [part.text for part in leaves if part.is_text]
    if not any(text.strip() for text in texts):
        texts = [part.text for part in leaves if part.media == "text/html"]
    words = "\n\n".join(text.strip() for text in texts if text.strip())
    return Plain(entity.fields, words[:_MOST_WORDS])
