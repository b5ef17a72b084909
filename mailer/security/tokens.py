"""Unforgeable, opaque references to rows, small enough for a URL or a return path.

A token is bound to one purpose, so a link that counts an open can never unsubscribe. It reveals
nothing: the ids inside are masked with a keystream drawn from their own authentication code (the
synthetic-IV construction of RFC 5297, with BLAKE2b as the keyed function). It is deterministic,
because a retry of a message has to be the same message byte for byte.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

_IDS: Final = 10  # octets: 6 for the first id, 4 for the second
_WEB_CODE: Final = 14  # octets of authentication code; with the ids 24 octets, 32 characters
_MAIL_CODE: Final = 10  # at least 80 bits in a return path; with the ids 40 characters


class Purpose(StrEnum):
    """What a token may be used for; each purpose has keys of its own."""

    TRACK = "track"  # opens and clicks of one delivery
    CHOICES = "choices"  # unsubscribe and step down, for one delivery's person
    ANSWER = "answer"  # a poll's answer, of one delivery's person
    EVENT = "event"  # the events of one issue, for whoever has a copy
    ONLINE = "online"  # the page that shows one delivery's copy, or one test's
    OWN_CHOICES = "own choices"  # all choices of one person, up to a moment
    CONFIRM = "confirm"  # one pending subscription
    STORY = "story"  # the form of one person who was asked for a story
    RETURN = "return"  # the return path of one delivery
    OFFICER_CALENDAR = "officer calendar"  # one operator's feed of send dates, until it is revoked
    MESSAGE = "message"  # the Message-ID of one delivery


class Tokens:
    """Seals pairs of ids under one secret.

    ``seal`` gives 32 characters of ``A-Z a-z 0-9 - _``; ``seal_for_mail`` gives 40 characters of
    ``0-9 a-f``, since some mail systems fold the case of a local part. Ids are unsigned: the first
    below 2**48, the second below 2**32.
    """

    def __init__(self, secret: bytes) -> None:
        # A keyed hash that has only its key so far: copying it costs less than keying it again,
        # and a message needs four tokens.
        self._keyed = {
            purpose: (
                _keyed(secret, f"{purpose}:web", _WEB_CODE),
                _keyed(secret, f"{purpose}:mail", _MAIL_CODE),
                _keyed(secret, f"{purpose}:mask", _IDS),
            )
            for purpose in Purpose
        }

    def seal(self, purpose: Purpose, first: int, second: int = 0) -> str:
        """A token for a URL."""
        code, _, mask = self._keyed[purpose]
        return urlsafe_b64encode(_seal(first, second, code, mask)).decode("ascii")

    def open(self, purpose: Purpose, token: str) -> tuple[int, int] | None:
        """The ids inside a URL token, or None when it is not one of ours for this purpose."""
        if len(token) != 32 or not token.isascii():
            return None
        try:
            raw = urlsafe_b64decode(token)
        except ValueError:
            return None
        if urlsafe_b64encode(raw).decode("ascii") != token:  # one spelling per token
            return None
        code, _, mask = self._keyed[purpose]
        return _open(raw, code, mask)

    def seal_for_mail(self, purpose: Purpose, first: int, second: int = 0) -> str:
        """A token for the local part of an address, all in lower case."""
        _, code, mask = self._keyed[purpose]
        return _seal(first, second, code, mask).hex()

    def open_from_mail(self, purpose: Purpose, token: str) -> tuple[int, int] | None:
        """The ids inside a mail token whatever its case, or None."""
        if len(token) != 40 or not token.isascii() or not token.isalnum():
            return None
        try:
            raw = bytes.fromhex(token)
        except ValueError:
            return None
        _, code, mask = self._keyed[purpose]
        return _open(raw, code, mask)


def _keyed(secret: bytes, use: str, size: int) -> blake2b:
    key = blake2b(use.encode(), key=blake2b(secret).digest(), digest_size=32).digest()
    return blake2b(key=key, digest_size=size)


def _digest(keyed: blake2b, data: bytes) -> bytes:
    fresh = keyed.copy()
    fresh.update(data)
    return fresh.digest()


def _seal(first: int, second: int, code: blake2b, mask: blake2b) -> bytes:
    ids = first << 32 | second
    written = _digest(code, ids.to_bytes(_IDS, "big"))
    masked = ids ^ int.from_bytes(_digest(mask, written), "big")
    return written + masked.to_bytes(_IDS, "big")


def _open(raw: bytes, code: blake2b, mask: blake2b) -> tuple[int, int] | None:
    written, masked = raw[:-_IDS], raw[-_IDS:]
    ids = int.from_bytes(masked, "big") ^ int.from_bytes(_digest(mask, written), "big")
    if not compare_digest(written, _digest(code, ids.to_bytes(_IDS, "big"))):
        return None
    return ids >> 32, ids & 0xFFFF_FFFF
