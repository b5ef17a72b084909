"""Notices in words alone: which address they are about, and what they say of it."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from mailer.receipts.bounces.prose.net import failed_addresses
from tests.mailer.receipts.bounces.samples import (
    QMAIL,
    RETURNED_PART,
    SENT,
    WANTED,
    lines,
    mixed,
    prose,
)

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT


def test_a_returned_header_without_spaces_is_no_part_of_the_notice() -> None:
    copy = "\n".join(line.replace(": ", ":", 1) for line in SENT.split("\n"))
    message = (
        prose(f"Could not be delivered.\n\n{WANTED} Invalid Address, 5.2.2 Full\n\n")
        + (copy + "\nuser unknown: bob@council.example\n").encode()
    )

    assert [(r.recipient, r.status) for r in read(message)] == [(WANTED, "5.2.2")]


def test_flufl_bounce_finds_addresses_and_never_fails() -> None:
    assert failed_addresses(QMAIL) == [WANTED]
    assert failed_addresses(b"\xff" * 1000) == []


def test_a_notice_in_html_alone_is_read() -> None:
    html = (
        "<html><head><style>p { color: red }</style></head><body><p>Delivery has failed to these "
        f"recipients:</p><p><a href='mailto:{WANTED}'>{WANTED}</a><br>The e-mail address you "
        "entered couldn&#39;t be found.</p></body></html>"
    )
    message = prose(html, subject="Undeliverable: News").replace(b"text/plain", b"text/html")

    assert [(r.recipient, r.reason) for r in read(message)] == [(WANTED, "userunknown")]


def test_several_addresses_have_their_own_reasons() -> None:
    message = prose(
        """
        I wasn't able to deliver your message to the following addresses.

        <bob@council.example>:
        Sorry, no mailbox here by that name. (#5.1.1)

        <carol@council.example>:
        552 mailbox full
        """
    )

    assert [(r.recipient, r.reason) for r in read(message)] == [
        ("bob@council.example", "userunknown"),
        ("carol@council.example", "mailboxfull"),
    ]


def test_a_notice_that_names_nobody_is_about_the_recipient_we_wrote_to() -> None:
    message = mixed("User unknown", RETURNED_PART, subject="Returned mail: User unknown")

    assert [(r.kind, r.recipient) for r in read(message)] == [(HARD, WANTED)]


def test_a_returned_part_that_nobody_labelled_is_the_returned_message() -> None:
    message = mixed("Could not be delivered: User unknown", f"{SENT}\nDear Alice\n")

    assert [(r.kind, r.recipient) for r in read(message)] == [(HARD, WANTED)]


def test_a_contact_address_for_help_is_no_failed_recipient() -> None:
    message = prose(
        f"""
        Your message could not be delivered to {WANTED}. User unknown.
        For assistance, contact help@provider.example or postmaster@provider.example.
        """
    )

    assert [r.recipient for r in read(message)] == [WANTED]


def test_a_notice_without_a_known_reason_is_soft_and_on_hold() -> None:
    message = prose(f"Could not be delivered:\n\n<{WANTED}>:\nwhirr\n")

    assert [(r.kind, r.reason) for r in read(message)] == [(SOFT, "onhold")]


def test_the_diagnostic_is_one_printable_line() -> None:
    diagnostic = "552 mailbox full \x07\x1b[31m" + "x" * 5000
    report = read(prose(f"Could not be delivered:\n\n<{WANTED}>:\n{diagnostic}\n"))[0]

    assert report.diagnostic.isprintable()
    assert len(report.diagnostic) <= 1000


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_encoded_words_are_decoded(encoding: str) -> None:
    from base64 import encodebytes
    from quopri import encodestring

    text = lines(f"Could not be delivered:\n\n<{WANTED}>:\nEmpfänger unbekannt\n").encode()
    written = encodebytes(text) if encoding == "base64" else encodestring(text)
    message = prose("", header=f"Content-Transfer-Encoding: {encoding}\n") + written

    assert [(r.recipient, r.reason) for r in read(message)] == [(WANTED, "userunknown")]
