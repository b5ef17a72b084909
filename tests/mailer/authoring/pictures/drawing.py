"""Files of pictures for the tests, drawn here."""

import io
import struct
import zlib
from random import Random
from typing import Any

from PIL import Image


def a_file(
    kind: str = "PNG",
    size: tuple[int, int] = (600, 400),
    *,
    mode: str = "RGB",
    noise: bool = False,
    **options: Any,
) -> bytes:
    """A picture file: one colour, or noise that compresses badly."""
    if noise:
        data = Random(3).randbytes(size[0] * size[1] * len(mode))
        image = Image.frombytes(mode, size, data)
    else:
        image = Image.new(mode, size, tuple([90, 120, 160, 200][: len(mode)]))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def colour_of(content: bytes, mode: str = "RGB") -> tuple[int, ...]:
    """The colour in the corner of a picture."""
    found = opened(content).convert(mode).getpixel((2, 2))
    assert isinstance(found, tuple)
    return found


def a_bomb(width: int, height: int) -> bytes:
    """A PNG of a few octets whose head says that it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
