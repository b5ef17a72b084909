"""Records made of tags, such as ``v=DKIM1; p=…`` (RFC 6376 section 3.2, RFC 9989 section 4.8)."""

from collections.abc import Iterator


def tags(record: str) -> dict[str, str]:
    """The tags of a record by their names in lower case; of two with one name, the first.

    What is not a tag is passed over: readers of either kind of record ignore what they don't know.
    """
    found: dict[str, str] = {}
    for name, value in _pairs(record):
        found.setdefault(name, value)
    return found


def _pairs(record: str) -> Iterator[tuple[str, str]]:
    for piece in record.split(";"):
        name, equals, value = piece.partition("=")
        if equals and name.strip():
            yield name.strip().lower(), value.strip()
