"""Small system mails: confirm a subscription, sign in. One thing to do, nothing counted."""

from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b

from mailer.composition.html.design import design_system_mail
from mailer.composition.letter import Message, SystemMailText
from mailer.composition.mime import headers
from mailer.composition.mime.frame import Own, alternatives
from mailer.composition.mime.quoted_printable import encode
from mailer.composition.parts import resolve
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
    one. It says that it is automatic (RFC 3834 section 5), so that no autoresponder answers."""
    text, html = (
        encode(resolve(part, public_url="", links={}, counted=False))
        for part in (system_mail_text(notice), design_system_mail(notice))
    )
    boundary = blake2b(message_id.encode(), digest_size=16).hexdigest().encode("ascii")
    address = headers.mail_address(to_address)
    header = [
        headers.raw("Date", format_datetime(date)),
        headers.mailbox("From", sender_name, sender_address),
        headers.mailbox("To", to_name, address),
        headers.unstructured("Subject", notice.subject),
        headers.raw("Message-ID", f"<{headers.mail_address(message_id)}>"),
        headers.raw("MIME-Version", "1.0"),
        headers.raw("Auto-Submitted", "auto-generated"),
        headers.raw("X-Auto-Response-Suppress", "OOF, AutoReply"),
        headers.raw("Content-Language", "en-GB"),
    ]
    body = [boundary if piece is Own.MESSAGE else piece for piece in alternatives(text, html)]
    octets = [piece for piece in body if isinstance(piece, bytes)]
    return Message(0, return_path, address, b"".join([*header, *octets]))
