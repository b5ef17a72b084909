"""What every message has to be on the wire, whatever is in it."""

import re

SINGLETONS = (
    *(b"date", b"from", b"to", b"subject", b"message-id", b"mime-version", b"content-type"),
)
NEVER_ENCODED = (b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id", b"message-id")


def check_wire(content: bytes) -> dict[bytes, bytes]:
    """Asserts the rules of RFC 5322, 2045 and 2047 on octets; gives the header, unfolded."""
    assert content.isascii()
    assert b"\0" not in content
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    assert content.endswith(b"\r\n")
    header, _, body = content.partition(b"\r\n\r\n")
    fields = _fields(header)
    boundary = re.search(rb'boundary="(=_[a-z0-9]+)"', fields[b"content-type"])
    assert boundary
    assert body.count(b"--" + boundary[1]) == 3
    for line in body.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.endswith((b" ", b"\t"))
        assert not line.startswith((b".", b"From "))
    return fields


def _fields(header: bytes) -> dict[bytes, bytes]:
    for line in header.split(b"\r\n"):
        assert len(line) <= 998
        assert line.strip(), "a line of white space alone"
        assert len(line) <= 76 or b"=?" not in line
    fields: dict[bytes, bytes] = {}
    for field in re.sub(rb"\r\n(?=[ \t])", b"", header).split(b"\r\n"):
        name, colon, value = field.partition(b":")
        assert colon
        assert re.fullmatch(rb"[!-9;-~]+", name)
        assert name.lower() not in fields
        fields[name.lower()] = value.strip()
    assert all(name in fields for name in SINGLETONS)
    for name in NEVER_ENCODED:
        assert b"=?" not in fields.get(name, b"")
    for word in re.findall(rb"=\?[^ \r\n]*", header):
        assert re.fullmatch(rb"=\?utf-8\?q\?[^? ]*\?=", word, re.IGNORECASE)
        assert len(word) <= 75
    return fields
