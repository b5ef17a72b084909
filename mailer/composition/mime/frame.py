"""The shape of a message whose copies differ only at known places.

A frame is built once for each way of sending; a copy is a join. Everything between the slots is
encoded already, and a slot's neighbours are laid out so that whatever fills it keeps the line
lengths (see quoted).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from mailer.composition.letter import attribute_of
from mailer.composition.mime.quoted_printable import Encoded
from mailer.composition.parts import Context, Slot, Token


class Own(Enum):
    """Slots of the header and the boundaries, besides the tokens in the body."""

    TO = "to"
    SUBJECT = "subject"
    RETURN = "return"
    MESSAGE = "message"


FramePiece = Encoded | Own


@dataclass(frozen=True, slots=True)
class Merge:
    """Where one of the recipient's attributes goes: all its places, and then each way of writing
    it (fallback and context) with the places for that way."""

    attribute: str
    places: tuple[int, ...]
    ways: tuple[tuple[str, Context, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """``pieces`` has an empty place at each slot; the rest says where each kind of slot is."""

    pieces: list[bytes]
    to: int
    subject: int  # 0 when all copies share it: the first piece is never a slot
    returned: tuple[int, ...]
    message: tuple[int, ...]
    choices: tuple[int, ...]
    answer: tuple[int, ...]
    online: tuple[int, ...]
    track: tuple[int, ...]
    merges: tuple[Merge, ...]


def build(pieces: Iterable[FramePiece]) -> Frame:
    """A frame of finished octets and slots in the order of the message."""
    runs: list[list[bytes]] = [[]]
    places: dict[Own | Token | Slot, list[int]] = {}
    for piece in pieces:
        if isinstance(piece, bytes):
            runs[-1].append(piece)
        else:
            places.setdefault(piece, []).append(len(runs))
            runs += ([], [])
    found = {slot: tuple(at) for slot, at in places.items()}
    return Frame(
        [b"".join(run) for run in runs],
        to=found[Own.TO][0],
        subject=found[Own.SUBJECT][0] if Own.SUBJECT in found else 0,
        returned=found.get(Own.RETURN, ()),
        message=found.get(Own.MESSAGE, ()),
        choices=found.get(Token.CHOICES, ()),
        answer=found.get(Token.ANSWER, ()),
        online=found.get(Token.ONLINE, ()),
        track=found.get(Token.TRACK, ()),
        merges=_merges(found),
    )


def _merges(found: Mapping[Own | Token | Slot, tuple[int, ...]]) -> tuple[Merge, ...]:
    ways: dict[str, list[tuple[str, Context, tuple[int, ...]]]] = {}
    for slot, places in found.items():
        if isinstance(slot, Slot):
            way = (slot.field.fallback, slot.context, places)
            ways.setdefault(attribute_of(slot.field), []).append(way)
    return tuple(
        Merge(
            attribute, tuple(place for *_, places in found_ways for place in places), (*found_ways,)
        )
        for attribute, found_ways in ways.items()
    )


def alternatives(text: Iterable[Encoded], html: Iterable[Encoded]) -> list[FramePiece]:
    """The end of the header and the body: multipart/alternative, plainest first (RFC 2046 section
    5.1.4). The boundary holds "=_", which quoted-printable cannot contain."""
    return [
        b'Content-Type: multipart/alternative;\r\n boundary="=_',
        Own.MESSAGE,
        b'"\r\n\r\n--=_',
        Own.MESSAGE,
        _part_header(b"text/plain"),
        *text,
        b"\r\n--=_",
        Own.MESSAGE,
        _part_header(b"text/html"),
        *html,
        b"\r\n--=_",
        Own.MESSAGE,
        b"--\r\n",
    ]


def _part_header(kind: bytes) -> bytes:
    encoding = b"Content-Transfer-Encoding: quoted-printable"
    return b"\r\nContent-Type: %b; charset=utf-8\r\n%b\r\n\r\n" % (kind, encoding)
