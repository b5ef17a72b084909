"""Mail that says nothing about a delivery: no bounce comes out of it, however it is worded."""

import pytest

from mailer.receipts.bounces import BounceKind, Report, Traces, read
from tests.mailer.receipts.bounces.samples import (
    QMAIL,
    RETURN_PATH,
    RETURNED_PART,
    SENT,
    WANTED,
    dsn,
    group,
    mixed,
    prose,
)

QUOTED = "\n".join(f"> {line}" for line in QMAIL.decode().split("\n"))


def from_bob(body: str, subject: str, header: str = "") -> bytes:
    return prose(
        body,
        sender="Bob <bob@council.example>",
        to="circular@news.example",
        subject=subject,
        header=header,
        path="<bob@council.example>",
    )


NOTHING = {
    "an ordinary reply": from_bob("Thank you, I liked the article.", "Re: News"),
    "a reply that quotes a bounce": from_bob(
        f"What does this mean?\n\n{QUOTED}", "Re: failure notice"
    ),
    "a question with a bounce pasted in": from_bob(
        f"My mail could not be delivered to {WANTED}: 550 5.1.1 user unknown. Why?",
        "Undeliverable mail",
    ),
    "a bounce forwarded by a person": from_bob(
        f"Look at this.\n\n-------- Forwarded message --------\n{QMAIL.decode()}",
        "Fwd: failure notice",
    ),
    "a bounce attached by a person": mixed(
        "See attached.",
        f"Content-Type: message/rfc822\n\n{dsn(group()).decode()}",
        sender="bob@council.example",
        to="circular@news.example",
        subject="Bounce",
        path="<bob@council.example>",
    ),
    "a status part attached by a person": mixed(
        "See attached.",
        f"Content-Type: message/delivery-status\n\n{group()}",
        sender="bob@council.example",
        to="circular@news.example",
        subject="Bounce",
        path="<bob@council.example>",
    ),
    "a newsletter about bounces": prose(
        f"Delivery failed? {WANTED}: user unknown, mailbox full. How to read a bounce.",
        sender="News <news@other.example>",
        subject="Undelivered mail, and what to do",
        header="List-Id: <news.other.example>\nList-Unsubscribe: <https://other.example/u>\n",
        path="<bounce@other.example>",
    ),
    "our own newsletter": f"{SENT}\nDear Alice, the mailbox is full of good news.\n".encode(),
    "a postmaster who answers": prose(
        f"Thank you for asking. The address has been corrected.\n\n{QUOTED}",
        sender="postmaster@council.example",
        to="circular@news.example",
        subject="Re: alice",
        path="<postmaster@council.example>",
    ),
    "a postmaster who tells of a person": prose(
        "Bob has left: bob@council.example no longer exists.",
        sender="postmaster@council.example",
        subject="Bob",
        to="circular@news.example",
        path="<postmaster@council.example>",
    ),
    "a postmaster who announces": prose(
        "The mail server will be restarted on Monday at noon.",
        sender="postmaster@council.example",
        subject="Maintenance",
        path="<postmaster@council.example>",
    ),
    "a mail system that returns a message and says nothing": mixed(
        "Stuff.",
        RETURNED_PART,
        sender="Mail Delivery Subsystem <x@gateway.example>",
        subject="Hello",
        path="<x@gateway.example>",
        to="circular@news.example",
    ),
    "a null return path alone": prose("Hello.", sender=WANTED, subject="Hello"),
    "nothing at all": b"",
    "a header alone": b"Subject: x\n",
    "spam to the return path": prose(
        "Buy now! Visit https://shop.example", sender="x@shop.example", path="<x@shop.example>"
    ).replace(b"failure notice", b"Offer"),
}


@pytest.mark.parametrize("what", NOTHING)
def test_other_mail_gives_no_bounce(what: str) -> None:
    reports = read(NOTHING[what])

    assert [report.kind for report in reports] == [BounceKind.NONE]
    assert reports[0].reason == ""


def test_a_message_without_a_report_still_gives_its_traces() -> None:
    message = from_bob("Hello", "Re: News", "In-Reply-To: <a@news.example>\n")

    assert read(message, sent_to=RETURN_PATH) == (
        Report(
            BounceKind.NONE,
            "",
            "",
            "",
            "",
            Traces((RETURN_PATH.split("@")[0],), (), ("a@news.example",)),
        ),
    )
