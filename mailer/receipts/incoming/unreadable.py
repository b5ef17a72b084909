"""Mail that could not be understood, for a person to list, read, put away or put back.

It lies in files of this machine. A name from a request becomes a path only if it has the form of
a name that ``folder.put`` gives.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Final

from mailer.receipts.incoming import folder as incoming

_NAME: Final = re.compile(r"[0-9a-z][0-9a-z-]{0,150}")


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """One message; ``size`` in octets. A torn one is shown as far as it goes."""

    name: str
    received_at: datetime
    size: int
    torn: bool
    path: Path

    def octets(self, most: int = incoming.LARGEST) -> bytes:
        """The message, or its beginning."""
        with self.path.open("rb") as file:
            if not self.torn:
                file.readline()
            return file.read(most)


class UnreadableMail:
    """The messages that wait for a person, in the folder of mail that came back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / incoming.TO_LOOK_AT

    def count(self) -> int:
        """How many there are."""
        return len(self._by_age())

    def list(self, limit: int, offset: int = 0) -> Sequence[UnreadableMessage]:
        """A page of them, the newest first."""
        names = self._by_age()[offset : offset + limit]
        return [found for name in names if (found := self.get(name))]

    def get(self, name: str) -> UnreadableMessage | None:
        """One message by its name, or None."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / f"{name}{incoming.SUFFIX}"
        try:
            status = path.lstat()
            if not S_ISREG(status.st_mode):
                return None
            whole = incoming.read(path)
        except OSError:
            return None
        at = datetime.fromtimestamp(status.st_mtime, UTC)
        size = whole.size if whole else status.st_size
        return UnreadableMessage(name, at, size, whole is None, path)

    def _by_age(self) -> Sequence[str]:
        found: list[tuple[float, str]] = []
        with suppress(OSError):  # nothing was ever set aside, or somebody is just done with one
            for path in self._folder.glob(f"*{incoming.SUFFIX}"):
                if _NAME.fullmatch(path.stem):
                    found.append((path.lstat().st_mtime, path.stem))
        return [name for _, name in sorted(found, reverse=True)]
