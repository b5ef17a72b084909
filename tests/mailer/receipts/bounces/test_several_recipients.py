"""Notices about more than one address: each person has a report, and the reason that is theirs."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import SENT, WANTED, dsn, group, prose

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT
OTHER = "bo@parish.example"

NOTICES = {
    "a line for each": (
        f"""
        Your message could not be delivered to these people:

        {WANTED}: 550 5.1.1 <{WANTED}>: User unknown
        {OTHER}: 552 5.2.2 <{OTHER}>: Mailbox full
        """,
        [(HARD, WANTED, "userunknown"), (SOFT, OTHER, "mailboxfull")],
    ),
    "a paragraph for each": (
        f"""
        I'm afraid I wasn't able to deliver your message to the following addresses.

        <{OTHER}>:
        user is over quota

        <{WANTED}>:
        192.0.2.1 does not like recipient.
        Remote host said: 550 no such user
        """,
        [(SOFT, OTHER, "mailboxfull"), (HARD, WANTED, "userunknown")],
    ),
    "one behind an alias": (
        f"""
        This is the mail system at host gateway.example.

        <final@inner.example> (expanded from
            <{WANTED}>): unknown user: "final"
        """,
        [(HARD, WANTED, "userunknown")],
    ),
    "a sentence about somebody else": (
        f"""
        Your message to {WANTED} could not be delivered: mailbox is full.

        help@gateway.example can tell you more; the user unknown to you has left.
        """,
        [(SOFT, WANTED, "mailboxfull")],
    ),
}


@pytest.mark.parametrize("notice", NOTICES)
def test_each_person_has_the_reason_that_is_theirs(notice: str) -> None:
    text, expected = NOTICES[notice]
    message = prose(text, subject="Undeliverable mail") + f"\n{SENT}\nDear Alice\n".encode()

    assert [(r.kind, r.recipient, r.reason) for r in read(message)] == expected


def test_words_about_one_person_are_no_reason_for_another() -> None:
    text = f"<{WANTED}>: refused\n\n<{OTHER}>: user unknown\n"
    message = dsn(
        group(status="5.0.0", code=""),
        group(OTHER, status="5.0.0", code=""),
        text=text,
    )

    assert [(r.kind, r.recipient) for r in read(message)] == [(SOFT, WANTED), (HARD, OTHER)]


def test_the_stage_that_only_the_words_for_people_name_is_asked() -> None:
    text = f"<{WANTED}>: host mx said: 550 No such user (in reply to end of DATA command)"
    (report,) = read(dsn(group(status="5.0.0", code="smtp; 550 No such user"), text=text))

    assert (report.kind, report.reason) == (SOFT, "filtered")


def test_the_rest_of_a_reply_is_read_out_of_the_transcript() -> None:
    text = "<<< 550-5.7.1 This message has no\n<<< 550 5.7.1 valid SPF record\n"
    code = "smtp; 550-5.7.1 This message has no"
    (report,) = read(dsn(group(status="5.7.1", code=code), text=text))

    assert report.reason == "authfailure"
