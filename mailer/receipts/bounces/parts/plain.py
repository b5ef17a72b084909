"""A message as a person may read it: its header and its text, bounded and without markup."""

from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.parts.entities import parse
from mailer.receipts.bounces.parts.fields import Fields

_LONGEST_TEXT: Final = 64 * 1024  # characters


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """The header of the message, and the text of all its text parts, separated by empty lines."""

    fields: Fields
    text: str


def plain_message(message: bytes) -> PlainMessage:
    """The text/plain parts; where they are empty, the HTML parts without their markup."""
    entity = parse(message)
    leaves = list(entity.leaves())
    texts = [part.text for part in leaves if part.is_text]
    if not any(text.strip() for text in texts):
        texts = [part.text for part in leaves if part.media == "text/html"]
    text = "\n\n".join(each.strip() for each in texts if each.strip())
    return PlainMessage(entity.fields, text[:_LONGEST_TEXT])
