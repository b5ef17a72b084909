"""Writes system mail to the database, to be sent after the commit."""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts.models import Newsletter
from mailer.composition.system_texts import system_text
from mailer.models import DeliveryStatus, SystemMail


def post(
    session: Session,
    what_happened: str,
    *,
    to_address: str,
    to_name: str = "",
    sender: Newsletter,
    now: datetime,
    **values: str,
) -> SystemMail:
    """Write down the system mail about ``what_happened``; it leaves after the commit.

    ``what_happened`` is a folder of ``templates/email``, and ``values`` are what its templates ask
    for. The mail comes from the sender of a newsletter.
    """
    text = system_text(what_happened, **values)
    notice = SystemMail(
        to_address=to_address,
        to_name=to_name,
        from_name=sender.from_name,
        from_address=sender.from_address,
        subject=text.subject,
        paragraphs="\n\n".join(text.paragraphs),
        button_words=text.button_words,
        button_url=text.button_url,
        closing=text.closing,
        template=text.template,
        status=DeliveryStatus.PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        changed_at=now,
    )
    session.add(notice)
    session.flush()
    return notice
