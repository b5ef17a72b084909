"""Mails that go to one person alone: confirm a subscription, sign in, the test of an issue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b

from mailer.composition.html.design import design_system_mail
from mailer.composition.letter import Message, SystemMailText
from mailer.composition.mime import headers
from mailer.composition.mime.frame import Own, alternatives
from mailer.composition.mime.quoted_printable import encode
from mailer.composition.parts import Piece, resolve
from mailer.composition.text.design import system_mail_text


def compose_system_mail(
    notice: SystemMailText,
    *,
    sender_name: str,
    sender_address: str,
    to_name: str,
    to_address: str,
    message_id: str,
    return_path: str,
    date: datetime,
) -> Message:
    """The message. ``message_id`` is without angle brackets; an empty ``return_path`` is the null
    one."""
    text, html = (
        resolve(part, public_url="", links={}, counted=False)
        for part in (system_mail_text(notice), design_system_mail(notice))
    )
    return compose_single(
        SingleMail(
            notice.subject,
            text,
            html,
            sender_name,
            sender_address,
            to_name,
            to_address,
            message_id,
            return_path,
            date,
        )
    )


@dataclass(frozen=True, slots=True)
class SingleMail:
    """A mail to one person, its two parts finished."""

    subject: str
    text: Iterable[Piece]
    html: Iterable[Piece]
    sender_name: str
    sender_address: str
    to_name: str
    to_address: str
    message_id: str
    return_path: str
    date: datetime
    language: str = "en-GB"
    reply_to: str = ""


def compose_single(mail: SingleMail) -> Message:
    """The message. It says that it is automatic (RFC 3834 section 5), so that no autoresponder
    answers, and has no header of a list: nobody leaves one by it."""
    boundary = blake2b(mail.message_id.encode(), digest_size=16).hexdigest().encode("ascii")
    address = headers.mail_address(mail.to_address)
    header = [
        headers.raw("Date", format_datetime(mail.date)),
        headers.mailbox("From", mail.sender_name, mail.sender_address),
        *([headers.mailbox("Reply-To", "", mail.reply_to)] if mail.reply_to else []),
        headers.mailbox("To", mail.to_name, address),
        headers.unstructured("Subject", mail.subject),
        headers.raw("Message-ID", f"<{headers.mail_address(mail.message_id)}>"),
        headers.raw("MIME-Version", "1.0"),
        headers.raw("Auto-Submitted", "auto-generated"),
        headers.raw("X-Auto-Response-Suppress", "OOF, AutoReply"),
        headers.raw("Content-Language", mail.language),
    ]
    parts = alternatives(encode(mail.text), encode(mail.html))
    body = [boundary if piece is Own.MESSAGE else piece for piece in parts]
    octets = [piece for piece in body if isinstance(piece, bytes)]
    return Message(0, mail.return_path, address, b"".join([*header, *octets]))
