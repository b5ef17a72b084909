"""Caps: how much mail people who are not signed in can cause, to whom and from where.

A mail that went is a row of digests for a day, written in the transaction that posts it; so caps
hold for all processes together, and through a restart. Each kind of mail is counted by itself:
whoever uses up the confirmations keeps nobody from a link to their own choices.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from contacts.addresses import mailbox_of
from contacts.models import Contact
from mailer.models import RequestedMail, RequestKind

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_OF_A_MAILBOX: Final = {RequestKind.CONFIRMATION: 3, RequestKind.OWN_LINK: 5}  # a day
_OF_A_NETWORK: Final = 40  # an hour: a course room behind one address signs up together
_OF_A_DOMAIN: Final = ((_HOUR, 60), (_DAY, 300))
_IN_ALL: Final = 600  # an hour, and one more for every hundred people in the database
_PEOPLE_A_MAIL: Final = 100
# Where the public has its mailboxes: half of all mail may go to one of them.
_PROVIDERS: Final = frozenset(
    "aol.com btinternet.com fastmail.com free.fr gmail.com gmx.com gmx.de gmx.net hotmail.co.uk "
    "hotmail.com hotmail.fr icloud.com laposte.net live.co.uk live.com mac.com mail.com me.com "
    "msn.com ntlworld.com orange.fr outlook.com proton.me protonmail.com sky.com t-online.de "
    "talktalk.net tiscali.co.uk virginmedia.com web.de yahoo.co.uk yahoo.com yahoo.fr ymail.com "
    "zoho.com".split()
)


@dataclass(frozen=True, slots=True)
class Cause:
    """For whom a mail is, and from where it was asked for. ``network`` is a digest."""

    kind: RequestKind
    address: str
    newsletter_id: int
    network: str

    @property
    def mailbox(self) -> str:
        return digest(mailbox_of(self.address))

    @property
    def domain(self) -> str:
        return mailbox_of(self.address).rpartition("@")[2]


def digest(subject: str) -> str:
    """What stands for a mailbox, a domain or a network where it is only counted."""
    return hashlib.sha256(subject.encode()).hexdigest()


def cap_reached(session: Session, cause: Cause, *, now: datetime) -> str | None:
    """The cap that keeps this mail from going ("mailbox"); None when it may go."""
    reached = (
        name
        for name, span, most, subject in _caps(cause)
        if _gone(session, cause.kind, subject, since=now - span) >= most
    )
    return next(reached, None) or _cap_of_all(session, cause, now=now)


def last_to(session: Session, cause: Cause) -> datetime | None:
    """When such a mail about this newsletter last went to this mailbox, if within the day."""
    return session.scalar(
        select(func.max(RequestedMail.at)).where(
            RequestedMail.mailbox == cause.mailbox,
            RequestedMail.kind == cause.kind,
            RequestedMail.newsletter_id == cause.newsletter_id,
        )
    )


def count(session: Session, cause: Cause, *, now: datetime) -> None:
    """Count a mail that goes."""
    session.add(
        RequestedMail(
            kind=cause.kind,
            newsletter_id=cause.newsletter_id,
            mailbox=cause.mailbox,
            domain=digest(cause.domain),
            network=cause.network,
            at=now,
        )
    )
    session.flush()


def forget_old_counts(session: Session, *, now: datetime) -> None:
    """Remove what no cap includes any more, and what a clock that was ahead has counted."""
    old = or_(RequestedMail.at < now - _DAY, RequestedMail.at > now + _HOUR)
    session.execute(delete(RequestedMail).where(old))


def _caps(cause: Cause) -> Iterator[tuple[str, timedelta, int, ColumnElement[bool]]]:
    yield "mailbox", _DAY, _OF_A_MAILBOX[cause.kind], RequestedMail.mailbox == cause.mailbox
    yield "network", _HOUR, _OF_A_NETWORK, RequestedMail.network == cause.network
    if cause.domain not in _PROVIDERS:
        for span, most in _OF_A_DOMAIN:
            yield "domain", span, most, RequestedMail.domain == digest(cause.domain)


def _cap_of_all(session: Session, cause: Cause, *, now: datetime) -> str | None:
    gone = _gone(session, cause.kind, since=now - _HOUR)
    if gone < _IN_ALL // 2:  # the people need to be counted only where it is close
        return None
    most = _IN_ALL + (session.scalar(select(func.count(Contact.id))) or 0) // _PEOPLE_A_MAIL
    if gone >= most:
        return "all"
    if cause.domain in _PROVIDERS:
        there = RequestedMail.domain == digest(cause.domain)
        if _gone(session, cause.kind, there, since=now - _HOUR) >= most // 2:
            return "domain"
    return None


def _gone(
    session: Session, kind: RequestKind, *subject: ColumnElement[bool], since: datetime
) -> int:
    counted = select(func.count()).select_from(RequestedMail)
    within = counted.where(RequestedMail.kind == kind, RequestedMail.at > since, *subject)
    return session.scalar(within) or 0
