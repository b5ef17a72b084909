"""What a page is asked to mail is put down as one row, and a worker decides about it.

So a page does the same for everybody: neither its words nor its time tell who is on a list, who
declined, or which cap is reached.
"""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contacts.addresses import Address
from contacts.database import AWAY
from contacts.models import Contact, Newsletter
from contacts.permission.newsletters import listing
from mailer.bootstrap import Mailer
from mailer.models import MailRequest, RequestKind
from mailer.notices import double_opt_in, own_link
from mailer.notices.caps import digest

log = structlog.get_logger(__name__)
_AT_ONCE: Final = 100  # so that a flood of them keeps the sweep for a second or two


def sign_up(
    session: Session,
    newsletter: Newsletter,
    address: Address,
    *,
    name: str,
    counted: bool,
    again: bool,
    visitor: str,
    now: datetime,
) -> None:
    """Have the owner of an address asked whether they want a newsletter.

    ``counted`` says that the form agreed to opens and clicks being counted, ``again`` that the mail
    of a first time did not come. ``visitor`` is whoever filled in the form, as limits know them.
    """
    session.add(
        MailRequest(
            kind=RequestKind.CONFIRMATION,
            newsletter_id=newsletter.id,
            contact_id=None,
            email=address.wire,
            name=name,
            counted=counted,
            again=again,
            network=digest(visitor),
            at=now,
        )
    )


def own_link_for(
    session: Session, contact: Contact, newsletter: Newsletter, *, visitor: str, now: datetime
) -> None:
    """Have the link to all their choices mailed to a person, in the name of this newsletter."""
    session.add(
        MailRequest(
            kind=RequestKind.OWN_LINK,
            newsletter_id=newsletter.id,
            contact_id=contact.id,
            email="",
            name="",
            counted=False,
            again=False,
            network=digest(visitor),
            at=now,
        )
    )


def own_link_at(session: Session, address: Address, *, visitor: str, now: datetime) -> None:
    """The same for whoever is at an address, in the name of the first newsletter."""
    first = next(iter(listing(session)), None)
    if first is None:  # nobody gets anything
        return
    session.add(
        MailRequest(
            kind=RequestKind.OWN_LINK,
            newsletter_id=first.id,
            contact_id=None,
            email=address.wire,
            name="",
            counted=False,
            again=False,
            network=digest(visitor),
            at=now,
        )
    )


def answer_all(mailer: Mailer, *, now: datetime) -> None:
    """Decide about everything that waits, each in a transaction of its own.

    One that has a fault is dropped, and costs the others nothing: its person asks again.
    """
    with mailer.database.reading() as session:
        waiting = session.scalars(
            select(MailRequest.id).order_by(MailRequest.id).limit(_AT_ONCE)
        ).all()
    for request_id in waiting:
        try:
            with mailer.database.writing() as session:
                answer(session, mailer, request_id, now=now)
        except AWAY:
            raise
        except Exception:  # about this one only; whoever asked can ask again from the page
            log.exception("a mail that was asked for cannot be made", request=request_id)
            with mailer.database.writing() as session:
                session.execute(delete(MailRequest).where(MailRequest.id == request_id))


def answer(session: Session, mailer: Mailer, request_id: int, *, now: datetime) -> None:
    """Decide about one request, once, and post its mail where it may go."""
    asked = session.get(MailRequest, request_id, with_for_update=True)
    if asked is None:
        return
    session.delete(asked)
    match asked.kind:
        case RequestKind.CONFIRMATION:
            double_opt_in.ask(session, mailer, asked, now=now)
        case RequestKind.OWN_LINK:
            own_link.send(session, mailer, asked, now=now)
