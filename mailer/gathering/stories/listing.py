"""Requests as lists: whom each went to, and what became of it, person by person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from mailer.gathering.stories.choosing import WORDS, WhyNot
from mailer.models import (
    Campaign,
    DeliveryStatus,
    ReceiptKind,
    StoryAsk,
    StoryRequest,
    SystemMailReceipt,
)

_CAME_BACK: Final = (ReceiptKind.HARD_BOUNCED, ReceiptKind.SOFT_BOUNCED)


class AskState(StrEnum):
    """What became of asking somebody: exactly one of these."""

    NOT_SENT = "not sent"
    CAME_BACK = "came back"
    ASKED = "asked"
    LATE = "late"
    ANSWERED = "answered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class ListedAsk:
    """One person who was asked; ``trouble`` says why a mail did not reach them."""

    ask: StoryAsk
    state: AskState
    trouble: str


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request with how many asks there are of each state, and its issue if there is one."""

    request: StoryRequest
    counts: Mapping[AskState, int]
    issue: Campaign | None

    @property
    def silent(self) -> int:
        """How many have not answered."""
        return self.counts.get(AskState.ASKED, 0) + self.counts.get(AskState.LATE, 0)


def requests(
    session: Session, *, today: date, page: int, per_page: int
) -> tuple[list[ListedRequest], int]:
    """One page of the requests, the newest first, and how many there are."""
    total = session.scalar(select(func.count()).select_from(StoryRequest)) or 0
    found = session.scalars(
        select(StoryRequest)
        .order_by(StoryRequest.id.desc())
        .offset((page - 1) * per_page)
        .limit(per_page)
    ).all()
    asks = asks_of(session, [each.id for each in found], today=today)
    issues = _issues(session, found)
    return [
        ListedRequest(
            each,
            Counter(one.state for one in asks if one.ask.request_id == each.id),
            issues.get(each.campaign_id or 0),
        )
        for each in found
    ], total


def one(session: Session, request: StoryRequest, *, today: date) -> ListedRequest:
    """One request in the same form."""
    asks = asks_of(session, [request.id], today=today)
    issue = _issues(session, [request]).get(request.campaign_id or 0)
    return ListedRequest(request, Counter(each.state for each in asks), issue)


def asks_of(session: Session, request_ids: Sequence[int], *, today: date) -> list[ListedAsk]:
    """Everybody who was asked by these requests, in the order in which they were."""
    asks = session.scalars(
        select(StoryAsk)
        .where(StoryAsk.request_id.in_(request_ids))
        .options(
            joinedload(StoryAsk.request),
            joinedload(StoryAsk.contact),
            joinedload(StoryAsk.organisation),
            joinedload(StoryAsk.mail),
            joinedload(StoryAsk.item),
        )
        .order_by(StoryAsk.id)
    ).all()
    back = _came_back(session, asks)
    return [ListedAsk(each, *_state(each, back, today)) for each in asks]


def _state(asked: StoryAsk, back: set[int], today: date) -> tuple[AskState, str]:
    if asked.answered_at is not None:
        return AskState.ANSWERED, ""
    if asked.declined_at is not None:
        return AskState.DECLINED, ""
    if asked.left_out is not None:
        return AskState.NOT_SENT, WORDS[WhyNot(asked.left_out)]
    if asked.mail_id in back:
        return AskState.CAME_BACK, "the mail came back"
    if asked.mail is not None and asked.mail.status is DeliveryStatus.REFUSED:
        return AskState.CAME_BACK, "the mail was refused"
    late = today > asked.request.due_on
    return (AskState.LATE if late else AskState.ASKED), ""


def _came_back(session: Session, asks: Sequence[StoryAsk]) -> set[int]:
    mails = [each.mail_id for each in asks if each.mail_id is not None]
    query = select(SystemMailReceipt.notice_id).where(
        SystemMailReceipt.notice_id.in_(mails), SystemMailReceipt.kind.in_(_CAME_BACK)
    )
    return set(session.scalars(query))


def _issues(session: Session, requests: Sequence[StoryRequest]) -> dict[int, Campaign]:
    numbers = [each.campaign_id for each in requests if each.campaign_id is not None]
    query = (
        select(Campaign).where(Campaign.id.in_(numbers)).options(joinedload(Campaign.newsletter))
    )
    return {each.id: each for each in session.scalars(query)}
