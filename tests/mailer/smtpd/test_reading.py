"""Malformed messages are read as far as they go, and nothing in them raises anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.smtpd.reading import read_head, read_message

DEEP = (
    b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(1000)
    )
    + b"Content-Type: text/plain\r\n\r\nhello"
)
MALFORMED = {
    "no such charset": b"Content-Type: text/plain; charset=no-such\r\n\r\nhello",
    "a codec that is none of text": b"Content-Type: text/plain; charset=hex\r\n\r\nhello",
    "an empty charset": b'Content-Type: text/plain; charset=""\r\n\r\nhello',
    "a charset in parts": b"Content-Type: text/plain; charset*0=ut; charset*1=f-8\r\n\r\nhello",
    "no charset": b"Content-Type: text/plain\r\n\r\nhello",
    "no header": b"\r\nhello",
    "no such encoding": b"Content-Transfer-Encoding: no-such\r\n\r\nhello",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8",
    "octets in headers": b"Subject: \xff\xfe caf\xe9\r\nContent-Type: text/plain\r\n\r\nhello",
    "broken encoded words": b"Subject: =?no-such?q?a?= =?utf-8?b?!?=\r\n\r\nhello",
    "a broken type": b"Content-Type: ;;;===\r\n\r\nhello",
    "a part without end": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello",
}


@pytest.mark.parametrize("octets", MALFORMED.values(), ids=MALFORMED)
def test_what_can_be_read_is_read(octets: bytes) -> None:
    assert "hello" in read_message(octets).text


def test_a_thousand_parts_within_parts_are_not_followed() -> None:
    assert read_message(DEEP).html == ""


def test_a_header_of_a_megabyte_is_read() -> None:
    assert read_head(b"Subject: " + b"long " * 200_000 + b"\r\n\r\n").header("subject")


def test_encoded_words_are_read() -> None:
    head = read_head(b"Subject: =?utf-8?q?Caf=C3=A9?= =?iso-8859-1?q?_=E9t=E9?=\r\n\r\n")

    assert head.header("Subject") == "Caf\u00e9 \u00e9t\u00e9"


@given(st.binary(max_size=2_000))
def test_no_octets_raise_anything(octets: bytes) -> None:
    read_message(octets)
    read_head(octets)


@given(
    st.lists(
        st.sampled_from(
            [
                *(b"Content-Type: ", b"multipart/mixed", b"; boundary=x", b"text/html", b"\r\n"),
                *(b"--x", b"--", b"; charset=", b"=?utf-8?q?", b"?=", b"Content-Disposition: "),
                *(b"attachment", b'"', b"\xff", b"\0", b":", b"base64", b"message/rfc822"),
            ]
        ),
        max_size=60,
    )
)
def test_no_mixture_of_what_mail_is_made_of_raises_anything(pieces: list[bytes]) -> None:
    read_message(b"".join(pieces))
