"""Notices of providers, gateways and carriers, in several languages: who, and why."""

import pytest

from mailer.receipts.bounces import BounceKind, read
from tests.mailer.receipts.bounces.samples import (
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
    "mailmarshal": (
        prose(
            f"""
            A message from circular@news.example

            could not be delivered because of

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
            The delivery agent at gateway.example was unable to deliver your message to:

            {WANTED}

            Reason: 550 {WANTED}... No such user

            Subject of the message: News
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
    "a mobile carrier, in japanese": (
        mixed(
            f"""
            ご指定の宛先にメールを送信できませんでした。

            お手数ですが、このアドレスは存在しません。
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
            自動送信のお知らせです。
            次の宛先に送信できません:
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
    "mailfoundry": (
        mixed(
            f"""
            Unable to deliver message to: <{WANTED}>
            Server mx.council.example[192.0.2.25] failed with: 550 <{WANTED}> No such user here

            We have stopped trying; nothing more will be attempted.
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
            Some of your mail could not be delivered. The following address failed:

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
    "a text message gateway that answers": (
        prose(
            f"""
            Error: the address of the handset is wrong

            550 - no such user here

            Details:
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
def test_a_notice_gives_the_recipient_and_the_reason(system: str) -> None:
    message, kind, reason, status = NOTICES[system]
    reports = read(message)

    assert [(r.kind, r.recipient, r.reason, r.status) for r in reports] == [
        (kind, WANTED, reason, status)
    ]
