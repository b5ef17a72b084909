"""Files of messages: one message, or many in the mbox format (RFC 4155)."""

from collections.abc import Iterator
from typing import BinaryIO, Final

LONGEST: Final = 16 * 1024 * 1024  # octets of a message that are read; the rest is skipped
_QUOTED: Final = (b">From ", b">>From ")


def messages_in(file: BinaryIO) -> Iterator[bytes]:
    """Each message of the file, in order, in memory one at a time. Closes the file."""
    with file:
        first = file.readline(LONGEST)
        if not first.startswith(b"From "):
            yield first + file.read(LONGEST - len(first))
            return
        lines: list[bytes] = []
        size = 0
        after_empty = False
        for line in _lines(file):
            # Only behind an empty line does "From " begin the next message: some writers of mbox
            # files do not quote it in a text.
            if after_empty and line.startswith(b"From "):
                yield b"".join(lines)
                lines, size = [], 0
            elif size < LONGEST:
                lines.append(line[1:] if line.startswith(_QUOTED) else line)
                size += len(line)
            after_empty = line in {b"\n", b"\r\n"}
        yield b"".join(lines)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST):
        yield line
