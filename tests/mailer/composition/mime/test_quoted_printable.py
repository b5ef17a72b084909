"""Quoted-printable with slots in it."""

from quopri import decodestring

from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.text.characters import one_line
from mailer.authoring.text.merging import MergeField
from mailer.composition.mime.quoted_printable import encode, encode_value
from mailer.composition.parts import Context, Piece, Slot, Token

SLOT = Slot(MergeField("name", "x"), Context.PLAIN)
awkward = st.text() | st.text(" .=\tF\nrom-é👍", max_size=200) | st.just("From x\n.\n..\n=\n")
pieces = st.lists(awkward | st.just(SLOT) | st.sampled_from(Token), max_size=8)


def filled(parts: list[Piece], value: str, token: str) -> bytes:
    return b"".join(
        part
        if isinstance(part, bytes)
        else token.encode()
        if isinstance(part, Token)
        else encode_value(value)
        for part in encode(parts)
    )


@given(pieces, awkward.map(one_line).filter(bool), st.sampled_from(["-" * 32, "From_" * 6 + "ab"]))
def test_whatever_fills_the_slots_the_lines_hold_and_the_words_come_back(
    parts: list[Piece], value: str, token: str
) -> None:
    parts = [
        part.encode("utf-8", "replace").decode() if isinstance(part, str) else part
        for part in parts
    ]

    octets = filled(parts, value, token)

    expected = "".join(
        part if isinstance(part, str) else token if isinstance(part, Token) else value
        for part in parts
    )
    assert decodestring(octets).decode() == expected.replace("\n", "\r\n")
    for line in octets.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.endswith((b" ", b"\t"))
        assert not line.startswith((b".", b"From "))
    assert b"=_" not in octets


def test_a_common_name_is_written_without_encoding() -> None:
    assert encode_value("Alice") == b"Alice"
    assert encode_value("Siân") == b"Si=C3=A2n"
