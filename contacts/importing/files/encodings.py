"""What a file is made of: text in which encoding, or something that is no table at all.

An encoding is taken only when the whole file reads in it without a fault. Nothing is replaced or
dropped on the way: a file that reads in none is refused, with what to do about it.
"""

import codecs
import re
from pathlib import Path
from typing import Final

from contacts.errors import BadFile
from contacts.importing.files.guessing import GUESSES, guess

LONGEST_LINE: Final = 4_000_000  # characters; a table of people has no such row
MOST_LINES: Final = 2_000_000  # of a file; with more, looking at it and taking it in has no end
_BLOCK: Final = 1 << 20
_MARKS: Final = (  # the longer first: UTF-32 begins as UTF-16 does
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORDS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
}
CHOICES: Final = {"utf-8": "UTF-8", **GUESSES}
_AS_CSV: Final = "Save it as CSV and try again."
_KINDS: Final = (
    (b"\xd0\xcf\x11\xe0", f"This looks like an old Excel workbook. {_AS_CSV}"),
    (b"%PDF", f"This is a PDF. Open the table it was made from. {_AS_CSV}"),
    (b"\x89PNG", "This is a picture. Choose the CSV file instead."),
    (b"\xff\xd8\xff", "This is a picture. Choose the CSV file instead."),
    (b"GIF8", "This is a picture. Choose the CSV file instead."),
    (b"\x1f\x8b", "This file is compressed. Unpack it and choose the CSV file inside."),
    (b"7z\xbc\xaf", "This file is compressed. Unpack it and choose the CSV file inside."),
    (b"Rar!", "This file is compressed. Unpack it and choose the CSV file inside."),
    (b"{\\rtf", f"This is a text document, not a table. {_AS_CSV}"),
    (b"SQLite format 3", f"This is a database. Export a table from it. {_AS_CSV}"),
    (b"BEGIN:VCARD", "These are vCards. Export the contacts as CSV and try again."),
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def encoding_of(path: Path, *, chosen: str | None = None) -> str:
    """The codec the whole file reads in; BadFile when it is no text.

    A person may have ``chosen`` one where the bytes leave room for it.
    """
    with path.open("rb") as file:
        head = file.read(65536)
    if not head.strip():
        raise BadFile("This file is empty. Choose the file with the people in it.")
    _refuse_binaries(path, head)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    codec = marked or _utf16_by_its_zeros(head)
    if codec is not None:
        if not _reads_as(path, codec):
            raise BadFile(
                f"This file begins as {in_words(codec)} and then breaks off. "
                "Export it again as “CSV UTF-8” and try again."
            )
        return codec
    if chosen is not None:
        if chosen not in CHOICES or not _reads_as(path, chosen):
            raise BadFile(
                f"This file does not read as {in_words(chosen)}. Choose another encoding."
            )
        return chosen
    if _reads_as(path, "utf-8"):
        return "utf-8"
    _refuse_broken_utf8(path)
    if (codec := guess(path)) and _reads_as(path, codec):
        return codec
    raise BadFile(
        "The letters of this file could not be read. Save it as “CSV UTF-8” and try again."
    )


def in_words(codec: str) -> str:
    """An encoding as people know it."""
    return _WORDS.get(codec) or GUESSES.get(codec, codec)


def is_guess(codec: str) -> bool:
    """Whether a file may as well be in another encoding, for all that its bytes say."""
    return codec in GUESSES


def _refuse_binaries(path: Path, head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise BadFile(_zip_in_words(path, head))
    for magic, sentence in _KINDS:
        if head.startswith(magic):
            raise BadFile(sentence)
    if re.match(rb"(?i)\s*(<!doctype html|<html|<\?xml|<table)", head):
        raise BadFile(f"This is a web page or XML, not CSV. Open it in a spreadsheet. {_AS_CSV}")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _utf16_by_its_zeros(head):
        return
    if len(_CONTROLS.findall(head[:4096].decode("latin-1"))) > len(head[:4096]) // 20:
        raise BadFile(f"This is not a text file. {_AS_CSV}")


def _zip_in_words(path: Path, head: bytes) -> str:
    # The names of what is packed stand in clear at both ends; nothing is unpacked to find them.
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65536))
        names = head + file.read()
    if b"xl/" in names:
        return f"This looks like an Excel workbook. {_AS_CSV}"
    if b"opendocument.spreadsheet" in names:
        return f"This looks like an OpenDocument spreadsheet. {_AS_CSV}"
    if b"word/" in names or b"opendocument.text" in names:
        return f"This is a text document, not a table. {_AS_CSV}"
    return "This is a zip archive. Unpack it and choose the CSV file inside."


def _utf16_by_its_zeros(head: bytes) -> str | None:
    # ASCII in UTF-16 has a zero in every second byte and hardly any in the others.
    sample = head[:4096]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _reads_as(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    unbroken = lines = 0
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                text = decoder.decode(block)
                if "\0" in text:
                    raise BadFile(
                        "This file holds NUL characters, so it is damaged or not text. "
                        "Export it again as “CSV UTF-8” and try again."
                    )
                lines += max(text.count("\n"), text.count("\r"))
                if lines > MOST_LINES:
                    raise BadFile(
                        f"This file has more than {MOST_LINES:,} lines. Split it, and import one "
                        "part after the other."
                    )
                unbroken = 0 if "\n" in text or "\r" in text else unbroken + len(text)
                if unbroken > LONGEST_LINE:
                    raise BadFile(
                        "A line of this file is longer than 4 million characters, so it is not a "
                        "table of people. Export it again as CSV and try again."
                    )
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _refuse_broken_utf8(path: Path) -> None:
    # A few bad bytes among good UTF-8 are damage; reading it all as Windows-1252 would turn every
    # other accented letter into two wrong ones.
    good, bad, line, first_bad = 0, 0, 1, 0
    with path.open("r", encoding="utf-8", errors="replace", newline="") as file:
        while block := file.read(_BLOCK):
            faults = block.count("\ufffd")
            if faults and not first_bad:
                first_bad = line + block[: block.index("\ufffd")].count("\n")
            bad += faults
            good += len(block.encode()) - len(block) - 2 * faults
            line += block.count("\n")
    if good > 4 * bad:
        raise BadFile(
            f"This file is almost UTF-8, but line {first_bad} of it is not. "
            "Save it again as “CSV UTF-8” and try again."
        )
