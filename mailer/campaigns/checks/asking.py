"""Asks for the addresses of an issue in the background: some time after an edit, and before it is
approved. No transaction is open while servers are asked."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mailer.bootstrap import Mailer
from mailer.campaigns import due
from mailer.campaigns.checks.facts import digest_of
from mailer.campaigns.checks.reading import read_issue
from mailer.fetching.asking import AddressAnswer, Answered, AskingAllowance
from mailer.models import EDITABLE, Campaign, CheckedAddress, Step, StepKind

_FRESH: Final = timedelta(hours=1)
_IN_DOUBT: Final = timedelta(minutes=10)  # what did not work may have been mended since
_KEPT: Final = timedelta(days=90)
_AT_ONCE: Final = 100  # addresses of one run


def ask_soon(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Have them asked now: somebody is about to decide."""
    due.put(session, StepKind.ADDRESSES, campaign_id, due_at=now)


def awaiting(session: Session, *, now: datetime) -> list[int]:
    """The issues whose addresses are due."""
    query = select(Step.subject_id).where(
        Step.kind == StepKind.ADDRESSES, Step.done_at.is_(None), Step.due_at <= now
    )
    return list(session.scalars(query.order_by(Step.due_at).limit(_AT_ONCE)))


def ask_addresses(mailer: Mailer, campaign_id: int) -> int:
    """Ask for the addresses of an issue that nobody asked for lately; how many that were.

    What a run has no time for is left for the next one, a minute later.
    """
    began = mailer.clock()
    with mailer.database.reading() as session:
        urls = _to_ask(session, campaign_id, now=began)
    allowance = AskingAllowance()
    for url in urls[:_AT_ONCE]:
        answer = mailer.fetcher.ask(url, allowance=allowance)
        now = mailer.clock()
        with mailer.database.writing() as session:
            _keep(session, url, answer, now=now)
    with mailer.database.writing() as session:
        _done(session, campaign_id, began=began, now=mailer.clock(), more=len(urls) > _AT_ONCE)
    return min(len(urls), _AT_ONCE)


def _to_ask(session: Session, campaign_id: int, *, now: datetime) -> list[str]:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.status not in EDITABLE:
        return []
    urls = list(dict.fromkeys(url for _, url in read_issue(campaign.document).web_addresses))
    digests = [digest_of(url) for url in urls]
    kept = {
        each.url: each
        for each in session.scalars(
            select(CheckedAddress).where(CheckedAddress.digest.in_(digests))
        )
    }
    return [url for url in urls if url not in kept or _is_old(kept[url], now)]


def _is_old(kept: CheckedAddress, now: datetime) -> bool:
    fresh = _FRESH if kept.answered == Answered.FINE else _IN_DOUBT
    return not now - fresh < kept.checked_at <= now


def _keep(session: Session, url: str, answer: AddressAnswer, *, now: datetime) -> None:
    session.execute(delete(CheckedAddress).where(CheckedAddress.checked_at < now - _KEPT))
    kept = session.get(CheckedAddress, digest_of(url))
    if kept is None:
        kept = CheckedAddress(digest=digest_of(url), url=url)
        session.add(kept)
    kept.answered, kept.status = answer.answered.value, answer.status
    kept.sentence, kept.checked_at = answer.sentence, now


def _done(
    session: Session, campaign_id: int, *, began: datetime, now: datetime, more: bool
) -> None:
    """The step is done, unless an edit has put it off in the meantime."""
    values: dict[str, object] = {"done_at": now, "outcome": "asked"}
    if more:
        values = {"due_at": now + timedelta(minutes=1)}
    session.execute(
        update(Step)
        .where(
            Step.kind == StepKind.ADDRESSES,
            Step.subject_id == campaign_id,
            Step.done_at.is_(None),
            Step.due_at <= began,
        )
        .values(**values)
    )
