"""Where the tests of an issue got to: on their way, with the receiver, refused, come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.models import DeliveryStatus, IssueTest, ReceiptKind, SystemMail, SystemMailReceipt
from mailer.notices.issue_test_copies import seen_as

LIVE_FOR: Final = timedelta(minutes=10)
_BOUNCED: Final = {
    ReceiptKind.HARD_BOUNCED,
    ReceiptKind.SOFT_BOUNCED,
    ReceiptKind.COMPLAINED,
    ReceiptKind.DELAYED,
}


@dataclass(frozen=True, slots=True)
class IssueTestState:
    """One test mail. ``reply`` is what the relay said, or why it waits; ``heard`` is what came
    back of it, if anything did, and ``detail`` the reason in the words of whoever reported it."""

    test: IssueTest
    address: str
    seen: str
    status: DeliveryStatus
    at: datetime
    due_at: datetime
    reply: str
    heard: ReceiptKind | None
    heard_at: datetime
    detail: str


def states_of(session: Session, campaign_id: int, *, most: int) -> list[IssueTestState]:
    """The newest tests of an issue."""
    rows = session.execute(
        select(IssueTest, SystemMail)
        .join(SystemMail, SystemMail.id == IssueTest.notice_id)
        .where(IssueTest.campaign_id == campaign_id)
        .order_by(IssueTest.id.desc())
        .limit(most)
    ).all()
    heard = {
        each.notice_id: each
        for each in session.scalars(
            select(SystemMailReceipt)
            .where(
                SystemMailReceipt.notice_id.in_([mail.id for _, mail in rows]),
                SystemMailReceipt.kind.in_(_BOUNCED),
            )
            .order_by(SystemMailReceipt.id)
        )
    }
    return [_state(session, test, mail, heard.get(mail.id)) for test, mail in rows]


def are_live(states: Sequence[IssueTestState], *, now: datetime) -> bool:
    """Whether more may be heard of them within minutes, so that whoever looks may wait for it."""
    return any(now - LIVE_FOR < each.test.at for each in states)


def _state(
    session: Session, test: IssueTest, mail: SystemMail, heard: SystemMailReceipt | None
) -> IssueTestState:
    return IssueTestState(
        test,
        mail.to_address,
        seen_as(session, test),
        mail.status,
        mail.changed_at,
        mail.due_at,
        mail.text or "",
        heard.kind if heard else None,
        heard.at if heard else mail.changed_at,
        (heard.detail or heard.reason or "") if heard else "",
    )
