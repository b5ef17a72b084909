"""Files of messages, whatever their line ends."""

from io import BytesIO

import pytest

from mailer.receipts.incoming.mbox import messages_in

TWO = b"From a\nSubject: 1\n\n>From me\n\nFrom b\nSubject: 2\n\nText\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_messages_are_told_apart_with_any_line_end(end: bytes) -> None:
    found = list(messages_in(BytesIO(TWO.replace(b"\n", end))))

    assert [each.replace(end, b"\n") for each in found] == [
        b"Subject: 1\n\nFrom me\n\n",
        b"Subject: 2\n\nText\n",
    ]


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_long_message_is_read_to_its_end(end: bytes) -> None:
    text = b"x" * 3_000_000 + end + b"y" * 50 + end
    file = BytesIO(b"From a" + end + text + end + b"From b" + end + b"z")

    assert list(messages_in(file)) == [text + end, b"z"]


def test_a_file_without_the_line_of_an_mbox_is_one_message() -> None:
    assert list(messages_in(BytesIO(b"Subject: 1\n\nFrom b\n"))) == [b"Subject: 1\n\nFrom b\n"]
    assert list(messages_in(BytesIO(b""))) == [b""]
