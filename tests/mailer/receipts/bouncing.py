"""Bounces, complaints and wishes to leave, as mail systems write them about a delivery of ours."""

from mailer.security.tokens import Purpose, Tokens


def bounce(
    tokens: Tokens,
    delivery_id: int,
    *,
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 User unknown",
    action: str = "failed",
    address: str = "person1@a.example",
    to: str = "",
) -> bytes:
    """A delivery status report to the delivery's return path (RFC 3464), or ``to`` another."""
    to = to or f"b+{tokens.seal_for_mail(Purpose.RETURN, delivery_id)}@network.example"
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This mail system could not bring your message to its reader.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
--B--
""".replace("\n", "\r\n").encode()


def notice_path(tokens: Tokens, notice_id: int) -> str:
    """The return path of a system mail."""
    return f"n+{tokens.seal_for_mail(Purpose.MESSAGE, notice_id, 1)}@network.example"


def complaint(tokens: Tokens, delivery_id: int, *, notice: bool = False) -> bytes:
    """An abuse report (RFC 5965) about the delivery, its address taken out by the provider."""
    message_id = tokens.seal_for_mail(Purpose.MESSAGE, delivery_id, int(notice))
    return f"""From: feedback@provider.example
To: abuse@network.example
Subject: abuse report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

Somebody pressed the button.
--B
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1

--B
Content-Type: message/rfc822

From: update@network.example
To: redacted@provider.example
Subject: News
Message-ID: <{message_id}@network.example>

Hello
--B--
""".replace("\n", "\r\n").encode()


def wish_to_leave(tokens: Tokens, delivery_id: int) -> bytes:
    """A mail to the unsubscribe address of the delivery, as mail programs write it."""
    token = tokens.seal_for_mail(Purpose.RETURN, delivery_id)
    return f"""From: person1@a.example
To: u+{token}@network.example
Subject: unsubscribe

""".replace("\n", "\r\n").encode()
