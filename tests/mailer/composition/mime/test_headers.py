"""Header fields: folding, encoding, and nothing that could add a field."""

import email
import re
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.authoring.text.characters import one_line
from mailer.composition.mime.headers import mail_address, mailbox, raw, unstructured
from mailer.errors import Refused

names = st.text(max_size=120) | st.sampled_from(
    [
        'Ann "Nan" O\'Neil, MBE',
        "Siân Llŷr-Gruffŵdd " * 6,
        "=?utf-8?q?spoof?= <x@y.example>",
        "אבגד \u202e evil",
        "👩🏽‍🌾" * 30,
        "a@b.example",
        "back\\slash",
        "x" * 300,
        "Bcc: y\r\nBcc: z",
        "(comment)",
    ]
)


def read_back(field: bytes) -> str:
    message = email.message_from_bytes(field + b"\r\n", policy=default)
    assert len(message.keys()) == 1
    return str(message[message.keys()[0]])


def check_lines(field: bytes) -> None:
    assert field.isascii()
    assert field.endswith(b"\r\n")
    for line in field[:-2].split(b"\r\n"):
        assert line.strip()
        assert len(line) <= (76 if b"=?" in line else 998)


@given(names)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    field = unstructured("Subject", text)

    check_lines(field)
    assert " ".join(read_back(field).split()) == " ".join(one_line(text).split())


@given(names)
def test_a_name_is_read_as_it_was_written_and_never_as_an_address(text: str) -> None:
    field = mailbox("To", text, "a@b.example")

    check_lines(field)
    message = email.message_from_bytes(field + b"\r\n", policy=default)
    header = message["To"]
    assert isinstance(header, AddressHeader)
    assert [address.addr_spec for address in header.addresses] == ["a@b.example"]
    # The header registry keeps the space between two encoded-words, which RFC 2047 section 6.2
    # says to drop; the older reader does as it says.
    phrase = field.decode()[4:].rpartition("<")[0].strip()
    plain = phrase.replace("\\", "") if phrase.startswith('"') else phrase
    shown = str(make_header(decode_header(plain.strip('"'))))
    assert shown.replace('"', "") == " ".join(one_line(text).split()).replace('"', "").replace(
        "\\", "" if phrase.startswith('"') else "\\"
    )


@pytest.mark.parametrize(
    "name",
    [
        "Siân Llŷr ap Gruffŵdd, Cyngor Bwrdeistref Sirol Castell-nedd Port Talbot",
        "Łukasz Żółć-Nowak z Rady Dzielnicy Śródmieście w Bydgoszczy",
        "محمد عبد الله من مجلس المدينة الجديدة في الشمال",
    ],
)
def test_a_name_in_several_encoded_words_is_cut_between_its_words(name: str) -> None:
    field = mailbox("To", name, "a@b.example")

    check_lines(field)
    assert field.count(b"=?utf-8?q?") > 1
    words = re.findall(r"=\?utf-8\?q\?(.*?)\?=", field.decode())
    assert all(word.endswith("_") for word in words[:-1])
    # This reader keeps the white space between two encoded-words, others drop it.
    header = email.message_from_bytes(field + b"\r\n", policy=default)["To"]
    assert isinstance(header, AddressHeader)
    assert " ".join(header.addresses[0].display_name.split()) == name


def test_a_long_ascii_subject_is_folded_and_not_encoded() -> None:
    field = unstructured("Subject", "words " * 40)

    assert b"=?" not in field
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))


def test_what_looks_like_an_encoded_word_is_encoded_so_that_it_stays_what_it_is() -> None:
    field = unstructured("Subject", "=?utf-8?q?other?=")

    assert field.count(b"=?utf-8?q?") == 1
    assert read_back(field) == "=?utf-8?q?other?="


def test_a_quoted_string_holds_no_encoded_word() -> None:
    assert mailbox("To", "Yusuf, Alice", "a@b.example") == b'To: "Yusuf, Alice" <a@b.example>\r\n'
    assert b'"' not in mailbox("To", 'Ŵyn, "Alice"', "a@b.example")


def test_raw_values_fold_between_each_other_only() -> None:
    long = "<https://example.org/" + "x" * 200 + ">"

    assert raw("List-Unsubscribe", long, "<mailto:a@b>") == (
        f"List-Unsubscribe: {long},\r\n <mailto:a@b>\r\n".encode()
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a b@example.org",
        "a@exa mple.org",
        "a\r\nRCPT TO:<x@y>@example.org",
        "a@example.org>\r\nBcc: x@y",
        "<a@example.org>",
        "a,b@example.org",
        "siân@example.org",
        "a@exa_mple.org" * 40,
        "a" * 65 + "@example.org",
        "a@-example.org",
    ],
)
def test_an_address_that_cannot_go_through_mail_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        mail_address(address)


def test_odd_but_legal_addresses_pass() -> None:
    for address in ("o'neil+x@example.org", '"a\\"b"@example.org', "a@[192.0.2.1]"):
        assert mail_address(address) == address
