"""Notices of mail servers in words alone: who did not get the message, and why."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import (
    EXIM,
    QMAIL,
    RETURN_PATH,
    RETURNED_PART,
    SENT,
    WANTED,
    mixed,
    prose,
)

HARD, SOFT = BounceKind.HARD, BounceKind.SOFT


def returned(line: str) -> str:
    """How a system sets off what it returns."""
    return f"\n{line}\n\n{SENT}\nDear Alice\n"


NOTICES = {
    "qmail": (QMAIL, HARD, "userunknown", "5.1.1"),
    "exim": (EXIM, SOFT, "mailboxfull", "5.2.2"),
    "exim, still trying": (
        prose(
            f"""
            This message was created automatically by mail delivery software.
            A message that you sent has not yet been delivered to one or more of its
            recipients after more than 24 hours on the queue on gateway.example.

            The address to which the message has not yet been delivered is:

              {WANTED}
                Delay reason: host mx.council.example [192.0.2.25]: Connection refused

            No action is required on your part. Delivery attempts will continue for
            some time.
            """,
            subject="Warning: message 1abc-02 delayed 24 hours",
        ),
        SOFT,
        "networkerror",
        "",
    ),
    "postfix without a report": (
        prose(
            f"""
            This is the mail system at host gateway.example.

            <{WANTED}>: host mx.council.example[192.0.2.25] said: 550 5.1.1
                <{WANTED}>: Recipient address rejected: User unknown (in reply to RCPT TO)
            """,
            subject="Undelivered Mail Returned to Sender",
        )
        + returned("Content of the message:").encode(),
        HARD,
        "userunknown",
        "5.1.1",
    ),
    "sendmail 8": (
        prose(
            f"""
            The original message was received at Mon, 2 Nov 2026 10:00:00 GMT

               ----- The following addresses had permanent fatal errors -----
            <{WANTED}>
                (reason: 552 5.2.2 Over quota)

               ----- Transcript of session follows -----
            ... while talking to mx.council.example.:
            >>> RCPT To:<{WANTED}>
            <<< 552 5.2.2 Over quota
            """,
            subject="Returned mail: see transcript for details",
        ),
        SOFT,
        "mailboxfull",
        "5.2.2",
    ),
    "sendmail 5": (
        prose(
            """
               ----- Transcript of session follows -----
            421 council.example (smtp)... Deferred: Connection timed out

               ----- Unsent message follows -----
            """,
            subject="Returned mail: Cannot send message for 4 days",
        )
        + SENT.encode(),
        SOFT,
        "expired",
        "",
    ),
    "courier": (
        prose(
            f"""
            This is a delivery status notification from gateway.example.

            UNDELIVERABLE MAIL

            Your message to the following recipients cannot be delivered:

            <{WANTED}>:
                mx.council.example [192.0.2.25]:
            >>> RCPT TO:<{WANTED}>
            <<< 550 No such recipient.
            """,
            subject="NOTICE: mail delivery status.",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "opensmtpd": (
        prose(
            f"""
                Hi!

                This is the MAILER-DAEMON; nobody reads answers.

                There was an error while attempting to deliver a message for
                the following list of recipients:

            {WANTED}: 550 5.2.2 <{WANTED}>... Mailbox full

                Below is a copy of the original message:
            """,
            subject="Delivery status notification: error",
        ),
        SOFT,
        "mailboxfull",
        "5.2.2",
    ),
    "exchange 2003": (
        mixed(
            f"""
            Your message

              To:      circular@news.example
              Subject: News from the network
              Sent:    Mon, 2 Nov 2026 10:00:00 +0000

            did not reach the following recipient(s):

            {WANTED} on Mon, 2 Nov 2026 10:00:05 +0000
                The recipient name is not recognized
                MSEXCH:IMS:Council:SITE:EX 0 Unknown Recipient
            """,
            RETURNED_PART,
            sender="System Administrator <postmaster@council.example>",
            subject="Undeliverable: News from the network",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "exchange 2010, for administrators": (
        prose(
            f"""
            Delivery has failed to these recipients or distribution lists:

            {WANTED}
            The recipient's mailbox is full and can't accept messages now.

            Diagnostic information for administrators:

            Generating server: ex.council.example

            {WANTED}
            #550 5.2.2 RESOLVER.RST.RecipSizeLimit; over the quota ##
            """,
            sender="Microsoft Exchange <postmaster@council.example>",
            subject="Undeliverable: News",
        ),
        SOFT,
        "mailboxfull",
        "5.2.2",
    ),
    "domino": (
        prose(
            f"""
            Your message

            Subject: News from the network

            was not delivered to:

              {WANTED}

            because:

              User alice ({WANTED}) not listed in Domino Directory
            """,
            sender="postmaster@council.example",
            subject="DELIVERY FAILURE: User alice not listed in Domino Directory",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "notes, in japanese": (
        prose(
            f"""
            ------- Failure Reasons  --------

            ディレクトリのリストにありません
            {WANTED}

            ------- Returned Message --------
            """,
            sender="postmaster@council.example",
            subject="Undeliverable message",
            charset="iso-2022-jp",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "",
    ),
    "groupwise": (
        mixed(
            f"The message that you sent was undeliverable to the following:\n\talice "
            f"({WANTED}) - user not found\n",
            RETURNED_PART,
            sender="Mailer-Daemon@council.example",
            subject="Message status - undeliverable",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "imail": (
        prose(
            f"""
            Unknown user: {WANTED}


            Original message follows.

            """,
            sender="Postmaster <postmaster@council.example>",
            subject="Undeliverable Mail",
            path=RETURN_PATH,
            header="X-Mailer: <SMTP32 v8>\n",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "",
    ),
    "mdaemon": (
        prose(
            f"""
            The attached message had PERMANENT fatal delivery errors!

            --- Session Transcript ---
             Mon 2026-11-02 10:00:00: --> RCPT To:<{WANTED}>
             Mon 2026-11-02 10:00:01: <-- 550 {WANTED}, no such user
            --- End Transcript ---
            """,
            sender="MDaemon@gateway.example",
            subject="Permanent Delivery Failure",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "surgemail": (
        prose(
            f"""
            Your message could not be delivered:

              To: {WANTED}
              Reason: Account is over quota
            """,
            sender="postmaster@council.example",
            subject="Mail delivery failure",
        ),
        SOFT,
        "mailboxfull",
        "",
    ),
    "apache james": (
        prose(
            f"""
            Hi. This is the James mail server at gateway.example.
            I'm afraid I wasn't able to deliver your message to the following addresses.
            This is a permanent error; I've given up.

            Failed recipient(s):
            {WANTED}

            Error message below:
            550 - Requested action not taken: no such user here
            """,
            sender="postmaster@gateway.example",
            subject="[BOUNCE]: News",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "mailenable": (
        prose(
            f"""
            MailEnable: Message could not be delivered to some recipients.
            The following recipient(s) could not be reached:

                Recipient: [SMTP:{WANTED}]
                Reason: Remote SMTP Server Returned: 550 mailbox unavailable

            Message headers follow:
            """,
            sender="postmaster@gateway.example",
            subject="Message Delivery Failure",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "",
    ),
}


@pytest.mark.parametrize("system", NOTICES)
def test_a_notice_gives_the_recipient_and_the_reason(system: str) -> None:
    message, kind, reason, status = NOTICES[system]
    reports = read(message)

    assert [(r.kind, r.recipient, r.reason, r.status) for r in reports] == [
        (kind, WANTED, reason, status)
    ]
