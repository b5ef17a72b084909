"""Notices in words alone, system by system: who did not get the message, and why."""

import pytest

from mailer.receipts.bounces import Kind, read
from mailer.receipts.bounces.net import caught_in
from tests.mailer.receipts.bounces.samples import (
    EXIM,
    QMAIL,
    RETURN_PATH,
    RETURNED_PART,
    SENT,
    WANTED,
    lines,
    mixed,
    prose,
)

HARD, SOFT = Kind.HARD, Kind.SOFT


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
            421 council.example (smtp)... Deferred: Connection timed out during user open

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

                This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.

                An error has occurred while attempting to deliver a message for
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
                The MTS-ID of the original message is: c=gb;a= ;p=council;l=EX0001
                MSEXCH:IMS:Council:SITE:EX 0 (000C05A6) Unknown Recipient
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
    "mailmarshal": (
        prose(
            f"""
            Your message:
               From:    circular@news.example
               Subject: News from the network

            Could not be delivered because of

            550 5.1.1 User unknown

            The following recipients were affected:
                {WANTED}
            """,
            sender="postmaster@gateway.example",
            subject='Undeliverable Mail: "News"',
        ),
        HARD,
        "userunknown",
        "5.1.1",
    ),
    "messagelabs": (
        prose(
            f"""
            This is the mail delivery agent at gateway.example.

            I was unable to deliver your message to the following addresses:

            {WANTED}

            Reason: 550 {WANTED}... No such user

            The message subject was: News
            """,
            subject="Mail Delivery Failure",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "google": (
        prose(
            f"""
            Delivery to the following recipient failed permanently:

                 {WANTED}

            Technical details of permanent failure:
            The error that the other server returned was:
            550 5.2.1 The email account that you tried to reach is disabled.

            ----- Original message -----
            """,
            sender="Mail Delivery Subsystem <mailer-daemon@gateway.example>",
            subject="Delivery Status Notification (Failure)",
            header=f"X-Failed-Recipients: {WANTED}\n",
        )
        + SENT.encode(),
        SOFT,
        "suspend",
        "5.2.1",
    ),
    "google, still trying": (
        prose(
            f"""
            This is an automatically generated Delivery Status Notification.
            THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.

            Delivery to the following recipient has been delayed:

                 {WANTED}

            Message will be retried for 2 more day(s)
            """,
            subject="Delivery Status Notification (Delay)",
        ),
        SOFT,
        "expired",
        "",
    ),
    "yahoo": (
        prose(
            f"""
            Message from provider.example.
            Unable to deliver message to the following address(es).

            <{WANTED}>:
            This user doesn't have a provider.example account ({WANTED}) [0]

            --- Original message follows.
            """,
            subject="Delivery failure",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "",
    ),
    "gmx": (
        prose(
            f"""
            This message was created automatically by mail delivery software.

            A message that you sent could not be delivered to one or more of
            its recipients. The following addresses failed:

            "{WANTED}":
            SMTP error from remote server after RCPT command:
            host: mx.council.example
            5.1.1 <{WANTED}>... User is unknown

            --- The header of the original message is following. ---
            """,
            subject="Mail delivery failed: returning message to sender",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "5.1.1",
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
            The following data may contain sections which represent BASE64 encoded
            file attachments.

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
    "a mobile carrier, in japanese": (
        mixed(
            f"""
            次のあて先へのメッセージはエラーのため送信できませんでした。

            送信先メールアドレスが見つかりませんでした。
            宛先を確かめてから再送信してください。

            <{WANTED}>
            """,
            sender="Postmaster@carrier.example",
            subject="Mail System Error - Returned Mail",
            charset="iso-2022-jp",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "a carrier's gateway, in shift_jis": (
        prose(
            f"""
            このメールは自動的に生成されています。
            以下のメールアドレスへの送信に失敗しました。
            {WANTED}

            -------server message
            550 unknown user <{WANTED}>

            -------original message
            """,
            sender="POSTMASTER <postmaster@carrier.example>",
            path="<postmaster@carrier.example>",
            charset="shift_jis",
        )
        + SENT.encode(),
        HARD,
        "userunknown",
        "",
    ),
    "in german": (
        prose(
            f"""
            Ihre Nachricht konnte nicht zugestellt werden an:

            {WANTED}

            Empfänger unbekannt.
            """,
            subject="Unzustellbar: Neues",
            charset="iso-8859-1",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "in french": (
        prose(
            f"""
            Votre message n'a pas pu être délivré à
            {WANTED}

            La boîte aux lettres du destinataire est pleine.
            """,
            subject="Non remis: nouvelles",
            charset="iso-8859-1",
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
    "mailfoundry": (
        mixed(
            f"""
            Unable to deliver message to: <{WANTED}>
            Delivery failed for the following reason:
            Server mx.council.example[192.0.2.25] failed with: 550 <{WANTED}> No such user here

            This has been a permanent failure.  No further delivery attempts will be made.
            """,
            RETURNED_PART,
            subject="Message delivery has failed",
        ),
        HARD,
        "userunknown",
        "",
    ),
    "mx logic": (
        prose(
            f"""
            A message that you have sent could not be delivered to one or more
            recipients.  This is a permanent error.  The following address failed:

              <{WANTED}>: 550 5.7.1 message blocked as spam

            Included is a copy of the message header:
            -----------------------------------------
            """,
            subject="Mail delivery failed",
        )
        + SENT.encode(),
        SOFT,
        "spamdetected",
        "5.7.1",
    ),
    "interscan": (
        prose(
            f"""
            Unable to deliver message to <{WANTED}>.

            Sent <<< RCPT TO:<{WANTED}>
            Received >>> 550 5.1.1 user unknown
            """,
            sender="InterScan MSS <mailer-daemon@gateway.example>",
            subject="Mail could not be delivered",
        ),
        HARD,
        "userunknown",
        "5.1.1",
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
    "a text message gateway that answers": (
        prose(
            f"""
            Error: Invalid user address

            Error message below:
            550 - Requested action not taken: no such user here

            Message details:
              Subject: News
              MAIL FROM: {RETURN_PATH}
              RCPT TO: {WANTED}
            """,
            sender="post_master@carrier.example",
            subject="Re:News from the network",
            path="<>",
        ),
        HARD,
        "userunknown",
        "",
    ),
}


@pytest.mark.parametrize("system", NOTICES)
def test_a_notice_tells_who_and_why(system: str) -> None:
    message, kind, reason, status = NOTICES[system]
    reports = read(message)

    assert [(r.kind, r.recipient, r.reason, r.status) for r in reports] == [
        (kind, WANTED, reason, status)
    ]


def test_a_returned_header_without_spaces_is_no_part_of_the_notice() -> None:
    copy = "\n".join(line.replace(": ", ":", 1) for line in SENT.split("\n"))
    message = (
        prose(f"Could not be delivered.\n\n{WANTED} Invalid Address, 5.2.2 Full\n\n")
        + (copy + "\nuser unknown: bob@council.example\n").encode()
    )

    assert [(r.recipient, r.status) for r in read(message)] == [(WANTED, "5.2.2")]


def test_the_last_net_finds_addresses_and_never_fails() -> None:
    assert caught_in(QMAIL) == [WANTED]
    assert caught_in(b"\xff" * 1000) == []


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


def test_a_notice_that_names_nobody_speaks_of_whom_we_wrote_to() -> None:
    message = mixed("User unknown", RETURNED_PART, subject="Returned mail: User unknown")

    assert [(r.kind, r.recipient) for r in read(message)] == [(HARD, WANTED)]


def test_a_returned_part_that_nobody_labelled_is_the_returned_message() -> None:
    message = mixed("Could not be delivered: User unknown", f"{SENT}\nDear Alice\n")

    assert [(r.kind, r.recipient) for r in read(message)] == [(HARD, WANTED)]


def test_an_address_to_ask_for_help_is_nobody_who_failed() -> None:
    message = prose(
        f"""
        Your message could not be delivered to {WANTED}. User unknown.
        For assistance, contact help@provider.example or postmaster@provider.example.
        """
    )

    assert [r.recipient for r in read(message)] == [WANTED]


def test_a_notice_that_nobody_understands_is_soft_and_on_hold() -> None:
    message = prose(f"Could not be delivered:\n\n<{WANTED}>:\nwhirr\n")

    assert [(r.kind, r.reason) for r in read(message)] == [(SOFT, "onhold")]


def test_the_diagnostic_is_one_printable_line() -> None:
    said = "552 mailbox full \x07\x1b[31m" + "x" * 5000
    report = read(prose(f"Could not be delivered:\n\n<{WANTED}>:\n{said}\n"))[0]

    assert report.diagnostic.isprintable()
    assert len(report.diagnostic) <= 1000


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_encoded_words_are_decoded(encoding: str) -> None:
    from base64 import encodebytes
    from quopri import encodestring

    words = lines(f"Could not be delivered:\n\n<{WANTED}>:\nEmpfänger unbekannt\n").encode()
    written = encodebytes(words) if encoding == "base64" else encodestring(words)
    message = prose("", header=f"Content-Transfer-Encoding: {encoding}\n") + written

    assert [(r.recipient, r.reason) for r in read(message)] == [(WANTED, "userunknown")]
