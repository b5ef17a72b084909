"""Real mail servers of a test's own, on loopback: what they have in common.

Both know the same four domains. ``HALL`` has mailboxes for ``RESIDENTS`` and refuses others at
once; ``ATTIC`` takes mail for anybody and finds only then that nobody is there; ``FAR`` is handed
on to a next hop; ``RETURNS`` goes to our listener. Nothing else is taken, and nothing leaves the
machine.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HALL: Final = "hall.example"
ATTIC: Final = "attic.example"
FAR: Final = "far.example"
RETURNS: Final = "returns.example"
RESIDENTS: Final = (
    *(f"person{number}" for number in range(1, 61)),
    "o'hara-whelan",
    "m.a.r.y_{1}",
    "x" * 64,  # the longest there may be (RFC 5321 4.5.3.1.1)
    "team/a=b+news",
)
ADDED: Final = frozenset(
    b"return-path x-original-to delivered-to envelope-to delivery-date received".split()
)
_FIELD: Final = re.compile(rb"([!-9;-~]+):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A running server. ``port`` offers CHUNKING, ``plain_port`` does not.

    ``returns`` is where it brings bounces: another place for each, since they may come late.
    """

    port: int
    plain_port: int
    returns: int
    folder: Path

    def mail(self, address: str) -> list[bytes]:
        """What was put into a mailbox, each with the lines that the server wrote on top of it."""
        boxes = (self.folder / "mail" / box_of(address) / "new").glob("*")
        # In a Maildir lines end as they do on this system.
        return [box.read_bytes().replace(b"\n", b"\r\n") for box in sorted(boxes)]

    def empty(self) -> None:
        """Throw away what is in the mailboxes."""
        for box in (self.folder / "mail").glob("*/new/*"):
            box.unlink()

    def number(self) -> int:
        """How many messages there are in all mailboxes together."""
        return sum(1 for _ in (self.folder / "mail").glob("*/new/*"))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The ports of those whom a server hands mail to."""

    far: int
    returns: int


def box_of(address: str) -> str:
    """The name of a mailbox's folder."""
    local = address.lower().removesuffix(f"@{HALL}")
    return str(RESIDENTS.index(local)) if local in RESIDENTS else "nobody"


def without_additions(stored: bytes) -> bytes:
    """A stored message as it was before the server wrote its own fields above it."""
    at = 0
    while (found := _FIELD.match(stored, at)) and found[1].lower() in ADDED:
        at = found.end()
    return stored[at:]


def until(fact: Callable[[], bool], *, seconds: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not (holds := fact()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds
