"""Putting down a mail of the system's own, to be carried after the commit."""

from datetime import datetime

from sqlalchemy.orm import Session

from mailer.models import DeliveryStatus, Notice


def post(
    session: Session,
    *,
    to_address: str,
    to_name: str,
    from_name: str,
    from_address: str,
    subject: str,
    paragraphs: str,
    button_words: str,
    button_url: str,
    closing: str = "",
    now: datetime,
) -> Notice:
    """Write a system mail down; it leaves after the commit."""
    notice = Notice(
        to_address=to_address,
        to_name=to_name,
        from_name=from_name,
        from_address=from_address,
        subject=subject,
        paragraphs=paragraphs,
        button_words=button_words,
        button_url=button_url,
        closing=closing,
        status=DeliveryStatus.PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        changed_at=now,
    )
    session.add(notice)
    session.flush()
    return notice
