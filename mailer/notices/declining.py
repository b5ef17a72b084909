"""Whoever did not ask says so once: for a year no sign-up form causes mail to their mailbox.

Only a digest of the mailbox is kept, of all its sub-addresses together, and it is listed nowhere.
It has no key in it: after another ``SECRET_KEY`` the promise holds all the same.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.addresses import mailbox_of
from mailer.models import DecliningMailbox
from mailer.notices.caps import digest

HOLDS: Final = timedelta(days=365)
_KIND: Final = "mailbox"


def decline(session: Session, address: str, *, actor: Actor, now: datetime) -> None:
    """Let no sign-up form cause mail to this mailbox from now on, for a year."""
    kept = _kept(session, address)
    if kept is None:
        kept = DecliningMailbox(mailbox=digest(mailbox_of(address)), at=now)
        session.add(kept)
        session.flush()
        audit.write(session, "sign-up mail declined", _KIND, kept.id, actor=actor, now=now)
    kept.at = now


def declines(session: Session, address: str, *, now: datetime) -> bool:
    """Whether the owner of this mailbox wants no mail from sign-up forms."""
    kept = _kept(session, address)
    return kept is not None and kept.at > now - HOLDS


def allow(session: Session, address: str, *, actor: Actor, now: datetime) -> bool:
    """Let sign-up forms ask this mailbox again; False when they might already."""
    kept = _kept(session, address)
    if kept is None:
        return False
    audit.write(session, "sign-up mail allowed", _KIND, kept.id, actor=actor, now=now)
    session.delete(kept)
    return True


def forget_old_ones(session: Session, *, now: datetime) -> None:
    """Remove what has held for its year."""
    session.execute(delete(DecliningMailbox).where(DecliningMailbox.at <= now - HOLDS))


def _kept(session: Session, address: str) -> DecliningMailbox | None:
    wanted = DecliningMailbox.mailbox == digest(mailbox_of(address))
    return session.scalar(select(DecliningMailbox).where(wanted))
