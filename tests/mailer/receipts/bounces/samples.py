"""Mail that came back, written for these tests: the shapes of many systems, and invented names."""

from textwrap import dedent

TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
RETURN_PATH = f"b+{TOKEN}@news.example"
WANTED = "alice@council.example"  # the recipient that we wrote to

# The header of what we sent.
SENT = f"""\
Return-Path: <{RETURN_PATH}>
Received: from mail.news.example (mail.news.example [192.0.2.10])
\tby mx.gateway.example with ESMTP id 4Xyz; Mon, 2 Nov 2026 10:00:00 +0000
From: Circular <circular@news.example>
To: Alice <{WANTED}>
Subject: News from the network
Message-ID: <m.{TOKEN}@news.example>
List-Unsubscribe: <https://news.example/u/abc>, <mailto:u+{TOKEN}@news.example>
MIME-Version: 1.0
"""


def lines(text: str) -> str:
    """A text without the indent of the code around it."""
    return dedent(text).lstrip("\n")


def dsn(
    *groups: str,
    text: str = "Your message could not be delivered.",
    message: str = "Reporting-MTA: dns; mx.gateway.example",
    media: str = "message/delivery-status",
    header: str = "",
    returned: str = SENT,
) -> bytes:
    """A report as RFC 3464 has it, with one text a recipient group."""
    status = "\n\n".join(lines(part).strip() for part in (message, *groups) if part.strip())
    return (
        "Return-Path: <>\n"
        f"To: {RETURN_PATH}\n"
        "From: Mail Delivery System <MAILER-DAEMON@gateway.example>\n"
        "Subject: Undelivered Mail Returned to Sender\n"
        f"{header}"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"\n'
        "\n"
        "This is a MIME-encapsulated message.\n"
        "\n--=_b\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{lines(text)}\n"
        f"\n--=_b\nContent-Type: {media}\n\n{status}\n"
        f"\n--=_b\nContent-Type: text/rfc822-headers\n\n{returned}\n--=_b--\n"
    ).encode()


def group(
    recipient: str = WANTED,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    code: str = "smtp; 550 5.1.1 User unknown",
    more: str = "",
) -> str:
    """The fields about one recipient."""
    return (
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {code}\n{more}"
    )


def prose(
    body: str,
    *,
    sender: str = "MAILER-DAEMON@gateway.example",
    subject: str = "failure notice",
    header: str = "",
    to: str = RETURN_PATH,
    path: str = "<>",
    charset: str = "utf-8",
) -> bytes:
    """A notice in words alone; ``body`` may end with what was returned."""
    head = lines(
        f"""
        Return-Path: {path}
        From: {sender}
        To: {to}
        Subject: {subject}
        """
    )
    kind = f"MIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n"
    return head.encode() + header.encode() + kind.encode() + b"\n" + lines(body).encode(charset)


def mixed(text: str, *parts: str, charset: str = "utf-8", **given: str) -> bytes:
    """A notice of several parts that is no multipart/report."""
    top = prose("", **given).decode().split("MIME-Version")[0]
    rest = "".join(f"\n--=_m\n{part}\n" for part in parts)
    return (
        (
            f'{top}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_m"\n\n'
            f"--=_m\nContent-Type: text/plain; charset={charset}\n\n"
        ).encode()
        + lines(text).encode(charset)
        + f"{rest}\n--=_m--\n".encode()
    )


RETURNED_PART = f"Content-Type: message/rfc822\n\n{SENT}\nDear Alice\n"

QMAIL = (
    prose(
        f"""
    Hi. This is the qmail-send program at gateway.example.
    I'm afraid I wasn't able to deliver your message to the following addresses.
    This is a permanent error; I've given up. Sorry it didn't work out.

    <{WANTED}>:
    Sorry, no mailbox here by that name. (#5.1.1)

    --- Below this line is a copy of the message.

    """
    )
    + SENT.encode()
)

EXIM = (
    prose(
        f"""
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered to one or more of its
    recipients. This is a permanent error. The following address(es) failed:

      {WANTED}
        SMTP error from remote mail server after RCPT TO:<{WANTED}>:
        host mx.council.example [192.0.2.25]: 550 5.2.2 Mailbox is full

    ------ This is a copy of the message, including all the headers. ------

    """,
        subject="Mail delivery failed: returning message to sender",
        header=f"X-Failed-Recipients: {WANTED}\nAuto-Submitted: auto-replied\n",
    )
    + SENT.encode()
)

COMPLAINT = (
    f"From: <feedback@provider.example>\nTo: {RETURN_PATH}\nSubject: FW: News\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=feedback-report; boundary=arf\n\n"
    "--arf\nContent-Type: text/plain\n\nThis is an abuse report.\n\n"
    "--arf\nContent-Type: message/feedback-report\n\n"
    "Feedback-Type: abuse\nUser-Agent: Loop/1.0\nVersion: 1\n"
    f"Original-Mail-From: <{RETURN_PATH}>\nOriginal-Rcpt-To: <{WANTED}>\n\n"
    f"--arf\nContent-Type: message/rfc822\n\n{SENT}\nDear Alice\n\n--arf--\n"
).encode()

VACATION = prose(
    "I am away until Monday and will answer then.",
    sender=f"Alice <{WANTED}>",
    subject="Automatic reply: News from the network",
    header="Auto-Submitted: auto-replied\n",
)
