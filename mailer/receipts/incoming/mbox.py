"""Files of messages: one message, or many in the mbox format (RFC 4155)."""

from collections.abc import Iterator
from typing import BinaryIO, Final

_CHUNK: Final = 64 * 1024
_LONGEST_LINE: Final = 1024 * 1024  # octets that wait for the end of a line
LONGEST: Final = 16 * 1024 * 1024  # octets of a message that are read; the rest is skipped
_EMPTY: Final = frozenset({b"\n", b"\r\n", b"\r"})
_QUOTED: Final = (b">From ", b">>From ")


def messages_in(file: BinaryIO) -> Iterator[bytes]:
    """Each message of the file, in order, in memory one at a time. Closes the file."""
    with file:
        read_ahead = file.read(_CHUNK)
        if not read_ahead.startswith(b"From "):
            yield read_ahead + file.read(LONGEST - len(read_ahead))
            return
        all_lines = _lines(file, read_ahead)
        next(all_lines)
        lines: list[bytes] = []
        size = 0
        after_empty = False
        for line in all_lines:
            # Only behind an empty line does "From " begin the next message: some writers of mbox
            # files do not quote it in a text.
            if after_empty and line.startswith(b"From "):
                yield b"".join(lines)
                lines, size = [], 0
            elif size < LONGEST:
                lines.append(line[1:] if line.startswith(_QUOTED) else line)
                size += len(line)
            after_empty = line in _EMPTY
        yield b"".join(lines)


def _lines(file: BinaryIO, read_ahead: bytes) -> Iterator[bytes]:
    """The lines of a file, which end in LF or CRLF, or in CR alone; the first begins it."""
    if b"\n" not in read_ahead and b"\r" in read_ahead:
        yield from _lines_with_returns(file, read_ahead)
        return
    *whole, last = read_ahead.split(b"\n")
    for line in whole:
        yield line + b"\n"
    yield last + file.readline(LONGEST)
    while line := file.readline(LONGEST):
        yield line


def _lines_with_returns(file: BinaryIO, rest: bytes) -> Iterator[bytes]:
    while True:
        *whole, rest = rest.split(b"\r")
        for line in whole:
            yield line + b"\r"
        if len(rest) > _LONGEST_LINE:
            yield rest
            rest = b""
        if not (chunk := file.read(_CHUNK)):
            yield rest
            return
        rest += chunk
