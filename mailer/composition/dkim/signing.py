"""DKIM signatures over finished messages (RFC 6376; RFC 8463 for Ed25519).

The last step of composing: it reads octets and puts fields before them. The same message signed
with the same ``now`` gives the same octets, because a retry has to be the same message.

Canonicalisation is relaxed for the header and simple for the body: a relay may refold a header,
but ours is seven-bit text that nobody has a reason to re-encode, and simple needs no pass over it.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from re import compile as pattern
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from mailer.composition.dkim.keys import Key
from mailer.errors import UnusableKey

_VALID: Final = timedelta(days=14)  # longer than any relay keeps trying
_WIDEST: Final = 77  # RFC 5322 section 2.1.1, less the space a folded line begins with
_PKCS1, _SHA256 = PKCS1v15(), SHA256()
_WHITE: Final = pattern(rb"[ \t]+")  # WSP of RFC 6376 section 2.8; bytes.split() takes more

# RFC 6376 section 5.4.1, and what was invented since; every List-* field is signed besides.
_SIGNED: Final = frozenset(
    (
        b"from sender reply-to subject date to cc message-id in-reply-to references "
        b"mime-version content-type content-transfer-encoding content-language "
        b"feedback-id cfbl-address cfbl-feedback-id auto-submitted"
    ).split()
)
# Listed once more than they are present, so that nobody can add another one (section 8.15). RFC
# 8058 wants both unsubscribe fields signed; these keep them single as well.
_OVERSIGNED: Final = (
    b"from subject date to reply-to content-type list-unsubscribe list-unsubscribe-post"
).split()


class Signer:
    """Signs for all its keys at once; any number of threads may share it."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if len({(key.domain, key.selector) for key in keys}) < len(keys):
            raise UnusableKey("Each signing key of a domain needs a selector of its own.")
        self._keys = tuple(keys)

    def sign(self, content: bytes, *, now: datetime) -> bytes:
        """The message with one DKIM-Signature for each key before it.

        ``content`` has CRLF only; ``now`` is aware, and the same for every attempt.
        """
        end = content.find(b"\r\n\r\n")
        head, body = (content, len(content)) if end < 0 else (content[: end + 2], end + 4)
        names, fields = _chosen(head)
        hashed = b64encode(_body_hash(content, body))
        at = int(now.timestamp())
        signatures = [_signature(key, names, fields, hashed, at) for key in self._keys]
        return b"".join([*signatures, content])


def _chosen(head: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """The names for h=, and the fields they stand for in relaxed form (section 3.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").split(b"\r\n"):
        if relaxed := _relaxed(line):
            name, field = relaxed
            if name in found:
                found[name].append(field)
            else:
                found[name] = [field]
    names = [name for name, lines in found.items() for _ in lines]
    # Section 5.4.2: of several, the last one counts first.
    fields = [line for lines in found.values() for line in reversed(lines)]
    return (*names, *_OVERSIGNED), b"".join(fields)


@lru_cache(maxsize=1024)  # most fields are the same in all copies of a campaign
def _relaxed(line: bytes) -> tuple[bytes, bytes] | None:
    """The name of an unfolded field and its relaxed form; None when it is not to be signed."""
    name, _, value = line.partition(b":")
    name = name.rstrip(b" \t").lower()
    if name not in _SIGNED and not name.startswith(b"list-"):
        return None
    if b"  " in value or b"\t" in value:
        value = _WHITE.sub(b" ", value)
    return name, b"%b:%b\r\n" % (name, value.strip(b" "))


def _body_hash(content: bytes, start: int) -> bytes:
    """Simple form (section 3.4.3): empty lines at the end do not count, one CRLF always does."""
    end = len(content)
    while content.endswith(b"\r\n", start, end):
        end -= 2
    digest = sha256(memoryview(content)[start:end])
    digest.update(b"\r\n")
    return digest.digest()


def _signature(key: Key, names: tuple[bytes, ...], fields: bytes, hashed: bytes, at: int) -> bytes:
    opening = _opening(key.domain, key.selector, key.algorithm, names, at)
    unsigned = b"%b\r\n bh=%b;\r\n b=" % (opening, hashed)
    # Section 3.7: the field itself comes last, with an empty b= and without its CRLF.
    itself = unsigned.replace(b"\r\n ", b" ").replace(b"DKIM-Signature: ", b"dkim-signature:", 1)
    signed = b64encode(_signed(key, fields + itself))
    lines = [signed[start : start + 72] for start in range(0, len(signed), 72)]
    return b"%b%b\r\n" % (unsigned, b"\r\n ".join(lines))


def _signed(key: Key, octets: bytes) -> bytes:
    if isinstance(key.private, RSAPrivateKey):
        return key.private.sign(octets, _PKCS1, _SHA256)
    return key.private.sign(sha256(octets).digest())  # RFC 8463 section 3


@lru_cache(maxsize=64)  # all copies of a campaign have the same fields and the same moment
def _opening(
    domain: str, selector: str, algorithm: str, names: tuple[bytes, ...], at: int
) -> bytes:
    """The field as far as h=, folded; section 3.5 allows white space after each colon of h=."""
    tags = (
        f"v=1; a={algorithm}-sha256; c=relaxed/simple; d={domain}; s={selector}; "
        f"t={at}; x={at + int(_VALID.total_seconds())};"
    )
    listed = b":".join(names).decode("ascii").replace(":", ":\n")
    return _folded(f"DKIM-Signature: {tags}".split(" "), f"h={listed};".split("\n"))


def _folded(words: Iterable[str], joined: Iterable[str]) -> bytes:
    lines = [""]
    for gap, each in ((" ", words), ("", joined)):
        for word in each:
            if len(lines[-1]) + len(gap) + len(word) > _WIDEST:
                lines.append("")
            lines[-1] += gap + word if lines[-1] else word
        lines.append("")
    return "\r\n ".join(line for line in lines if line).encode("ascii")
