"""Addresses: what is forgiven, what is refused and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.addresses import Address, mailbox_of, masked, parse, read
from contacts.errors import BadAddress


@pytest.mark.parametrize(
    ("given_text", "wire"),
    [
        ("ann@aldmor.example", "ann@aldmor.example"),
        ("Ann.Bell@ALDMOR.Example", "Ann.Bell@aldmor.example"),
        ("  ann@aldmor.example \t", "ann@aldmor.example"),
        ("mailto:ann@aldmor.example", "ann@aldmor.example"),
        ("Ann Bell <ann@aldmor.example>", "ann@aldmor.example"),
        ("“ann@aldmor.example”,", "ann@aldmor.example"),
        ("ann@aldmor.example.", "ann@aldmor.example"),
        ("\u200bann@aldmor.example\ufeff", "ann@aldmor.example"),
        ("ann@\u00e5ldmor.example", "ann@xn--ldmor-lra.example"),
        ("o'brien+news@aldmor.example", "o'brien+news@aldmor.example"),
    ],
)
def test_what_spreadsheets_wrap_around_an_address_comes_off(given_text: str, wire: str) -> None:
    assert parse(given_text).wire == wire


NEVER = [
    *("ann@aldmor.invalid", "ann@Aldmor.TEST", "ann@localhost", "ann@pc.localhost"),
    *("ann@printer.local", "ann@pc.localdomain", "ann@aldmor.onion", "ann@2.0.192.in-addr.arpa"),
    *("ann@[192.0.2.1]", "ann@192.0.2.1", "ann@council", "test@test", "none@none"),
    *("unknown@unknown", "n/a", "ann@-aldmor.example", "ann@aldmor-.example", "@aldmor.example"),
    *("a" * 65 + "@aldmor.example", f"ann@{'b' * 64}.example", "ann@aldmor..example"),
]


@pytest.mark.parametrize("text", NEVER)
def test_what_can_never_be_mailed_is_refused_in_a_sentence(text: str) -> None:
    for spelling in (text, f" {text} ", f"Ann Bell <{text}>"):
        with pytest.raises(BadAddress) as refused:
            parse(spelling)
        assert str(refused.value).endswith(".")


@pytest.mark.parametrize("domain", ["aldmor.example", "example.org", "test.example", "local.org"])
def test_domains_for_examples_are_accepted(domain: str) -> None:
    assert parse(f"ann@{domain}").wire == f"ann@{domain}"


def test_an_address_that_was_accepted_before_can_still_be_looked_up() -> None:
    assert read("Ann@Aldmor.test").key == "ann@aldmor.test"


def test_addresses_are_compared_without_case() -> None:
    assert parse("Ann@Aldmor.Example").key == parse("ann@aldmor.example").key


@pytest.mark.parametrize(
    ("given_text", "sentence"),
    [
        ("", "There is no e-mail address here."),
        ("   ", "There is no e-mail address here."),
        ("ann.aldmor.example", "Not an e-mail address: there is no @ in it."),
        (
            "ann@aldmor.example\r\nBcc: eve@evil.example",
            "Not an e-mail address: it holds a line break or a control character.",
        ),
        (
            "ann\0@aldmor.example",
            "Not an e-mail address: it holds a line break or a control character.",
        ),
        (
            "ann@aldmor.example; bob@aldmor.example",
            "There is more than one e-mail address here: keep one.",
        ),
        ("a" * 2000 + "@aldmor.example", "This is too long to be an e-mail address."),
        ("-ann@aldmor.example", "Not an address we can write to: it starts with a hyphen."),
    ],
)
def test_an_unusable_address_is_refused_in_a_sentence(given_text: str, sentence: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(given_text)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "text", ["ann@", "@aldmor.example", "ann@@aldmor.example", "ann@-a.example", "a b@c.example"]
)
def test_other_malformed_addresses_are_refused_in_a_whole_sentence(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(text)

    assert str(refused.value)[0].isupper()
    assert str(refused.value).endswith(".")


@given(st.text(max_size=300))
def test_whatever_is_taken_is_safe_on_the_wire_and_stays_itself(text: str) -> None:
    try:
        found = parse(text)
    except BadAddress:
        return

    assert found.wire.count("@") >= 1
    assert not any(char.isspace() or ord(char) < 32 or char in "<>" for char in found.wire)
    assert parse(found.wire) == Address(found.wire, found.key)


def test_a_masked_address_shows_two_letters_and_the_domain() -> None:
    assert masked("amrit.kaur@aldmor.example") == "am••••@aldmor.example"


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ann@one.example", "ann@one.example"),
        ("Ann@One.Example", "ann@one.example"),
        ("ann+news@one.example", "ann@one.example"),
        ("ann+a+b@one.example", "ann@one.example"),
        ("ann.bell@one.example", "ann.bell@one.example"),
        ("Ann.Bell+x@gmail.com", "annbell@gmail.com"),
        ("a.n.n.bell@googlemail.com", "annbell@gmail.com"),
        ("+x@one.example", "+x@one.example"),
        ("..@gmail.com", "..@gmail.com"),
    ],
)
def test_an_address_is_counted_for_the_mailbox_that_it_ends_in(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox
    assert mailbox_of(mailbox) == mailbox


@given(st.emails())
def test_a_mailbox_is_that_of_itself(address: str) -> None:
    assert mailbox_of(mailbox_of(address)) == mailbox_of(address)
